package task

import (
	"math"

	"breakeven/flight"
	"breakeven/flight/predict"
	"breakeven/flight/score"
	"breakeven/flight/search"
	"breakeven/nn"
	"breakeven/run"

	"gonum.org/v1/gonum/stat"
)

// knownFixes is how many fixes of a flight are known where tracks are predicted along a run.
const knownFixes = 20

// trackError returns what evaluates the rest of the tracks of validation flights; nil if none is
// long enough.
func (f *Flights) trackError(s run.Spec, net *nn.Network) func([]float32, func() error) ([]run.Value, error) {
	list, o := f.predictable(s), f.greedy()
	if len(list) == 0 {
		return nil
	}
	var w predict.Weather
	if m := f.Set.Weather(); m != nil {
		w = m
	}
	return func(theta []float32, stop func() error) ([]run.Value, error) {
		n, err := f.Net(s, predict.Tensors(net.Params(), theta))
		if err != nil {
			return nil, err
		}
		results, err := n.Predict(list, knownFixes, w, o, stop)
		if err != nil {
			return nil, err
		}
		var means []float64
		sum, points := 0.0, 0.0
		for _, r := range results {
			errors := score.Of(r.Prediction, score.Options{}).Errors
			mean := 0.0
			for _, e := range errors {
				sum, points = sum+e.Horizontal, points+1
				mean += e.Horizontal / float64(len(errors))
			}
			if len(errors) > 0 {
				means = append(means, mean)
			}
		}
		if points == 0 {
			return nil, nil
		}
		v := run.Value{Key: "valid_track_error", Value: sum / points, How: run.How{Examples: len(means), Method: "from the network's own predictions, one beam"}}
		if len(means) > 1 {
			v.Sample, v.How.Sampling = stat.StdDev(means, nil)/math.Sqrt(float64(len(means))), "means of flights"
		}
		return []run.Value{v}, nil
	}
}

// trackBytes returns the memory that trackError takes.
func (f *Flights) trackBytes(s run.Spec, net *nn.Network) (int64, error) {
	list := f.predictable(s)
	if len(list) == 0 {
		return 0, nil
	}
	n, err := f.Net(s, predict.Tensors(net.Params(), nil))
	if err != nil {
		return 0, err
	}
	_, points := f.Set.Longest()
	return n.Memory(len(list), points, f.Set.Weather() != nil, f.greedy())
}

// predictable returns the validation flights that are long enough to be predicted.
func (f *Flights) predictable(s run.Spec) []flight.Flight {
	if s.Model != predict.Model {
		return nil
	}
	var list []flight.Flight
	for _, i := range f.Valid {
		if w := f.Set.Whole[i]; len(w.Fixes) > knownFixes {
			list = append(list, w)
		}
	}
	return list
}

// greedy is a search with one beam, which takes little time.
func (f *Flights) greedy() search.Options {
	o := search.Default()
	o.Beams, o.Weight, o.Unfiltered = 1, 1, true
	if f.Set.Step > 0 {
		o.Filter.Step = f.Set.Step
	}
	return o
}
