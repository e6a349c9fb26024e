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

// settings puts runs that differ in nothing but the seed, the fold, and in what is measured,
// together, in their order. Of two runs that differ in what is measured alone the first counts.
func settings(runs []study.Run) []Setting {
	var list []Setting
	var values [][4][]float64
	index, seen := map[string]int{}, map[string]bool{}
	for _, r := range runs {
		s := r.Spec
		s.Probes, s.Every = nil, 0
		if id := s.ID(); seen[id] {
			continue
		} else {
			seen[id] = true
		}
		s.Seed = 0
		key := s.With("fold", "").ID()
		if _, ok := index[key]; !ok {
			index[key] = len(list)
			list, values = append(list, Setting{Name: label(r.Spec), Spec: r.Spec}), append(values, [4][]float64{})
		}
		i := index[key]
		list[i].Runs++
		for k, name := range []string{"valid_track_error", "valid_step_error", "loss", "valid_loss"} {
			if v, ok := last(r, name); ok {
				values[i][k] = append(values[i][k], v)
			}
		}
	}
	for i := range list {
		s, v := &list[i], values[i]
		s.Track, s.Step, s.Loss, s.Valid = study.SampleOf(v[0]), study.SampleOf(v[1]), study.SampleOf(v[2]), study.SampleOf(v[3])
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
