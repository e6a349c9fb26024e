package main

import (
	"errors"
	"fmt"
	"os"
	"time"
)

// A race is a row of a table: a work of ours against a peer's.
type race struct {
	name      string
	ours      request
	peer      string   // whose; "ours" for another work of ours, "" for nobody's
	theirs    *request // where it is not the same request
	variants  []string // of the peer, which races with the fastest of them
	scale     float64  // of the peer's seconds: 0 is 1
	flops     float64  // in a run of ours; 0: not said
	aim       float64  // for the ratio, or for our seconds where there is no peer; 0: none
	memory    float64  // aim for the ratio of peaks; 0: none
	tolerance float64  // of the numbers, relative; 0: the two numbers say different things
	reference *request // of ours, for both sides' numbers instead of the other side's
	rounds    int      // at most; 0: as the flag says. Then there is no warm-up: a run takes long
}

// A result is what came of a race.
type result struct {
	Work       string    `json:"work"`
	Peer       string    `json:"peer"`
	Variant    string    `json:"variant,omitempty"` // of the peer
	Ours       []float64 `json:"ours"`              // seconds
	Theirs     []float64 `json:"theirs"`
	OurPeak    int64     `json:"our_peak"` // bytes
	TheirPeak  int64     `json:"their_peak"`
	Difference []float64 `json:"-"` // relative, of the numbers; with a reference ours and theirs
	Error      string    `json:"error,omitempty"`

	race race
}

// limit is how long a peer's single call may take.
const limit = 300 * time.Second

// pause lets the threads of the side that has just run stop spinning, which
// OpenBLAS's and PyTorch's do for more than 50 ms.
const pause = 300 * time.Millisecond

// A driver runs races.
type driver struct {
	options
	dir         folder
	begin       time.Time
	done, total int
	trained     bool
	references  map[string][]float64 // by request
}

// race runs one race. What goes wrong is part of the result.
func (d *driver) race(r race) result {
	d.done++
	out := result{Work: r.name, Peer: r.peer, race: r}
	if err := d.run(r, &out); err != nil {
		out.Error = err.Error()
		if errors.Is(err, errTooLong) {
			out.Error = fmt.Sprintf("> %.0f s, then given up", limit.Seconds())
		}
	}
	return out
}

func (d *driver) run(r race, out *result) error {
	if err := d.train(r.ours); err != nil {
		return err
	}
	theirs := r.ours
	if r.theirs != nil {
		theirs = *r.theirs
	}
	var err error
	if theirs.Variant, err = d.fastest(r, theirs); err != nil {
		return fmt.Errorf("%s: %w", r.peer, err)
	}
	if len(r.variants) > 0 {
		out.Variant = theirs.Variant
	}
	us, err := d.ours()
	if err != nil {
		return err
	}
	defer us.stop()
	them, err := d.opponent(r)
	if err != nil {
		return fmt.Errorf("%s: %w", r.peer, err)
	}
	if them != nil {
		defer them.stop()
	}
	return d.rounds(r, out, us, them, theirs)
}

// opponent starts the other side, if there is one.
func (d *driver) opponent(r race) (*process, error) {
	switch r.peer {
	case "":
		return nil, nil
	case self:
		return d.ours()
	}
	return d.theirs(r.peer)
}

// rounds lets both sides take turns.
func (d *driver) rounds(r race, out *result, us, them *process, theirs request) error {
	rounds, warm := d.options.rounds, 1
	if r.rounds > 0 {
		rounds, warm = min(rounds, r.rounds), 0
	}
	for i := range warm + rounds {
		d.say(r, fmt.Sprintf("round %d of %d", i+1-warm, rounds))
		a, err := us.ask(r.ours, limit)
		if err != nil {
			return fmt.Errorf("ours: %w", err)
		}
		out.OurPeak = a.Peak
		if i >= warm {
			out.Ours = append(out.Ours, a.Seconds) // shown even if the peer fails
		}
		time.Sleep(pause)
		var b answer
		if them != nil {
			if b, err = them.ask(theirs, limit); err != nil {
				return fmt.Errorf("%s: %w", r.peer, err)
			}
			time.Sleep(pause)
		}
		if i == 0 {
			if err := d.check(r, out, a.Numbers, b.Numbers); err != nil {
				return err
			}
		}
		if i >= warm {
			out.Theirs = append(out.Theirs, b.Seconds*max(r.scale, 1))
		}
		out.TheirPeak = b.Peak
	}
	return nil
}

// say shows on standard error what is being done.
func (d *driver) say(r race, what string) {
	fmt.Fprintf(os.Stderr, "%6s  %d/%d  %s, %s: %s\n", time.Since(d.begin).Round(time.Second), d.done, d.total, r.name, r.peer, what)
}
