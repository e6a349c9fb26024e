package hierarchy_test

import (
	"errors"
	"fmt"
	"math"

	"breakeven/hierarchy"
)

// How far each level of the hierarchy is from the network itself.
func Example() {
	net, err := hierarchy.Draw(hierarchy.Shape{Inputs: 3, Width: 256, Depth: 2, Activation: hierarchy.Tanh}, hierarchy.Init{Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	points := hierarchy.Points{Train: [][]float64{{1, 0, 0}, {0.6, 0.8, 0}, {0, -0.6, 0.8}}, Test: [][]float64{{0, 0, 1}}}
	labels := []float64{1, -1, 0.5}
	exact, err := hierarchy.GradientFlow(net, points, labels, []float64{2}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	k, err := hierarchy.Kernels(net, points, 4, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for p := 2; p <= 4; p++ {
		truncated, err := hierarchy.Truncate(k[:p], labels)
		if err != nil {
			fmt.Println(err)
			return
		}
		path, err := truncated.Flow([]float64{2}, nil)
		if err != nil {
			fmt.Println(err)
			return
		}
		var off float64
		for i, f := range path.Snapshots[0].F {
			off = math.Max(off, math.Abs(f-exact.Snapshots[0].F[i]))
		}
		fmt.Printf("level %d: largest error of f %.0e\n", p, off)
	}
	// Output:
	// level 2: largest error of f 1e-03
	// level 3: largest error of f 9e-04
	// level 4: largest error of f 5e-05
}

// The hierarchy needs a smooth activation.
func ExampleActivationNamed() {
	_, err := hierarchy.ActivationNamed("relu")
	fmt.Println(err)
	// Output:
	// hierarchy: activation "relu" is not smooth: K^(r) reads derivatives of σ up to order r−1, which do not exist at its kink (Assumption 2.1 of the paper); use one of tanh, erf, softplus, sigmoid, sin, identity, gelu
}

// The model f = θ² has K^(r) = 4^(r−1) f. Its hierarchy truncated at level 3 loses
// the positive kernel, and the flow says when.
func ExampleTruncated_Flow() {
	var k []*hierarchy.Tensor
	for r := 1; r <= 3; r++ {
		t := hierarchy.NewTensor(r, 1, 1)
		t.Data[0] = math.Pow(4, float64(r-1)) * 0.7
		k = append(k, t)
	}
	truncated, err := hierarchy.Truncate(k, []float64{0})
	if err != nil {
		fmt.Println(err)
		return
	}
	path, err := truncated.Flow([]float64{0.25, 0.5, 1}, nil)
	for _, s := range path.Snapshots {
		fmt.Printf("t = %.2f: f = %.4f, exact %.4f\n", s.Time, s.F[0], 0.7/(1+2.8*s.Time))
	}
	fmt.Printf("indefinite: %v, at t = %.4f\n", errors.Is(err, hierarchy.ErrIndefinite), path.Reached)
	// Output:
	// t = 0.25: f = 0.4257, exact 0.4118
	// t = 0.50: f = 0.3526, exact 0.2917
	// indefinite: true, at t = 0.5610
}

// Kernels of too many points for K^(4) in one piece come in blocks.
func ExampleStream() {
	net, err := hierarchy.Draw(hierarchy.Shape{Inputs: 2, Width: 16, Depth: 1, Activation: hierarchy.Erf}, hierarchy.Init{})
	if err != nil {
		fmt.Println(err)
		return
	}
	var points hierarchy.Points
	for i := range 5 {
		points.Train = append(points.Train, []float64{math.Cos(float64(i)), math.Sin(float64(i))})
	}
	err = hierarchy.Stream(net, points, 4, nil, func(b hierarchy.Block) error {
		fmt.Printf("K^(%d)(·, ·, ·, x_%d): %d rows, %d numbers\n", b.Order, b.Last, b.Rows, len(b.Data))
		return nil
	})
	fmt.Println(err)
	// Output:
	// K^(4)(·, ·, ·, x_0): 5 rows, 125 numbers
	// K^(4)(·, ·, ·, x_1): 5 rows, 125 numbers
	// K^(4)(·, ·, ·, x_2): 5 rows, 125 numbers
	// K^(4)(·, ·, ·, x_3): 5 rows, 125 numbers
	// K^(4)(·, ·, ·, x_4): 5 rows, 125 numbers
	// <nil>
}
