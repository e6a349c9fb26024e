package trial

import (
	"math"
	"slices"
	"time"

	"breakeven/probe"
)

// A clock estimates how much of a run is done from what steps and measurements
// have taken so far.
type clock struct {
	start               time.Time
	steps, measurements int     // of the whole run
	stepTime, probeTime float64 // seconds, running means
	stepsDone, probed   int     // by this process
	part                float64 // last answer: bars do not go back
}

// begin starts the clock; guess is the cost of a measurement in steps.
func (c *clock) begin(steps, measurements int, guess float64) {
	*c = clock{start: time.Now(), steps: steps, measurements: measurements, stepTime: 1, probeTime: guess}
}

func (c *clock) step(d time.Duration) {
	c.stepsDone++
	c.stepTime = mean(c.stepTime, d.Seconds(), c.stepsDone, &c.probeTime, c.probed)
}

func (c *clock) measured(d time.Duration) {
	c.probed++
	c.probeTime = mean(c.probeTime, d.Seconds(), c.probed, &c.stepTime, c.stepsDone)
}

// mean adds the n-th observation to a running mean. The first one replaces the
// guess, and rescales the other mean where that is still a guess.
func mean(m, x float64, n int, other *float64, seen int) float64 {
	if n == 1 {
		if seen == 0 {
			*other *= x / m
		}
		return x
	}
	return m + (x-m)/math.Min(float64(n), 20)
}

// done notes that so many steps and measurements of the run are done, and
// returns which part of the work that is.
func (c *clock) done(steps int, measurements float64) float64 {
	work := func(steps, measurements float64) float64 { return steps*c.stepTime + measurements*c.probeTime }
	part := work(float64(steps), measurements) / work(float64(c.steps), float64(c.measurements))
	c.part = math.Max(c.part, math.Min(1, part))
	return c.part
}

// measurements returns how many measurements belong to steps before the given
// one.
func (t *descent) measurements(before int) int {
	if before == 0 {
		return 0
	}
	return (before-1)/t.every + 1
}

// progress tells the sink what is going on; measured is the part of the current
// step's measurement that is done.
func (r *runner) progress(doing string, measured float64) {
	p := Progress{Step: r.loop.Done, Steps: r.steps, Doing: doing, Loss: r.last, Elapsed: time.Since(r.clock.start)}
	p.Epoch = float64(p.Step*r.spec.Batch) / float64(r.task.Train.Len())
	p.Part = r.clock.done(p.Step, float64(r.measurements(p.Step))+measured)
	r.sink.Progress(p)
}

// finished tells the sink that nothing is left to do.
func (r *runner) finished() {
	r.clock.part = 1
	r.progress("finished", 0)
}

// probing tells the sink which probe begins.
func (r *runner) probing(name string) {
	r.progress(name, share(r.probes, r.sizes(), probeIndex(r.probes, name)))
}

func probeIndex(probes []probe.Probe, name string) int {
	return slices.IndexFunc(probes, func(p probe.Probe) bool { return p.Name == name })
}

// guess returns the likely cost of a measurement in training steps.
func (r *runner) guess() float64 {
	return probe.Work(r.probes, r.sizes()) * float64(r.subject.Problem.Set().Len()) / float64(r.spec.Batch)
}
