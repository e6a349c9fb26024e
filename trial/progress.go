package trial

import (
	"math"
	"time"
)

// A clock estimates how much of a run is done from what steps and measurements
// have taken so far.
type clock struct {
	start               time.Time
	steps, every        int
	stepTime, probeTime float64 // seconds, running means
	stepsDone, probed   int
}

// begin starts the clock; guess is the cost of a measurement in steps.
func (c *clock) begin(steps, every int, guess float64) {
	*c = clock{start: time.Now(), steps: steps, every: every, stepTime: 1, probeTime: guess}
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

// part returns the part of the run's work that is done at the given step.
func (c *clock) part(step int) float64 {
	measurements := func(step int) float64 { return float64(step/c.every + 1) }
	work := func(step int) float64 {
		return float64(step)*c.stepTime + measurements(step)*c.probeTime
	}
	return math.Min(1, work(step)/work(c.steps))
}

func (r *runner) progress(doing string) {
	p := Progress{Step: r.loop.Done, Steps: r.Steps, Doing: doing, Loss: r.last, Elapsed: time.Since(r.clock.start)}
	p.Epoch = float64(p.Step*r.Spec.Batch) / float64(r.Train)
	p.Part = r.clock.part(p.Step)
	if doing != "training" { // the measurement of this step is not done
		p.Part -= r.clock.probeTime / (float64(r.Steps)*r.clock.stepTime + float64(r.Steps/r.every+1)*r.clock.probeTime)
	}
	p.Part = math.Max(0, p.Part)
	r.sink.Progress(p)
}

// guess returns the likely cost of a measurement in training steps.
func (r *runner) guess() float64 {
	cost := 0.0
	for _, p := range r.probes {
		cost += p.Cost
	}
	return cost * float64(r.subject.Problem.Set().Len()) / float64(r.Spec.Batch)
}
