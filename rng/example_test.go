package rng_test

import (
	"fmt"

	"breakeven/rng"
)

// Seed and name determine a stream: asking again gives the same numbers.
func ExampleNew() {
	order := rng.New(7, "order/0")
	fmt.Println(order.IntN(100), order.IntN(100), order.IntN(100))

	rng.New(7, "init/conv1").NormFloat64() // another name does not change this stream
	order = rng.New(7, "order/0")
	fmt.Println(order.IntN(100), order.IntN(100), order.IntN(100))
	// Output:
	// 31 39 8
	// 31 39 8
}

// A stream continues from its saved state with the same numbers.
func ExampleStream_MarshalBinary() {
	s := rng.New(1, "noise")
	s.Float64()
	state, err := s.MarshalBinary()
	if err != nil {
		fmt.Println(err)
		return
	}
	next := s.Float64()

	var restored rng.Stream
	if err := restored.UnmarshalBinary(state); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(restored.Float64() == next)
	// Output: true
}

// The numbers of a field can be asked for in any order.
func ExampleField() {
	masks := rng.NewField(1, "dropout/fc1")
	later, _ := masks.At(3, 0)
	first, _ := masks.At(0, 0)
	again, _ := masks.At(3, 0)
	fmt.Println(later == again, later == first)
	// Output: true false
}
