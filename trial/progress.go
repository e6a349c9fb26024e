package trial

import (
	"fmt"
	"math"
	"slices"
	"time"

	"breakeven/probe"
)

// A clock estimates how much of a run is done from what steps and measurements
// have taken so far.
type clock struct {
	start               time.Time
	steps               int     // of the whole run
	measurements        float64 // of the whole run; those of some of the probes count as parts
	stepTime, probeTime float64 // seconds, running means
	stepsDone, probed   int     // by this process
	part                float64 // last answer: bars do not go back
}

// begin starts the clock; guess is the cost of a measurement in steps.
func (c *clock) begin(steps int, measurements, guess float64) {
	*c = clock{start: time.Now(), steps: steps, measurements: measurements, stepTime: 1, probeTime: guess}
}

func (c *clock) step(d time.Duration) {
	c.stepsDone++
	c.stepTime = mean(c.stepTime, d.Seconds(), c.stepsDone, &c.probeTime, c.probed)
}

// measured notes a measurement, which is the given part of one by all probes.
func (c *clock) measured(d time.Duration, part float64) {
	c.probed++
	c.probeTime = mean(c.probeTime, d.Seconds()/part, c.probed, &c.stepTime, c.stepsDone)
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
	part := work(float64(steps), measurements) / work(float64(c.steps), c.measurements)
	c.part = math.Max(c.part, math.Min(1, part))
	return c.part
}

// measurements returns how many measurements belong to steps before the given
// one; those of some of the probes count as parts.
func (t *descent) measurements(before int) (count float64) {
	switch {
	case t.times != nil:
		return t.times.before(before)
	case before == 0:
		return 0
	case before > t.steps && t.steps%t.every != 0:
		count = 1
	}
	return count + float64((min(before, t.steps+1)-1)/t.every+1)
}

// whole returns the part that some probes are of a measurement by all.
func (t *descent) whole(some []probe.Probe) float64 {
	sizes := t.sizes()
	return probe.Work(some, sizes) / max(probe.Work(t.probes, sizes), 1e-9)
}

// progress tells the sink what is going on; measured is the part of the current
// step's measurement that is done.
func (r *runner) progress(doing string, measured float64) {
	p := Progress{Step: r.loop.Done, Steps: r.steps, Doing: doing, Loss: r.last, Elapsed: time.Since(r.clock.start)}
	p.Epoch = float64(p.Step*r.spec.Batch) / float64(r.task.Train.Len())
	p.Part = r.clock.done(p.Step, r.measurements(p.Step)+measured)
	r.sink.Progress(p)
}

// finished tells the sink that nothing is left to do.
func (r *runner) finished() {
	r.clock.part = 1
	r.progress("finished", 0)
}

// probing tells the sink which probe begins.
func (r *runner) probing(name string) {
	r.progress(name, share(r.due, r.sizes(), probeIndex(r.due, name))*r.whole(r.due))
}

func probeIndex(probes []probe.Probe, name string) int {
	return slices.IndexFunc(probes, func(p probe.Probe) bool { return p.Name == name })
}

// guess returns the likely cost of a measurement in training steps.
func (r *runner) guess() float64 {
	return probe.Work(r.probes, r.sizes()) * float64(r.subject.Problem.Set().Len()) / float64(r.spec.Batch)
}

// spent is the time that a run has taken, over all processes that have worked on it. A run with an
// overhead keeps it.
type spent struct{ steps, measurements time.Duration }

// String returns both in seconds.
func (s spent) String() string {
	return fmt.Sprintf("%.3f %.3f", s.steps.Seconds(), s.measurements.Seconds())
}

// restore is the inverse of String. A text that is none counts as nothing spent.
func (s *spent) restore(text string) {
	var steps, measurements float64
	if _, err := fmt.Sscan(text, &steps, &measurements); err == nil {
		s.steps, s.measurements = time.Duration(steps*1e9), time.Duration(measurements*1e9)
	}
}

// shareWords says of a run with an overhead what share measuring has really taken.
func (r *runner) shareWords() string {
	all := r.spent.steps + r.spent.measurements
	if r.times == nil || all == 0 {
		return ""
	}
	return fmt.Sprintf("; measuring took %.3g %% of the time and %.3g %% of the declared work", 100*float64(r.spent.measurements)/float64(all), 100*r.times.share)
}
