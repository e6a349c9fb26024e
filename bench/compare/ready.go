package main

import (
	"fmt"
	"math"
	"os"
)

// train makes the inputs that a trained network needs, once.
func (d *driver) train(r request) error {
	if r.Model != trained || d.trained {
		return nil
	}
	fmt.Fprintln(os.Stderr, "training a network, and finding its top eigenvector")
	p, err := d.ours()
	if err != nil {
		return err
	}
	defer p.stop()
	if _, err := p.ask(request{Work: "train"}, 2*limit); err != nil {
		return fmt.Errorf("training: %w", err)
	}
	d.trained = true
	return nil
}

// fastest tries the peer's variants, twice each, and returns the one that was
// fastest the second time. A variant that fails is left out.
func (d *driver) fastest(r race, request request) (string, error) {
	switch len(r.variants) {
	case 0:
		return request.Variant, nil
	case 1:
		return r.variants[0], nil
	}
	best, fastest := "", math.Inf(1)
	var failed error
	for _, v := range r.variants {
		d.say(r, "trying "+v)
		request.Variant = v
		p, err := d.theirs(r.peer)
		if err != nil {
			return "", err
		}
		_, err = p.ask(request, limit)
		var a answer
		if err == nil {
			a, err = p.ask(request, limit)
		}
		p.stop()
		if err != nil {
			failed = err
			fmt.Fprintf(os.Stderr, "%s cannot do %q: %v\n", r.peer, v, err)
		} else if a.Seconds < fastest {
			best, fastest = v, a.Seconds
		}
	}
	if best == "" {
		return "", failed
	}
	return best, nil
}
