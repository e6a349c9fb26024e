package guo2020trojannet

import (
	"math"
	"slices"

	"breakeven/study"
)

// capacity draws the accuracies of each task over how many networks have the same weights, for each
// model of which several groups were trained.
func capacity(list []*Setting) []study.Group {
	f := study.Figure{Name: "capacity", Title: "How many networks one set of weights holds", X: "networks in one set of weights", Y: "validation accuracy (%)",
		Caption: "Means over groups and seeds, with the deviation: each with a permutation of its own, and with the weights as they are (dashed)."}
	var models, names []string
	for _, s := range list {
		if s.Way == permuted && !slices.Contains(models, s.Model) {
			models = append(models, s.Model)
		}
		for _, task := range s.Tasks {
			if !slices.Contains(names, task) {
				names = append(names, task)
			}
		}
	}
	for _, model := range models {
		for i, task := range names {
			for _, w := range []string{permuted, shared} {
				c := holding(list, model, task, w)
				c.Name, c.Colour, c.Dashed = task, i+1, w == shared
				if len(models) > 1 {
					c.Name = model + ": " + task
				}
				if w == shared {
					c.Name, c.Unlisted = c.Name+", "+w, true
				}
				if len(c.X) > 2 {
					f.Curves = append(f.Curves, c)
				}
			}
		}
	}
	if len(f.Curves) == 0 {
		return nil
	}
	return []study.Group{{Title: f.Title, Figures: []study.Figure{f}}}
}

// holding returns the accuracies of a task alone and in groups of a way, over their sizes.
func holding(list []*Setting, model, task, way string) (c study.Curve) {
	bySize := map[int][]float64{}
	for _, s := range list {
		k := slices.Index(s.Tasks, task)
		if k < 0 || s.Model != model || s.Way != way && s.Way != alone {
			continue
		}
		for _, end := range s.ends {
			bySize[len(s.Tasks)] = append(bySize[len(s.Tasks)], end[k])
		}
	}
	for size := 1; len(bySize) > 0; size++ {
		values := bySize[size]
		delete(bySize, size)
		slices.Sort(values)
		if m := study.SampleOf(values); m.Known() {
			c.X, c.Y = append(c.X, float64(size)), append(c.Y, m.Mean)
			c.Lo, c.Hi = append(c.Lo, m.Mean-m.Deviation), append(c.Hi, m.Mean+m.Deviation)
		}
	}
	return c
}

// learning draws the validation accuracies of the first pair along training.
func learning(list []*Setting, runs []study.Run) []study.Group {
	at := slices.IndexFunc(list, func(s *Setting) bool { return s.Way == permuted && len(s.Tasks) == 2 })
	if at < 0 {
		return nil
	}
	pair := list[at]
	f := study.Figure{Name: "two_networks", Title: "Two networks in one set of weights", X: "epoch", Y: "validation accuracy (%)",
		Caption: "Means over the seeds: carrier and secret network in one set of weights and trained alone (dashed), and what the best of 20 other keys reads."}
	for k, task := range pair.Tasks {
		f.Curves = append(f.Curves, along(pair, runs, k+1, task+", "+permuted, func(r study.Run, n int) float64 { return accuracies(r.Spec, r.Records[n])[k] }))
		if own := find(list, pair.Model, []string{task}, alone); own != nil {
			c := along(own, runs, k+1, task+", "+alone, func(r study.Run, n int) float64 { return accuracies(r.Spec, r.Records[n])[0] })
			c.Dashed = true
			f.Curves = append(f.Curves, c)
		}
	}
	f.Curves = append(f.Curves, along(pair, runs, 3, "other keys", func(r study.Run, n int) float64 {
		if v, ok := r.Records[n].Get("other_key_accuracy"); ok && len(v.Vector) > 0 {
			return 100 * slices.Max(v.Vector)
		}
		return math.NaN()
	}))
	return []study.Group{{Title: f.Title, Figures: []study.Figure{f}}}
}

// along returns the mean over the seeds of a number of the records of a setting.
func along(s *Setting, runs []study.Run, colour int, name string, of func(r study.Run, n int) float64) study.Curve {
	c := study.Curve{Name: name, Colour: colour}
	for n := 0; ; n++ {
		var x []float64
		epoch := 0.0
		for _, at := range s.places() {
			if n < len(runs[at].Records) {
				x = append(x, of(runs[at], n))
				epoch = runs[at].Records[n].Epoch
			}
		}
		if len(x) == 0 {
			return c
		}
		if m := study.SampleOf(x); m.Known() {
			c.X, c.Y = append(c.X, epoch), append(c.Y, m.Mean)
			c.Lo, c.Hi = append(c.Lo, m.Mean-m.Deviation), append(c.Hi, m.Mean+m.Deviation)
		}
	}
}
