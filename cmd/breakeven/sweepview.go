package main

import (
	"fmt"

	"breakeven/internal/store"
	"breakeven/run"
)

// A sweepView shows how a sweep gets on: all of it, and the trial of each worker.
type sweepView struct {
	view   *view
	sweep  store.Sweep
	labels []string // of the trials
	work   []float64
	parts  []float64 // of each trial that are done
	total  float64   // work of all trials

	whole         *meter
	each          []*meter // of the workers; nil without a terminal
	ended, failed int
}

func newSweepView(v *view, c *crew) *sweepView {
	s := &sweepView{view: v, sweep: c.sweep, parts: make([]float64, len(c.trials))}
	for i, e := range c.trials {
		s.work = append(s.work, e.work)
		s.total += e.work
		if !e.open() {
			s.ended++
		} else if e.work > 0 {
			s.parts[i] = e.begun() / e.work
		}
	}
	s.labels = c.labels()
	fmt.Fprintf(v.lines, "sweep %s: %d of %d trials are left; %s\n", c.sweep.ID, c.left, len(c.trials), c.text())
	s.whole = v.meter(c.sweep.Title, s.part())
	for i := range c.size {
		if v.bars != nil && c.size > 1 {
			s.each = append(s.each, v.meter(fmt.Sprintf("worker %d", i+1), 0))
		}
	}
	return s
}

// labels names the trials.
func (c *crew) labels() []string {
	var specs []run.Spec
	for _, e := range c.trials {
		specs = append(specs, e.spec)
	}
	return labelsOf(specs)
}

// text says how many workers there are.
func (c *crew) text() string {
	text := fmt.Sprintf("one at a time, on %s", countText(c.cores, "processor"))
	if c.size > 1 {
		text = fmt.Sprintf("%d at a time, each on %s", c.size, countText(c.cores, "processor"))
	}
	if c.memory > 0 {
		text += " and with " + bytesText(c.memory)
	}
	return text
}

// countText is "1 processor", "2 processors".
func countText(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// part is how much of the work is done.
func (s *sweepView) part() float64 {
	if s.total == 0 {
		return 0
	}
	done := 0.0
	for i, part := range s.parts {
		done += part * s.work[i]
	}
	return done / s.total
}

// note shows an event of a worker.
func (s *sweepView) note(worker int, e event) {
	if e.Place < 1 || e.Place > len(s.parts) {
		return
	}
	i := e.Place - 1
	switch e.Kind {
	case going:
		s.parts[i] = e.Part
	case ended:
		s.parts[i] = 1
		s.ended++
	case failed:
		s.failed++
	}
	if e.Kind != going {
		e.print(s.view.lines, s.sweep, s.labels[i])
	}
	text := fmt.Sprintf("%s: %s: %s", e.title(s.sweep), s.labels[i], either(e.Kind == going, e.Text, e.Kind))
	if s.each != nil {
		s.each[worker].set(e.Part, text)
		text = ""
	}
	s.whole.set(s.part(), s.tally()+either(text == "", "", "; "+text))
}

// tally says how many trials have ended.
func (s *sweepView) tally() string {
	text := fmt.Sprintf("%d of %d ended", s.ended, len(s.parts))
	if s.failed > 0 {
		text += fmt.Sprintf(", %s", countText(s.failed, "failure"))
	}
	return text
}

// end ends the view; done says whether the sweep came to its end.
func (s *sweepView) end(done bool) {
	for _, m := range s.each {
		m.end(done)
	}
	s.whole.end(done)
}
