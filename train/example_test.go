package train_test

import (
	"fmt"

	"breakeven/nn"
	"breakeven/rng"
	"breakeven/train"
)

// SGD with momentum on a line with noise: each step sees a batch of its own, which
// seed and step decide.
func ExampleLoop() {
	net, x := nn.NewNetwork(nn.Vec(1))
	net.Add("fc", nn.Linear{Units: 1}, x)
	plan := net.Compile(nn.Settings{Batch: 8, Loss: nn.MSE{}})
	method, err := train.New("momentum", 0.05, 0.9, net.Dim())
	if err != nil {
		fmt.Println(err)
		return
	}
	in, out := make([]float32, 8), make([]float32, 8)
	batch := nn.Batch{N: 8, In: []nn.Values{{F: in}}, Target: []nn.Target{{Vector: out}}}
	loop := train.NewLoop(plan, net.InitialParams(nn.Glorot, 1), method, func(step int) nn.Batch {
		s := rng.New(1, fmt.Sprint("line/", step))
		for i := range in {
			in[i] = float32(s.NormFloat64())
			out[i] = 3*in[i] - 1 + 0.01*float32(s.NormFloat64())
		}
		return batch
	})
	for loop.Done < 200 {
		if _, err := loop.Step(); err != nil {
			fmt.Println(err)
			return
		}
	}
	for i, p := range net.Params() {
		fmt.Printf("%s %.1f\n", p.Name, loop.Theta[i])
	}
	// Output:
	// fc.weight 3.0
	// fc.bias -1.0
}
