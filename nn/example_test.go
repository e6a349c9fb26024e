package nn_test

import (
	"fmt"
	"math"

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

// Gradient descent on a network of one's own: two hidden units learn which of two
// numbers is the larger one.
func ExamplePlan_Gradient() {
	net, x := nn.NewNetwork(nn.Vec(2))
	x = net.Add("fc1", nn.Linear{Units: 2}, x)
	x = net.Add("tanh", nn.Tanh{}, x)
	net.Add("fc2", nn.Linear{Units: 2}, x)
	if err := net.Err(); err != nil {
		fmt.Println(err)
		return
	}
	batch := nn.Labelled([]float32{0, 1, 1, 0, 2, 1, 1, 3}, []int32{1, 0, 0, 1})

	plan := net.Compile(nn.Settings{Batch: batch.N})
	theta, g := net.InitialParams(nn.Glorot, 1), make([]float32, net.Dim())
	for range 200 {
		plan.SetParams(theta)
		plan.Forward(batch)
		plan.Gradient(g, 1/float64(batch.N), false) // of the mean loss
		for i := range theta {
			theta[i] -= 0.5 * g[i]
		}
	}
	plan.SetParams(theta)
	eval := plan.Forward(batch)
	fmt.Printf("loss below 0.1: %v, %v of %d correct\n", eval.Loss/4 < 0.1, plan.Metric(nn.Correct), batch.N)
	// Output:
	// loss below 0.1: true, 4 of 4 correct
}

// A sequence of tokens and a vector as the two inputs of one network.
func ExampleNetwork_AddInput() {
	net, numbers := nn.NewNetwork(nn.Vec(3))
	tokens := net.AddInput(nn.Input{Name: "tokens", Shape: nn.Seq(5, 1), Below: 100})
	words := net.Add("emb", nn.Embedding{Vocabulary: 100, Width: 4}, tokens)
	mean := net.Add("mean", nn.MeanSteps{}, words)
	both := net.Add("both", nn.Concat{}, mean, numbers)
	net.Add("fc", nn.Linear{Units: 2}, both)
	if err := net.Err(); err != nil {
		fmt.Println(err)
		return
	}
	plan := net.Compile(nn.Settings{Batch: 2})
	plan.SetParams(net.InitialParams(nn.Glorot, 0))
	plan.Forward(nn.Batch{
		N: 2,
		In: []nn.Values{
			{F: []float32{0, 0, 1, 1, 0, 0}},
			{I: []int32{7, 8, 9, 0, 0, 4, 0, 0, 0, 0}, Steps: []int32{3, 1}}, // the first has three words, the second one
		},
		Target: []nn.Target{{Labels: []int32{0, 1}}},
	})
	fmt.Println(net.Dim(), "parameters,", len(plan.Outputs()), "outputs")
	// Output:
	// 416 parameters, 4 outputs
}

// huber is a loss defined outside of nn: ½d² up to |d| = 1, |d| − ½ beyond.
type huber struct{}

func (huber) Name() string                             { return "huber" }
func (huber) Targets(outputs int) (classes, width int) { return 0, outputs }

func (huber) Value(r nn.Row) (loss float64) {
	for i, z := range r.Z {
		if d := math.Abs(float64(z - r.Vector[i])); d <= 1 {
			loss += d * d / 2
		} else {
			loss += d - 0.5
		}
	}
	return loss
}

func (huber) Adjoint(dst []float32, r nn.Row, scale float64) {
	for i, z := range r.Z {
		dst[i] = float32(scale) * max(-1, min(z-r.Vector[i], 1))
	}
}

func (huber) Hessian(dst, tangent []float32, r nn.Row, scale float64) {
	for i, z := range r.Z {
		dst[i] = 0
		if d := z - r.Vector[i]; -1 < d && d < 1 {
			dst[i] = float32(scale) * tangent[i]
		}
	}
}

// A loss of one's own. nntest.TestLoss tests one that has no kinks.
func ExampleLoss() {
	net, x := nn.NewNetwork(nn.Vec(1))
	net.Add("fc", nn.Linear{Units: 2, NoBias: true}, x)
	plan := net.Compile(nn.Settings{Batch: 1, Loss: huber{}})
	plan.SetParams([]float32{0.5, 4})
	eval := plan.Forward(nn.Batch{
		N:      1,
		In:     []nn.Values{{F: []float32{1}}},
		Target: []nn.Target{{Vector: []float32{0, 1}}},
	})
	g := make([]float32, net.Dim())
	plan.Gradient(g, 1, false)
	fmt.Println("loss", eval.Loss, "gradient", g)
	// Output:
	// loss 2.625 gradient [0.5 1]
}
