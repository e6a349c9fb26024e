package tensor_test

import (
	"fmt"

	"breakeven/tensor"
)

// A product of two matrices with rows side by side, on all cores.
func ExampleProduct_Mul() {
	a := []float32{
		1, 2, 3,
		4, 5, 6,
	}
	b := []float32{
		1, 0,
		0, 1,
		2, 2,
	}
	c := make([]float32, 2*2)
	tensor.Product{M: 2, K: 3, N: 2}.Mul(c, 2, tensor.Rows(a, 3), tensor.Rows(b, 2), false)
	fmt.Println(c)
	// The transpose is a view of the same numbers: AᵀA.
	square := make([]float32, 3*3)
	tensor.Product{M: 3, K: 2, N: 3}.Mul(square, 3, tensor.Rows(a, 3).T(), tensor.Rows(a, 3), false)
	fmt.Println(square)
	// Output:
	// [7 8 16 17]
	// [17 22 27 22 29 36 27 36 45]
}

// Tasks write to places of their own, so that the result does not depend on which
// worker runs which.
func ExampleParallel() {
	squares := make([]int, 5)
	tensor.Parallel(len(squares), func(task int) { squares[task] = task * task })
	fmt.Println(squares)
	// Output: [0 1 4 9 16]
}

// The differences between neighbours in a row of an image of 2×3 pixels, by a
// window of 1×1 over two channels: the pixel and the one to its left.
func ExampleConv() {
	conv := tensor.NewConv(tensor.ConvShape{H: 2, W: 3, C: 2, O: 1, K: 1, Stride: 1})
	w := conv.ForwardPanels()
	for panel := range w.Count() {
		conv.PackForward(w, panel, []float32{1, -1})
	}
	x := []float32{ // channels last
		1, 0, 4, 1, 9, 4,
		2, 0, 2, 2, 3, 2,
	}
	y := make([]float32, 2*3)
	scratch := make([]float32, conv.Scratch())
	conv.Forward(y, 1, tensor.Epilogue{ReLU: true}, scratch, tensor.Term{X: x, W: w})
	fmt.Println(y)
	// Output: [1 3 5 2 0 1]
}
