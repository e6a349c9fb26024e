package learn_test

import (
	"fmt"

	"breakeven/flight/learn"
	"breakeven/flight/sample"
)

// Flights become a batch for a network, whose numbers a coder gives their meaning.
func ExampleSet_Batch() {
	set, err := learn.Of(sample.Flights(), nil, nil, learn.Options{Step: 120})
	if err != nil {
		panic(err)
	}
	stop := func() error { return nil }
	coder, err := set.Fit([]int{0, 1, 2}, stop)
	if err != nil {
		panic(err)
	}
	batch, err := set.Batch(coder, []int{0, 1, 2}, stop)
	if err != nil {
		panic(err)
	}
	for _, in := range coder.Inputs(set.Longest()) {
		fmt.Println(in.Name, in.Shape)
	}
	fmt.Println(batch.N, "flights,", coder.Mixture(3, 0).Outputs(), "outputs")
	// Output:
	// state 115×6
	// plan 16×2
	// 3 flights, 45 outputs
}
