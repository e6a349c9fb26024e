package izadi2020natural

import (
	"fmt"
	"slices"
	"strconv"

	"breakeven/run"
	"breakeven/study"
)

var scales = []study.Scale{
	{Name: study.Test, Trials: test, Doc: "Seconds. Narrow networks for a few epochs: every part is there, and nothing is shown."},
	{Name: study.Demo, Trials: demo, Doc: "Under two minutes on two cores. Cora, which is in the program, with the public split: seven ways to train, five seeds each."},
	{Name: study.Small, Trials: small, Doc: "Under half an hour on two cores. Cora with its three splits, ten ways to train, five seeds each, and curves over ε. " +
		"It cuts: Citeseer and Pubmed; half of the seeds; most values of γ and all update periods but one."},
	{Name: study.Paper, Trials: full, Doc: "About ten hours on two cores. Cora and Citeseer with three splits, ten seeds each, and curves over ε, γ and the update " +
		"period. It cuts: Pubmed, whose features are not at hand; seven of ten seeds in the curves; six of ten values of γ."},
}

// A way is a way to train: the settings in which it differs from Adam.
type way func(s *run.Spec)

func adam(*run.Spec) {}

// sgd is the paper's: momentum 0.9, without weight decay.
func sgd(s *run.Spec) { s.Method, s.Momentum, s.WeightDecay = "momentum", 0.9, 0 }

// with returns a form of preconditioning, as released, with the damping ε.
func with(precondition string, epsilon float64) way {
	return func(s *run.Spec) {
		*s = s.With("precondition", precondition)
		*s = s.With("factors", "released")
		if epsilon != 0.01 {
			*s = s.With("damping", number(epsilon))
		}
	}
}

func predicted(gamma float64) way { return func(s *run.Spec) { *s = s.With("gamma", number(gamma)) } }

func every(steps int) way {
	return func(s *run.Spec) { *s = s.With("update_every", fmt.Sprint(steps)) }
}

func split(name string) way {
	return func(s *run.Spec) {
		if name != "public" {
			*s = s.With("graph_split", name)
		}
	}
}

func number(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// epsilons are the dampings of the released grid, γs and periods those of its other grids.
var (
	epsilons = []float64{0.001, 0.00215, 0.00464, 0.01, 0.0215, 0.0464, 0.1, 0.2154, 0.464, 1}
	gammas   = []float64{1, 2, 5, 10}
	periods  = []int{4, 8, 16, 32, 64, 128}
)

// cora is Adam on Cora, as released, with 64 hidden features.
func cora() run.Spec {
	s := run.Default()
	s.Data, s.Model, s.Method, s.LR, s.WeightDecay = "cora", "gcn", "adam", 0.01, 5e-4
	s.Batch, s.Epochs, s.Every, s.Probes = 0, 200, 2, []string{"loss"}
	s.Measure.L, s.Measure.M = 14, 10
	return s
}

// seeds returns the spec, changed in all given ways, with each of n seeds.
func seeds(s run.Spec, n int, ways ...way) []study.Trial {
	for _, change := range ways {
		change(&s)
	}
	var specs []run.Spec
	for seed := range n {
		s.Seed = uint64(seed)
		specs = append(specs, s)
	}
	return study.Trials(specs)
}

// finding are the ways that the demonstration compares.
var finding = [][]way{
	{adam}, {adam, with("kfac", 0.2154)}, {adam, predicted(1)}, {adam, with("kfac", 0.2154), predicted(1)},
	{sgd}, {sgd, with("kfac", 0.01)}, {sgd, with("steps", 0.01)},
}

// further are the other ways that are compared on each split.
var further = [][]way{
	{adam, with("kfac", 0.01)}, {sgd, predicted(1)}, {sgd, with("kfac", 0.01), predicted(1)},
}

func demo() (all []study.Trial) {
	s := cora()
	s.Every = 5
	for _, w := range finding {
		all = append(all, seeds(s, 5, w...)...)
	}
	return all
}

func test() (all []study.Trial) {
	s := cora()
	s = s.With("width", "4")
	s.Epochs, s.Every = 4, 2
	for _, w := range finding {
		all = append(all, seeds(s, 2, w...)...)
	}
	return append(all, alongTrials(s)...)
}

func small() (all []study.Trial) {
	for _, part := range splits {
		for _, w := range slices.Concat(finding, further) {
			all = append(all, seeds(cora(), 5, append([]way{split(part)}, w...)...)...)
		}
	}
	for _, e := range []float64{0.001, 0.0464, 1} {
		all = append(all, seeds(cora(), 3, adam, with("kfac", e))...)
		all = append(all, seeds(cora(), 3, sgd, with("kfac", e))...)
	}
	return append(all, alongTrials(cora())...)
}

var splits = []string{"public", "full", "complete"}

func full() (all []study.Trial) {
	for _, data := range []string{"cora", "citeseer"} {
		for _, part := range splits {
			s := cora()
			s.Data = data
			split(part)(&s)
			for _, w := range slices.Concat(finding, further) {
				all = append(all, seeds(s, 10, w...)...)
			}
			all = append(all, grids(s, adam)...)
			all = append(all, grids(s, sgd)...)
		}
	}
	return unique(append(all, alongTrials(cora())...))
}

// alongTrials are the methods whose curvature and noise are measured along the way.
func alongTrials(s run.Spec) (all []study.Trial) {
	s.Every, s.Probes = 10, []string{"loss", "k", "h", "edge"}
	for _, w := range [][]way{{adam}, {adam, with("kfac", 0.2154)}, {sgd}, {sgd, with("kfac", 0.01)}} {
		all = append(all, seeds(s, 1, w...)...)
	}
	return all
}

// grids are those over ε, γ and the update period.
func grids(s run.Spec, method way) (all []study.Trial) {
	for _, e := range epsilons {
		all = append(all, seeds(s, 3, method, with("kfac", e))...)
	}
	for _, g := range gammas {
		all = append(all, seeds(s, 3, method, predicted(g))...)
		all = append(all, seeds(s, 3, method, with("kfac", 0.01), predicted(g))...)
	}
	for _, p := range periods {
		all = append(all, seeds(s, 3, method, with("kfac", 0.01), every(p))...)
	}
	return all
}

// unique leaves out trials that stand there already.
func unique(all []study.Trial) (list []study.Trial) {
	seen := map[string]bool{}
	for _, t := range all {
		if id := t.Spec.ID(); !seen[id] {
			seen[id] = true
			list = append(list, t)
		}
	}
	return list
}
