package probe_test

import (
	"context"
	"fmt"

	"breakeven/curvature"
	"breakeven/nn"
	"breakeven/probe"
	"breakeven/rng"
)

// Some probes on a network of one's own, at one point of its trajectory.
func ExampleMeasure() {
	net, x := nn.NewNetwork(nn.Vec(4))
	x = net.Add("fc1", nn.Linear{Units: 8}, x)
	x = net.Add("tanh", nn.Tanh{}, x)
	net.Add("fc2", nn.Linear{Units: 2}, x)

	const n = 96
	s := rng.New(1, "examples")
	in, labels := make([]float32, 4*n), make([]int32, n)
	for i := range labels {
		labels[i] = int32(i % 2)
		for k := range 4 {
			in[4*i+k] = float32(s.NormFloat64()) + float32(labels[i])
		}
	}
	set, theta := nn.Labelled(in, labels), net.InitialParams(nn.Glorot, 1)

	problem := curvature.New(net, set, curvature.Settings{Metrics: []curvature.Metric{{Of: nn.Correct}}})
	if err := problem.At(theta); err != nil {
		fmt.Println(err)
		return
	}
	subject := &probe.Subject{
		Net: net, Loss: nn.CrossEntropy{}, Theta: theta, Problem: problem, Metrics: []string{"accuracy"},
		Batches: curvature.Parts(set, 12), // K: twelve minibatches of eight
		LR:      0.1, Size: 8, N: n, Tol: 0.001,
	}
	probes, err := probe.Select([]string{"loss", "k", "h"})
	if err != nil {
		fmt.Println(err)
		return
	}
	values, err := probe.Measure(context.Background(), subject, probes)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, v := range values {
		fmt.Printf("%-12s %.3g %s\n", v.Key, v.Value, v.Unit)
	}
	// Output:
	// loss         0.958 nat
	// accuracy     0.229 1
	// constant_loss 0.693 nat
	// grad_norm    0.9 nat
	// k_max        0.13 nat²
	// k_min        0.000534 nat²
	// k_trace      0.31 nat²
	// k_rank       2.38 1
	// k_condition  0.00409 1
	// topspace     1.04 1
	// h_max        1.32 nat
	// alignment    0.441 1
}
