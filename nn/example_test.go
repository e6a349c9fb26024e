package nn_test

import (
	"fmt"

	"breakeven/nn"
)

// A linear network of two layers, z = w₂·w₁·x, with the loss ½ Σ_c (z_c − 1_c)²
// over two outputs (mean squared error over two is just that). On x = 1 with
// label 0, w₁ = 2 and w₂ = (1, 3) the outputs are (2, 6), so that
//
//	loss = ½ (1² + 6²) = 18.5
//	∂/∂w₁ = (2−1)·1 + 6·3 = 19    ∂/∂w₂ = ((2−1)·2, 6·2) = (2, 12)
//
// and the Hessian in (w₁, w₂₀, w₂₁) is
//
//	w₂₀²+w₂₁² = 10   2z₀−1 = 3   2z₁ = 12
//	     3               4           0
//	    12               0           4
func Example() {
	net, x := nn.NewNetwork(nn.Vec(1))
	x = net.Add("fc1", nn.Linear{Units: 1, NoBias: true}, x)
	net.Add("fc2", nn.Linear{Units: 2, NoBias: true}, x)
	for _, p := range net.Params() {
		fmt.Println(p.Name, p.Shape)
	}

	plan := net.Compile(nn.Settings{Batch: 1, Loss: nn.MSE{}, Tangents: true})
	plan.SetParams([]float32{2, 1, 3})
	eval := plan.Forward(nn.Labelled([]float32{1}, []int32{0}))
	fmt.Println("loss", eval.Loss, "outputs", plan.Outputs())

	g := make([]float32, net.Dim())
	plan.Adjoints(g, 1, false)
	fmt.Println("gradient", g)

	for _, v := range [][]float32{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}} {
		plan.SetTangent(v)
		plan.HessVec(g, 1, false)
		fmt.Println("Hessian times", v, "is", g)
	}
	// Output:
	// fc1.weight [1 1]
	// fc2.weight [2 1]
	// loss 18.5 outputs [2 6]
	// gradient [19 2 12]
	// Hessian times [1 0 0] is [10 3 12]
	// Hessian times [0 1 0] is [3 4 0]
	// Hessian times [0 0 1] is [12 0 4]
}
