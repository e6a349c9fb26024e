package curvature_test

import (
	"fmt"
	"math"

	"breakeven/curvature"
	"breakeven/nn"
	"breakeven/rng"
	"breakeven/spectrum"
)

// spirals returns n random points on two arms of a spiral, labelled by their arm.
func spirals(n int) curvature.Set {
	s := rng.New(1, "spirals")
	x, labels := make([]float32, 2*n), make([]int32, n)
	for i := range n {
		arm, turn := s.IntN(2), 3*s.Float64()
		angle := math.Pi * (turn + float64(arm))
		x[2*i] = float32(turn*math.Cos(angle) + 0.05*s.NormFloat64())
		x[2*i+1] = float32(turn*math.Sin(angle) + 0.05*s.NormFloat64())
		labels[i] = int32(arm)
	}
	return nn.Labelled(x, labels)
}

// network is a network of one's own, and its initial parameters.
func network() (*nn.Network, []float32) {
	net, x := nn.NewNetwork(nn.Vec(2))
	x = net.Add("fc1", nn.Linear{Units: 16}, x)
	x = net.Add("tanh", nn.Tanh{}, x)
	net.Add("fc2", nn.Linear{Units: 2}, x)
	return net, net.InitialParams(nn.Glorot, 1)
}

// The largest eigenvalues of the Hessian H and of the covariance K of minibatch
// gradients, for a network and data of one's own.
func Example() {
	net, theta := network()
	set := spirals(512)
	p := curvature.New(net, set, curvature.Settings{})
	if err := p.At(theta); err != nil {
		fmt.Println(err)
		return
	}
	h, err := spectrum.Lanczos(p.Hessian(), &spectrum.Settings{Largest: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	k, err := p.Covariance(curvature.Parts(set, 16)) // minibatches of 32
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("loss %.3f, ‖g‖ %.3f\n", p.Loss(), norm(p.Gradient()))
	fmt.Printf("λ_H¹ %.3f, residual below 1 %%: %v\n", h.Values[0], h.Residuals[0] < 0.01*h.Values[0])
	fmt.Printf("λ_K¹ %.4f, Tr K %.4f, of %d gradients\n", k.Max(), k.Trace(), k.L)
	// Output:
	// loss 0.717, ‖g‖ 0.390
	// λ_H¹ 1.450, residual below 1 %: true
	// λ_K¹ 0.0731, Tr K 0.1454, of 16 gradients
}

func norm(x []float32) float64 {
	var sum float64
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum)
}

// How much the curvature differs between examples along the top eigenvector of H:
// the s² of the break-even point.
func ExampleProblem_Curvatures() {
	net, theta := network()
	set := spirals(128)
	p := curvature.New(net, set, curvature.Settings{})
	if err := p.At(theta); err != nil {
		fmt.Println(err)
		return
	}
	h, err := spectrum.Lanczos(p.Hessian(), &spectrum.Settings{Largest: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	c := make([]float64, set.Len())
	if err := p.Curvatures(c, h.Vectors[0]); err != nil {
		fmt.Println(err)
		return
	}
	var mean, square float64
	for _, v := range c {
		mean += v / float64(len(c))
		square += v * v / float64(len(c))
	}
	fmt.Printf("mean %.3f (λ_H¹ is %.3f), s² %.2f\n", mean, h.Values[0], square-mean*mean)
	// Output:
	// mean 1.548 (λ_H¹ is 1.548), s² 2.51
}

// The tangent kernel of the outputs on three examples.
func ExampleTangentKernel() {
	net, theta := network()
	k, err := curvature.TangentKernel(net, spirals(128).Slice(0, 3), theta, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	n, _ := k.Dims()
	fmt.Printf("%d×%d, Θ₀₀ %.2f\n", n, n, k.At(0, 0))
	// Output:
	// 6×6, Θ₀₀ 4.78
}
