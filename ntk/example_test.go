package ntk_test

import (
	"fmt"
	"log"
	"math"

	"breakeven/ntk"

	"gonum.org/v1/gonum/mat"
)

// Kernels of a network with three hidden layers on three inputs.
func Example() {
	network := ntk.Network{Input: ntk.Vec(3), Layers: ntk.FullyConnected(3, 0, ntk.ReLU, 1.5, 0.1)}
	kernel, err := network.Kernel(nil)
	if err != nil {
		log.Fatal(err)
	}
	x := mat.NewDense(3, 3, []float64{
		1, 2, 2,
		2, -1, 0.5,
		-0.5, 1, 3,
	})
	nngp, theta, err := kernel.Symmetric(x)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.6f\n\n%.6f\n", mat.Formatted(nngp), mat.Formatted(theta))
	// Output:
	// ⎡ 9.658984   4.715888   8.833877⎤
	// ⎢ 4.715888   5.654468   4.678660⎥
	// ⎣ 8.833877   4.678660  10.993823⎦
	//
	// ⎡38.570781   8.957920  25.454082⎤
	// ⎢ 8.957920  22.552715   7.925516⎥
	// ⎣25.454082   7.925516  43.910137⎦
}

// Convolutions with normal and with orthogonal taps have the same kernels; with
// delta-orthogonal weights the limit is another.
func ExampleLaw() {
	for _, law := range []ntk.Law{ntk.Gaussian, ntk.Orthogonal, ntk.DeltaOrthogonal} {
		conv := ntk.Conv{Window: ntk.Size{3, 3}, Pad: ntk.Same, SigmaW: math.Sqrt2, SigmaB: 0.3, Law: law}
		network := ntk.Network{Input: ntk.Shape{C: 1, H: 3, W: 3}, Layers: ntk.Serial{
			conv, ntk.ReLU, conv, ntk.ReLU, ntk.GlobalAvgPool{}, ntk.Dense{SigmaW: 1},
		}}
		kernel, err := network.Kernel(nil)
		if err != nil {
			log.Fatal(err)
		}
		x := mat.NewDense(1, 9, []float64{0, 1, 0, 1, 2, -1, 0, -1, 0})
		nngp, theta, err := kernel.Symmetric(x)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%v: NNGP %.4f, NTK %.4f\n", law, nngp.At(0, 0), theta.At(0, 0))
	}
	// Output:
	// gaussian: NNGP 0.2790, NTK 0.4748
	// orthogonal: NNGP 0.2790, NTK 0.4748
	// delta-orthogonal: NNGP 0.4514, NTK 0.7540
}

// A kernel that is larger than the memory allowed, by blocks of rows and columns.
func ExampleKernel_Each() {
	network := ntk.Network{Input: ntk.Vec(2), Layers: ntk.FullyConnected(1, 0, ntk.Erf, 1, 0)}
	kernel, err := network.Kernel(&ntk.Settings{Block: 2})
	if err != nil {
		log.Fatal(err)
	}
	x := mat.NewDense(3, 2, []float64{1, 0, 0, 1, 1, 1})
	err = kernel.Each(x, nil, func(b ntk.Block) error {
		rows, cols := b.NTK.Dims()
		fmt.Printf("rows from %d, columns from %d: %d×%d, first element %.4f\n", b.Row, b.Col, rows, cols, b.NTK.At(0, 0))
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// rows from 0, columns from 0: 2×2, first element 0.7009
	// rows from 2, columns from 0: 1×2, first element 0.5524
	// rows from 2, columns from 2: 1×1, first element 1.0340
}

// The distribution of infinitely wide networks while they are trained on three points.
func ExampleRegression() {
	network := ntk.Network{Input: ntk.Vec(1), Layers: ntk.FullyConnected(2, 0, ntk.Tanh, 1.5, 0.5)}
	kernel, err := network.Kernel(nil)
	if err != nil {
		log.Fatal(err)
	}
	x, y := mat.NewDense(3, 1, []float64{-1, 0, 1}), mat.NewDense(3, 1, []float64{1, 0, 1})
	test := mat.NewDense(2, 1, []float64{-0.5, 2})
	nngp, theta, err := kernel.Symmetric(x)
	if err != nil {
		log.Fatal(err)
	}
	crossNNGP, crossTheta, err := kernel.Cross(test, x)
	if err != nil {
		log.Fatal(err)
	}
	testNNGP, _, err := kernel.Symmetric(test)
	if err != nil {
		log.Fatal(err)
	}
	r, err := ntk.NewRegression(theta, nngp, y, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("largest learning rate %.4f\n", r.MaxLearningRate())
	for _, time := range []float64{0, 1, 10, math.Inf(1)} {
		at := r.Flow(time)
		mean, covariance := at.Mean(crossTheta), at.Covariance(crossTheta, crossNNGP, testNNGP)
		fmt.Printf("time %4v: ", time)
		for i := range 2 {
			fmt.Printf(" %7.4f ± %.4f", mean.At(i, 0), math.Sqrt(covariance.At(i, i)))
		}
		fmt.Println()
	}
	// Output:
	// largest learning rate 0.3549
	// time    0:   0.0000 ± 1.0762  0.0000 ± 1.1860
	// time    1:   0.6133 ± 0.1984  0.7885 ± 0.2810
	// time   10:   0.6130 ± 0.1971  1.0313 ± 0.2603
	// time +Inf:   0.6130 ± 0.1971  1.0315 ± 0.2603
}

// Any function is an activation. E[φφ] and E[φ′φ′] of a pair of preactivations:
func ExampleFunction() {
	swish := ntk.Function("swish", func(x float64) float64 { return x / (1 + math.Exp(-x)) }, nil)
	value, slope := swish.Dual(1, 0.5, 1)
	fmt.Printf("%.10f %.10f\n", value, slope)
	// Output:
	// 0.1831696631 0.3122796153
}

// The ridge that predicts best examples it has not seen.
func ExampleLeaveOneOut() {
	network := ntk.Network{Input: ntk.Vec(1), Layers: ntk.FullyConnected(1, 0, ntk.Erf, 2, 1)}
	kernel, err := network.Kernel(nil)
	if err != nil {
		log.Fatal(err)
	}
	x := mat.NewDense(6, 1, []float64{-2, -1, -0.5, 0.5, 1, 2})
	y := mat.NewDense(6, 1, []float64{-1.1, -0.8, -0.6, 0.7, 0.7, 1.2})
	_, theta, err := kernel.Symmetric(x)
	if err != nil {
		log.Fatal(err)
	}
	fit, err := ntk.LeaveOneOut(theta, y)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("ridge %.2g, error %.3g\n", fit.Ridge, fit.Error)
	// Output:
	// ridge 2.2, error 0.0681
}

// The weights and biases with which tanh networks can be deep: χ = 1.
func ExampleActivation_FixedPoint() {
	q, chi, err := ntk.Tanh.FixedPoint(math.Sqrt(1.05), math.Sqrt(2.01e-5))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("q* = %.8f, χ = %.7f\n", q, chi)
	// Output:
	// q* = 0.02592084, χ = 1.0000002
}
