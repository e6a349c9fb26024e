package nn_test

import (
	"math"
	"testing"

	"breakeven/nn"
)

func TestWeightedGradient(t *testing.T) {
	net, x := nn.NewNetwork(nn.Vec(3))
	net.Add("fc", nn.Linear{Units: 4}, x)
	p := net.Compile(nn.Settings{Batch: 3, Adjoints: true})
	p.SetParams(net.InitialParams(nn.He, 1))
	p.Forward(nn.Labelled(numbers(-4, 9), []int32{3, 0, 1}))
	weight := []float64{0.5, -2, 0}
	got := make([]float32, net.Dim())
	p.Adjoints(nil, 1, false)
	sum := make([]float64, net.Dim())
	for i, w := range weight {
		g := make([]float32, net.Dim())
		p.ExampleGradient(g, i)
		for j, v := range g {
			sum[j] += w * float64(v)
		}
	}
	p.WeightedGradient(got, weight)
	for j, v := range got {
		if math.Abs(float64(v)-sum[j]) > 1e-5 {
			t.Errorf("parameter %d: %v, want %v", j, v, sum[j])
		}
	}
}
