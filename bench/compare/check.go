package main

import "fmt"

// check holds the numbers against each other, or against a reference.
func (d *driver) check(r race, out *result, ours, theirs []float64) error {
	if r.tolerance == 0 {
		return nil
	}
	if r.reference == nil {
		out.Difference = []float64{difference(ours, theirs)}
	} else {
		exact, err := d.reference(*r.reference)
		if err != nil {
			return err
		}
		out.Difference = []float64{difference(ours, exact), difference(theirs, exact)}
	}
	for i, x := range out.Difference {
		if !(x <= r.tolerance) { // NaN is wrong too
			side := []string{"our numbers are", "the peer's numbers are"}[i]
			if r.reference == nil {
				side = "the numbers are"
			}
			return fmt.Errorf("%s off by %.1g, tolerance %.0g", side, x, r.tolerance)
		}
	}
	return nil
}

// reference computes numbers that are more exact, once.
func (d *driver) reference(r request) ([]float64, error) {
	key := fmt.Sprint(r)
	if x, ok := d.references[key]; ok {
		return x, nil
	}
	p, err := d.ours()
	if err != nil {
		return nil, err
	}
	defer p.stop()
	a, err := p.ask(r, 2*limit)
	if err != nil {
		return nil, fmt.Errorf("reference: %w", err)
	}
	if d.references == nil {
		d.references = map[string][]float64{}
	}
	d.references[key] = a.Numbers
	return a.Numbers, nil
}
