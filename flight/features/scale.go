package features

import "math"

// A Scale makes numbers of mean 0 and standard deviation 1 of features. Targets have the scale of
// the states' columns or, if they say how these change, their own.
type Scale struct {
	Mean, Std             [Inputs]float64
	PlanMean, PlanStd     [Points]float64
	Change                bool             // as Options.Change
	ChangeMean, ChangeStd [Targets]float64 // of targets then
}

// OfTarget returns mean and standard deviation of number i of targets.
func (s *Scale) OfTarget(i int) (mean, std float64) {
	if s.Change {
		return s.ChangeMean[i], s.ChangeStd[i]
	}
	return s.Mean[column[i]], s.Std[column[i]]
}

// Fit returns the scale of examples: means and standard deviations over all their states and
// waypoints, unknown numbers apart. A column without spread has the standard deviation 1.
func Fit(examples []*Example) Scale {
	var s Scale
	for j := range Inputs {
		s.Mean[j], s.Std[j] = moments(examples, func(e *Example) []float64 { return e.Input }, j, Inputs)
	}
	s.Change = len(examples) > 0 && examples[0].Change
	for i := range Targets {
		s.ChangeMean[i], s.ChangeStd[i] = moments(examples, func(e *Example) []float64 { return e.Target }, i, Targets)
	}
	for j := range Points {
		s.PlanMean[j], s.PlanStd[j] = moments(examples, func(e *Example) []float64 { return e.Plan }, j, Points)
	}
	return s
}

// moments returns mean and standard deviation of column j of matrices with the given columns.
func moments(examples []*Example, of func(*Example) []float64, j, columns int) (mean, std float64) {
	n, sum := 0, 0.0
	each := func(f func(float64)) {
		for _, e := range examples {
			x := of(e)
			for i := j; i < len(x); i += columns {
				if !math.IsNaN(x[i]) {
					f(x[i])
				}
			}
		}
	}
	each(func(x float64) { n++; sum += x })
	if n == 0 {
		return 0, 1
	}
	mean, sum = sum/float64(n), 0
	each(func(x float64) { sum += (x - mean) * (x - mean) })
	if std = math.Sqrt(sum / float64(n)); std == 0 {
		std = 1
	}
	return mean, std
}

// column returns which column of a state a column of a target is.
var column = [Targets]int{0, 1, 2, 4, 5}

// Apply returns an example with its numbers scaled; unknown ones are 0.
func (s *Scale) Apply(e *Example) *Example {
	scaled := &Example{Origin: e.Origin, Change: e.Change}
	for i, x := range e.Input {
		scaled.Input = append(scaled.Input, standard(x, s.Mean[i%Inputs], s.Std[i%Inputs]))
	}
	for i, x := range e.Target {
		mean, std := s.OfTarget(i % Targets)
		scaled.Target = append(scaled.Target, standard(x, mean, std))
	}
	for i, x := range e.Plan {
		scaled.Plan = append(scaled.Plan, standard(x, s.PlanMean[i%Points], s.PlanStd[i%Points]))
	}
	return scaled
}

func standard(x, mean, std float64) float64 {
	if math.IsNaN(x) {
		return 0
	}
	return (x - mean) / std
}

// State returns a scaled state of an unscaled one, as Apply does.
func (s *Scale) State(state [Inputs]float64) (scaled [Inputs]float32) {
	for i, x := range state {
		scaled[i] = float32(standard(x, s.Mean[i], s.Std[i]))
	}
	return scaled
}

// Target returns an unscaled target, with position and altitude themselves, of a scaled one that
// follows an unscaled state.
func (s *Scale) Target(scaled [Targets]float64, state [Inputs]float64) (target [Targets]float64) {
	for i := range target {
		mean, std := s.OfTarget(i)
		target[i] = mean + std*scaled[i]
		if s.Change && i < still {
			target[i] += state[i]
		}
	}
	return target
}
