package liu2018flight

import (
	"encoding/json"
	"math"
	"slices"

	"breakeven/internal/digits"
	"breakeven/run"
	"breakeven/study"
)

// A Setting is what the runs of one way to train show, over their seeds, at their ends.
type Setting struct {
	Name  string   `json:"name"`
	Spec  run.Spec `json:"spec"` // of the first seed
	Runs  int      `json:"runs"`
	Track Sample   `json:"valid_track_error"` // nmi
	Step  Sample   `json:"valid_step_error"`  // nmi
	Loss  Sample   `json:"loss"`
	Valid Sample   `json:"valid_loss"`
}

// A Sample is a mean and the deviation of single values.
type Sample struct {
	Mean, Deviation float64
	N               int
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
		s.Seed, s.More = 0, without(s.More, "fold")
		key := s.ID()
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
		s.Track, s.Step, s.Loss, s.Valid = sampleOf(v[0]), sampleOf(v[1]), sampleOf(v[2]), sampleOf(v[3])
	}
	return list
}

// without returns the fields but those that are named.
func without(more map[string]string, names ...string) map[string]string {
	rest := map[string]string{}
	for k, v := range more {
		if !slices.Contains(names, k) {
			rest[k] = v
		}
	}
	return rest
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

// sampleOf returns mean and deviation, that with N − 1.
func sampleOf(x []float64) Sample {
	s := Sample{N: len(x)}
	for _, v := range x {
		s.Mean += v / float64(len(x))
	}
	for _, v := range x {
		s.Deviation += (v - s.Mean) * (v - s.Mean) / float64(max(1, len(x)-1))
	}
	s.Deviation = math.Sqrt(s.Deviation)
	return s
}

// below reports whether the mean is below another one by more than twice the standard error of
// their difference, of two runs at least.
func (s Sample) below(other Sample) bool {
	if s.N < 2 || other.N < 2 {
		return false
	}
	e := math.Sqrt(s.Deviation*s.Deviation/float64(s.N) + other.Deviation*other.Deviation/float64(other.N))
	return other.Mean-s.Mean > 2*e
}

// String returns "52 ± 4", or a dash.
func (s Sample) String() string {
	switch s.N {
	case 0:
		return study.Empty
	case 1:
		return digits.Significant(s.Mean, 3)
	}
	return digits.Measured(s.Mean, s.Deviation)
}

// MarshalJSON writes mean, deviation and number, or null.
func (s Sample) MarshalJSON() ([]byte, error) {
	if s.N == 0 {
		return []byte("null"), nil
	}
	return json.Marshal(map[string]any{"mean": s.Mean, "deviation": s.Deviation, "n": s.N})
}
