package main

import "fmt"

// write prints an audit.
func (r audit) write(a *app) error {
	if r.Outputs > r.Used {
		fmt.Fprintf(a.stdout, "file     the last layer has %d outputs, of which the carrier's data use %d: the others belong to something else\n", r.Outputs, r.Used)
	} else {
		fmt.Fprintf(a.stdout, "file     nothing is there that the carrier does not use\n")
	}
	fmt.Fprintln(a.stdout)
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
