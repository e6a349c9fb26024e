package jastrzebski2020breakeven

import (
	"fmt"

	"breakeven/run"
)

// notLearned is the part of the constant prediction's loss that a loss must be below to
// count as lower.
const notLearned = 0.99

// notLearnedWord says that a loss never was.
const notLearnedWord = "has not learned"

func learned(records []run.Record) Learning {
	l := Learning{Loss: unknown, Constant: unknown}
	for _, rec := range records {
		loss, constant := figure(rec, "loss"), figure(rec, "constant_loss")
		if !loss.Known() || !(constant.Value > 0) { // of one class, or equal targets, nothing can be learned
			continue
		}
		l.Known, l.Loss, l.Constant = true, loss, constant
		l.Still = loss.Value < notLearned*constant.Value
		l.Ever = l.Ever || l.Still
	}
	return l
}

// Collapsed reports whether a finished run has not learned, or no longer: its maxima are
// those of a network that predicts the same for all examples, and decide nothing.
func (f Findings) Collapsed() bool {
	return f.Learned.Known && !f.Learned.Still && f.Status == run.Finished && f.End.Step > 0
}

// collapse says so, in a sentence; "" if the run has learned.
func (f Findings) collapse() string {
	if !f.Collapsed() {
		return ""
	}
	was := notLearnedWord
	if f.Learned.Ever {
		was = "collapsed"
	}
	return fmt.Sprintf("%s %s: at step %d its loss is %v, and one prediction for all examples has %v. It decides nothing.", f.Name, was, f.End.Step, f.Learned.Loss, f.Learned.Constant)
}

// badge says in two words what collapse says; "" if the run has learned.
func (f Findings) collapseBadge() string {
	switch {
	case !f.Collapsed():
		return ""
	case f.Learned.Ever:
		return "collapsed"
	}
	return notLearnedWord
}
