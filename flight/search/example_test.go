package search_test

import (
	"fmt"

	"breakeven/flight"
	"breakeven/flight/filter"
	"breakeven/flight/search"
)

// north knows only that aircraft fly north, at one of two speeds.
type north struct{}

func (n north) Start(density [][]search.Component) error {
	return n.Next([]search.Move{{State: flight.State{Mean: filter.Vector{50, 8, 33000, 1e-3, 0}}}}, density)
}

func (north) Next(moves []search.Move, density [][]search.Component) error {
	for i, m := range moves {
		for k := range density[i] {
			x := filter.Known(m.State.Mean)
			x.Mean[0] += 120 * (1e-3 + 5e-4*float64(k))
			density[i][k] = search.Component{LogWeight: []float64{-0.2, -1.7}[k], Gaussian: x}
		}
	}
	return nil
}

func ExampleRun() {
	o := search.Default()
	o.Steps, o.Beams, o.Components = 3, 2, 2
	last := []flight.State{{Mean: filter.Vector{50, 8, 33000, 1e-3, 0}}}
	found, err := search.Run(north{}, last, o, func() error { return nil })
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, a := range found[0].Alternatives {
		fmt.Printf("%.2f:", a.Score)
		for _, x := range a.States {
			fmt.Printf(" %.2f", x.Mean[0])
		}
		fmt.Println()
	}
	// Output:
	// -0.48: 50.12 50.24 50.36
	// -1.68: 50.12 50.24 50.42
}
