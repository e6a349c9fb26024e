package izadi2020natural

import (
	"math"

	"breakeven/run"
	"breakeven/study"
)

// A Setting is what the runs of one way to train show, over their seeds.
type Setting struct {
	Name     string       `json:"name"`
	Spec     run.Spec     `json:"spec"` // of the first seed
	Runs     int          `json:"runs"`
	Accuracy study.Sample `json:"test_accuracy"` // where the validation loss is least, in percent
	Valid    study.Sample `json:"least_valid_loss"`
	Steps    study.Sample `json:"steps_to_loss"` // until the training loss is below 1
	places   []int        // of its runs
}

// lossLine is the training loss whose first passing is counted: about half of that of a network
// that knows nothing, log 7 on Cora.
const lossLine = 1

// settings puts the seeds of each setting together.
func settings(runs []study.Run) []Setting {
	var list []Setting
	for _, places := range study.Settings(runs) {
		one := Setting{Spec: runs[places[0]].Spec, Runs: len(places), places: places}
		one.measure(runs)
		list = append(list, one)
	}
	name(list)
	return list
}

// measure reads the records of the setting's runs.
func (s *Setting) measure(runs []study.Run) {
	var accuracy, valid, steps []float64
	for _, place := range s.places {
		best, at := math.Inf(1), math.NaN()
		passed := math.NaN()
		for _, rec := range runs[place].Records {
			if v, ok := rec.Get("valid_loss"); ok && v.Value < best {
				best = v.Value
				if a, ok := rec.Get("test_accuracy"); ok {
					at = 100 * a.Value
				}
			}
			if l, ok := rec.Get("loss"); ok && l.Value < lossLine && math.IsNaN(passed) {
				passed = float64(rec.Step)
			}
		}
		accuracy, valid, steps = append(accuracy, at), append(valid, best), append(steps, passed)
	}
	s.Accuracy, s.Valid, s.Steps = study.SampleOf(accuracy), study.SampleOf(valid), study.SampleOf(steps)
}
