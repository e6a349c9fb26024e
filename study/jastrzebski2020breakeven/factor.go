package jastrzebski2020breakeven

import (
	"breakeven/run"
	"breakeven/study"
)

// factor varies one setting at a time of what K is measured on, and of the network: what the largest λ_K¹ depends on
// besides η and S. The first row is the base.
func factor() []study.Trial {
	base := cifar10("simplecnn", []string{"loss", "k"})
	base.LR, base.Epochs, base.Every, base.Measure.Examples = 0.1, 6, 88, 1000 // a quarter of an epoch
	vary := []func(s *run.Spec){
		func(*run.Spec) {},
		func(s *run.Spec) { s.Measure.Augment = true },
		func(s *run.Spec) { s.Measure.L = 100 },
		func(s *run.Spec) { s.Measure.M = 32 },
		func(s *run.Spec) { *s = s.With("padding", "valid") },
		func(s *run.Spec) { s.Init = "he" },
		func(s *run.Spec) { s.Preprocess = "channel" },
		func(s *run.Spec) { s.Augment = false },
		func(s *run.Spec) { s.Every = 22 },
		func(s *run.Spec) { s.Epochs = 20 },
	}
	var trials []study.Trial
	for seed := range uint64(3) {
		for _, f := range vary {
			s := base
			s.Seed = seed
			f(&s)
			trials = append(trials, study.Trial{Spec: s})
		}
	}
	return trials
}
