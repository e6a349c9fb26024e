package liu2018flight

import (
	"strconv"

	"breakeven/run"
	"breakeven/study"
)

var scales = []study.Scale{
	{Name: study.Test, Trials: test, Doc: "Seconds. A narrow network for a few epochs: every part is there, and nothing is shown."},
	{Name: study.Demo, Trials: demo, Doc: "Under two minutes on two cores. Twenty flights from Houston to Boston, which are in the program: with and without a drift " +
		"of states, three seeds each, and three learning rates with curvature and noise along the way."},
	{Name: study.Small, Trials: small, Doc: "Under half an hour on two cores. The same flights and the published width: drifts of 0 to 6 nmi and changes or states as " +
		"targets, three seeds each, and four learning rates with two batch sizes. It cuts: all flights that are not public."},
	{Name: study.Paper, Trials: full, Doc: "A few hours on two cores. As small, with ten seeds and 800 epochs. The 1,679 flights of the paper are not public: of the 169 that " +
		"are, docs/results/flights.md has the commands."},
}

// sample is Adam on the flights that are in the program.
func sample(units, epochs int) run.Spec {
	s := run.Default()
	s.Data, s.Model, s.Method, s.LR, s.Clip = "iah-bos-sample", "deeptp", "adam", 0.001, 5
	s.Batch, s.Epochs, s.Every, s.Probes = 5, float64(epochs), max(1, 3*epochs/20), []string{"loss"}
	s.Measure.L, s.Measure.M, s.Measure.Examples, s.Measure.PerExample = 5, 3, 15, 15
	s = s.With("targets", "change").With("dropout", "0.2")
	if units != 128 {
		s = s.With("units", strconv.Itoa(units))
	}
	return s
}

// drifting returns the spec with a drift in nautical miles, which 0 leaves out.
func drifting(s run.Spec, drift float64) run.Spec {
	if drift == 0 {
		return s
	}
	return s.With("drift", strconv.FormatFloat(drift, 'g', -1, 64))
}

// seeds returns the spec with each of n seeds.
func seeds(s run.Spec, n int) []study.Trial {
	var specs []run.Spec
	for seed := range n {
		s.Seed = uint64(seed)
		specs = append(specs, s)
	}
	return study.Trials(specs)
}

// along returns the spec with each learning rate, and what is measured of the surface.
func along(s run.Spec, rates ...float64) (all []study.Trial) {
	s.Probes, s.Every = []string{"loss", "k", "examples", "h", "edge"}, 2*s.Every
	for _, s.LR = range rates {
		all = append(all, seeds(s, 1)...)
	}
	return all
}

func test() []study.Trial {
	s := sample(4, 4)
	s.Every = 6
	return append(append(seeds(s, 2), seeds(drifting(s, 3), 2)...), along(s, 0.001, 0.01)...)
}

func demo() []study.Trial {
	s := sample(64, 120)
	return append(append(seeds(s, 3), seeds(drifting(s, 3), 3)...), along(s, 3e-4, 1e-3, 3e-3)...)
}

func small() []study.Trial { return grid(sample(128, 300), 3) }

func full() []study.Trial { return grid(sample(128, 800), 10) }

// grid are drifts and targets with n seeds, and learning rates and batch sizes.
func grid(s run.Spec, n int) (all []study.Trial) {
	for _, drift := range []float64{0, 1.5, 3, 6} {
		all = append(all, seeds(drifting(s, drift), n)...)
	}
	absolute := s
	absolute.More = map[string]string{"dropout": "0.2"}
	all = append(all, seeds(absolute, n)...)
	for _, s.Batch = range []int{5, 15} {
		all = append(all, along(s, 3e-4, 1e-3, 3e-3, 6e-3)...)
	}
	return all
}
