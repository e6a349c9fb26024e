package predict

import (
	"math"

	"breakeven/flight/features"
	"breakeven/flight/filter"
	"breakeven/flight/geodesy"
	"breakeven/flight/search"
	"breakeven/nn"
	"breakeven/tensor"
)

// give computes the densities after the rows.
func (s *stepper) give(density [][]search.Component) {
	size := s.Mixture.Outputs()
	z := s.step.Output(0)
	tensor.Parallel(len(s.rows), func(i int) {
		s.normals[i] = s.Mixture.Decode(s.normals[i], z[i*size:(i+1)*size])
		for k := range s.normals[i] {
			s.component(&density[i][k], &s.normals[i][k], &s.rows[i])
		}
	})
}

// component writes a component in the units of the search.
func (s *stepper) component(dst *search.Component, c *nn.Normal, r *row) {
	places := [...]int{0, 1, 2, 3, 4} // of the network's numbers in a state
	if !s.vertical() {
		places = [...]int{0, 1, 3, 4, -1}
	}
	units := filter.Vector{1, 1, 100, 1, 1}
	var mean [features.Targets]float64
	var factor filter.Matrix
	dst.LogWeight, dst.LogPeak = c.LogWeight, -float64(len(c.Mean))/2*math.Log(2*math.Pi)
	factor[2][2] = 1 // of an altitude that is not predicted
	for i := range c.Mean {
		at := places[i]
		mean[at] = c.Mean[i]
		dst.LogPeak -= math.Log(c.L[i][i])
		_, std := s.Scale.OfTarget(at)
		for j := range i + 1 {
			factor[at][places[j]] = c.L[i][j] * std * units[at]
		}
	}
	o := r.flight.Origin
	mean = s.Scale.Target(mean, r.state)
	dst.Mean = filter.Vector{o.Lat + mean[0], geodesy.Wrap(o.Lon + mean[1]), mean[2] * 100, mean[3], mean[4]}
	for i := range dst.Cov {
		for j := range dst.Cov[i] {
			sum := 0.0
			for k := range min(i, j) + 1 {
				sum += factor[i][k] * factor[j][k]
			}
			dst.Cov[i][j] = sum
		}
	}
}
