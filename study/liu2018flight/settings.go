package liu2018flight

import (
	"math"
	"slices"

	"breakeven/run"
	"breakeven/study"
)

// A Setting is what the runs of one way to train show, over their seeds, at their ends.
type Setting struct {
	Name  string       `json:"name"`
	Spec  run.Spec     `json:"spec"` // of the first seed
	Runs  int          `json:"runs"`
	Track study.Sample `json:"valid_track_error"` // nmi
	Step  study.Sample `json:"valid_step_error"`  // nmi
	Loss  study.Sample `json:"loss"`
	Valid study.Sample `json:"valid_loss"`
}

// settings puts the seeds and folds of each setting together.
func settings(runs []study.Run) []Setting {
	var list []Setting
	for _, places := range study.Settings(runs, "fold") {
		first := runs[places[0]].Spec
		ends := func(key string) study.Sample {
			var values []float64
			for _, place := range places {
				if v, ok := last(runs[place], key); ok {
					values = append(values, v)
				}
			}
			return study.SampleOf(values)
		}
		list = append(list, Setting{Name: label(first), Spec: first, Runs: len(places),
			Track: ends("valid_track_error"), Step: ends("valid_step_error"), Loss: ends("loss"), Valid: ends("valid_loss")})
	}
	return list
}

// last returns the last finite value of a key.
func last(r study.Run, key string) (float64, bool) {
	for _, rec := range slices.Backward(r.Records) {
		if v, ok := rec.Get(key); ok && !math.IsNaN(v.Value) && !math.IsInf(v.Value, 0) {
			return v.Value, true
		}
	}
	return 0, false
}
