package data_test

import (
	"fmt"

	"breakeven/data"
)

// Batches for training, of the images that are in the program.
func Example() {
	train, test, _, err := data.Open("fashion-mnist-sample", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	split, err := data.NewSplit(train, test, 5000, 1000)
	if err != nil {
		fmt.Println(err)
		return
	}
	transform, err := data.NewTransform("channel", split.Train)
	if err != nil {
		fmt.Println(err)
		return
	}
	const size = 32
	batches, err := data.NewBatcher(split.Train, transform, data.Augment{}, 1, size)
	if err != nil {
		fmt.Println(err)
		return
	}
	x, labels := make([]float32, size*1*28*28), make([]int32, size)
	batches.Batch(200, x, labels) // any batch of any epoch, in any order
	fmt.Println(batches.Steps(), "batches an epoch; labels", labels[:4])
	fmt.Printf("background %.4f\n", x[0])
	// Output:
	// 156 batches an epoch; labels [6 1 5 5]
	// background -0.8102
}

// The order of an epoch is a value.
func ExampleOrder() {
	fmt.Println(data.Order(1, 0, 6))
	fmt.Println(data.Order(1, 1, 6))
	fmt.Println(data.Order(1, 0, 6))
	// Output:
	// [0 3 2 4 1 5]
	// [1 4 5 0 3 2]
	// [0 3 2 4 1 5]
}
