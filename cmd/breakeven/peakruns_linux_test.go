package main

import (
	"fmt"
	"regexp"
	"strings"

	"breakeven/internal/testenv"
	"breakeven/probe"
)

// peakRuns returns the runs of TestPeak.
func peakRuns() (runs [][]string) {
	add := func(line string) { runs = append(runs, strings.Fields(line)) }
	const (
		tiny  = "run --model tiny --steps 2 --every 1 --examples 200 --per-example 200 --valid 100"
		small = " --steps 1 --every 1 --batch 16 --l 4 --m 16 --examples 64 --per-example 64 --valid 50"
		texts = "run --model lstm --data imdb --data-dir shared --length 40 --vocabulary 5000"
	)
	add(tiny + " --probe loss,k,examples,h,stability,step")
	add("run --model mlp" + small + " --probe loss,k,h5,density --tolerance 1e-6 --method nesterov --momentum 0.9")
	add("run --model simplecnn --steps 1 --every 1 --l 2 --m 128 --examples 32 --valid 50 --probe k,trace")
	add("run --model simplecnn-bn" + small + " --probe loss,k,sharpness,step --method adam")
	if !testenv.Long() {
		return runs
	}
	add(tiny + " --probe loss,k,examples --method adam --augment")
	add("run --model simplecnn" + small + " --probe loss,examples,step,ntk --method momentum --momentum 0.9")
	add("run --model tiny --steps 1 --every 1 --m 128 --examples 130 --valid 50 --probe trace,step")
	add("run --model tiny --steps 1 --every 1 --m 128 --examples 32 --valid 50 --probe step")
	add(texts + small + " --probe loss,step --method adam")
	line := func(m string, n int) string { // with minibatches of K that are smaller than the set, and larger
		size := either(n == 32 || n == 130, "128", "16")
		return fmt.Sprintf("run --model %s --steps 1 --every 1 --l 4 --m %s --examples %d --per-example %d --valid 50 --probe ", m, size, n, n)
	}
	eachSize(func(m string, n int, probes string) { add(line(m, n) + probes) })
	for _, m := range peakModels {
		for _, method := range []string{"momentum --momentum 0.9", "nesterov --momentum 0.9", "adam"} {
			add(line(m, 64) + "loss,step --method " + method)
		}
	}
	for _, probes := range peakProbes {
		add(texts + small + " --probe " + probes)
	}
	add("run --model tiny --steps 2 --every 1 --examples 1000 --per-example 1000 --probe loss,k,examples --method adam")
	for _, l := range []int{2, 10, 100} {
		add(fmt.Sprintf("run --model mlp --steps 1 --every 1 --m 8 --probe loss,k --examples 100 --l %d", l))
	}
	return runs
}

// What the long form measures: models of each kind, with each probe and some together.
var (
	peakModels = []string{"tiny", "mlp", "simplecnn", "simplecnn-bn", "resnet32"}
	peakProbes = append(probe.Names(), "loss,k", "loss,k,h", "loss,k,examples,step", "loss,h,stability,step",
		"loss,k,sharpness,bn", "trace,step", strings.Join(probe.Names(), ","))
	// of these, some take minutes if network and set are large
	slowProbes = regexp.MustCompile("h5|trace|density")
)

// eachSize calls f for these models and probes, and sets of several sizes.
func eachSize(f func(model string, n int, probes string)) {
	for _, m := range peakModels {
		for _, n := range []int{32, 64, 130, 500} {
			for _, probes := range peakProbes {
				slow := slowProbes.MatchString(probes) && m != "tiny" && m != "mlp"
				if !slow || n < 100 || m == "simplecnn" && n < 500 {
					f(m, n, probes)
				}
			}
		}
	}
}

// longMeasurements returns those of the long form.
func longMeasurements() (lines []string) {
	eachSize(func(m string, n int, probes string) {
		lines = append(lines, fmt.Sprintf("measure --model %s --examples 0:%d --minibatches %s --batch 16 --tolerance 1e-2 --probe %s --weights %s.safetensors",
			m, n, either(n == 130, "5", "4"), probes, m))
	})
	for _, l := range []int{2, 10, 50, 250, 500} {
		lines = append(lines, fmt.Sprintf("measure --model tiny --examples 0:500 --probe loss,k --minibatches %d", l))
	}
	for _, n := range []int{1, 10, 50, 100} {
		lines = append(lines, fmt.Sprintf("measure --model tiny --examples 0:100 --probe loss,ntk --ntk %d", n))
	}
	return lines
}
