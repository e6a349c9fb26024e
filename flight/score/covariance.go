package score

import (
	"math"

	"breakeven/flight"
	"breakeven/flight/geodesy"
	"breakeven/flight/tracks"
)

// fewest is how many flights must reach a step for its covariance to be measured.
const fewest = 10

// Covariance returns, by step, the mean products of the errors of the five numbers of a state, in
// their units, over the first alternatives of predictions. A step that fewer than ten of them reach
// has the covariance of the step before; if that is the first one, there are none. What concerns
// unknown altitudes is 0.
func Covariance(list []flight.Prediction) [][5][5]float64 {
	var sums [][5][5]float64
	var counts []float64
	for _, p := range list {
		if len(p.Alternatives) == 0 || p.Known < 1 || p.Known > len(p.Fixes) {
			continue
		}
		last, end := p.Fixes[p.Known-1], p.Fixes[len(p.Fixes)-1].Time
		for k, s := range p.Alternatives[0].States {
			if k == len(sums) {
				sums, counts = append(sums, [5][5]float64{}), append(counts, 0)
			}
			if s.Time > end {
				continue
			}
			truth := tracks.At(p.Track, s.Time)
			off := difference(s, truth, last)
			last = truth
			counts[k]++
			for a := range off {
				for b := range off {
					sums[k][a][b] += off[a] * off[b]
				}
			}
		}
	}
	return means(sums, counts)
}

// difference is a state less where the track was, after a fix a step before.
func difference(s flight.State, truth, before flight.Fix) [5]float64 {
	dt := truth.Time - before.Time
	return [5]float64{
		s.Mean[0] - truth.Lat, geodesy.Wrap(s.Mean[1] - truth.Lon), s.Mean[2] - truth.Alt,
		s.Mean[3] - (truth.Lat-before.Lat)/dt, s.Mean[4] - geodesy.Wrap(truth.Lon-before.Lon)/dt,
	}
}

func means(sums [][5][5]float64, counts []float64) [][5][5]float64 {
	for k := range sums {
		if counts[k] < fewest {
			if k == 0 {
				return nil
			}
			sums[k] = sums[k-1]
			continue
		}
		for a := range 5 {
			for b := range 5 {
				if sums[k][a][b] /= counts[k]; math.IsNaN(sums[k][a][b]) {
					sums[k][a][b] = 0
				}
			}
		}
	}
	return sums
}
