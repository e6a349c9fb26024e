package jastrzebski2020breakeven

import (
	"fmt"

	"breakeven/run"
)

// A Catapult is what a learning rate between 2/λ_H¹ and the one of divergence does to a network
// (Lewkowycz et al. 2020): the loss rises early, falls again, and λ_H¹ is then lower than it was at
// the beginning.
type Catapult struct {
	Seen  bool      `json:"seen"`
	Peak  Moment    `json:"peak"`  // of the loss
	After Moment    `json:"after"` // the first measurement of λ_H¹ with a loss below the initial one
	Loss  [2]Figure `json:"loss"`  // at the beginning and at the peak
	H     [2]Figure `json:"h_max"` // at the beginning and after
}

// catapultRise is the least part of the initial loss that counts as a rise.
const catapultRise = 0.1

// catapult looks for one in the records of a run that has been measured from step 0 on. Both the
// rise of the loss and the fall of λ_H¹ are more than the sum of their errors.
func catapult(records []run.Record) Catapult {
	c := Catapult{Loss: [2]Figure{unknown, unknown}, H: [2]Figure{unknown, unknown}}
	if len(records) == 0 || records[0].Step != 0 {
		return c
	}
	first, h := figure(records[0], "loss"), figure(records[0], "h_max")
	if !first.Known() || !h.Known() {
		return c
	}
	peak := first
	for i, rec := range records[1:] {
		switch loss := figure(rec, "loss"); {
		case !loss.Known():
			return c
		case loss.Value > peak.Value:
			peak, c.Peak = loss, moment(records, i+1)
		case loss.Value < first.Value && !figure(rec, "h_max").Known():
		case loss.Value < first.Value:
			c.Loss, c.H = [2]Figure{first, peak}, [2]Figure{h, figure(rec, "h_max")}
			c.After = moment(records, i+1)
			c.Seen = peak.Value-first.Value > max(catapultRise*first.Value, peak.Error+first.Error) && h.Value-c.H[1].Value > h.Error+c.H[1].Error
			return c
		}
	}
	return c
}

// line says what was seen, in a sentence; "" if there was no catapult.
func (c Catapult) line() string {
	if !c.Seen {
		return ""
	}
	return fmt.Sprintf("A catapult: the loss rose from %v to %v at %v before it fell, and λ_H¹ went from %v to %v at %v.", c.Loss[0], c.Loss[1], c.Peak, c.H[0], c.H[1], c.After)
}
