package main

import (
	"fmt"

	"breakeven/trojan"
)

// write prints an audit.
func (r audit) write(a *app) error {
	if err := r.writeLeftovers(a); err != nil {
		return err
	}
	t := &table{head: []string{"layer", "deviation", "kurtosis", "ratio", "twin"}}
	for _, l := range r.Layers {
		twin := ""
		if l.Twin != nil {
			twin = num(*l.Twin)
		}
		t.add(l.Name, num(l.Deviation), num(l.Kurtosis), num(l.Ratio), twin)
	}
	if err := t.write(a.stdout); err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "\nkeys     %d random ones: loss %s ± %s, accuracy %s, at most %s; guessing gets %s\n",
		r.Random.Count, num(r.Random.Loss), num(r.Random.Spread), num(r.Random.Accuracy), num(r.Random.Best), num(r.Random.Guessing))
	if len(r.Keys) == 0 {
		fmt.Fprintln(a.stdout, "         no candidate was given: whether something is hidden cannot be said")
	} else {
		t = &table{head: []string{"candidate", "loss", "accuracy", "z", "p", "corrected"}}
		for _, k := range r.Keys {
			t.add(fmt.Sprintf("line %d", k.Line), num(k.Loss), num(k.Accuracy), num(k.Z), num(k.P), num(k.Corrected))
		}
		if err := t.write(a.stdout); err != nil {
			return err
		}
	}
	if len(r.Counter) == 0 {
		return nil
	}
	fmt.Fprintln(a.stdout)
	t = &table{head: []string{"counter-measure", "carrier"}}
	for n := 1; n < len(r.Counter[0].Accuracy); n++ {
		t.head = append(t.head, fmt.Sprintf("secret %d", n))
	}
	for _, c := range r.Counter {
		cells := []string{c.Name}
		for _, v := range c.Accuracy {
			cells = append(cells, num(v))
		}
		t.add(cells...)
	}
	return t.write(a.stdout)
}

// mostLeftovers is how many rows of leftovers are printed; the others are counted.
const mostLeftovers = 20

// writeLeftovers prints what the carrier's network does not read of its file.
func (r audit) writeLeftovers(a *app) error {
	if len(r.Leftovers) == 0 {
		_, err := fmt.Fprint(a.stdout, "file     nothing is there that the carrier does not read\n\n")
		return err
	}
	fmt.Fprintln(a.stdout, "file     the carrier does not read all of it; what it does not read belongs to something else:")
	t := &table{head: []string{"leftover", "name", "tensors", "numbers"}}
	for _, l := range r.Leftovers[:min(mostLeftovers, len(r.Leftovers))] {
		name := l.Name
		if l.Kind == trojan.SurplusNorm {
			name += "…"
		}
		t.add(l.Kind, name, fmt.Sprint(l.Tensors), fmt.Sprint(l.Numbers))
	}
	if err := t.write(a.stdout); err != nil {
		return err
	}
	if more := len(r.Leftovers) - mostLeftovers; more > 0 {
		fmt.Fprintf(a.stdout, "and %d more, which --json lists\n", more)
	}
	_, err := fmt.Fprintln(a.stdout)
	return err
}
