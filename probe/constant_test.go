package probe

import (
	"math"
	"testing"

	"breakeven/nn"
)

// The loss of the best constant prediction is what gradient descent finds with a
// network that has only a bias.
func TestConstantLoss(t *testing.T) {
	labels := nn.Batch{N: 6, In: []nn.Values{{F: make([]float32, 6)}}, Target: []nn.Target{{Labels: []int32{0, 2, 2, 1, 2, 0}}}}
	ignored := nn.Batch{N: 6, In: labels.In, Target: []nn.Target{{Labels: []int32{0, 2, nn.Ignored, 1, 2, nn.Ignored}}}}
	vectors := nn.Batch{N: 3, In: []nn.Values{{F: make([]float32, 3)}}, Target: []nn.Target{{Vector: []float32{1, 0, 3, -1, 4, 1, 2, 2, 0}}}}
	shares := nn.Batch{N: 3, In: vectors.In, Target: []nn.Target{{Vector: []float32{0.5, 0.25, 0.25, 0, 1, 0, 0.125, 0.75, 0.125}}}}
	for name, c := range map[string]struct {
		loss nn.Loss
		set  nn.Batch
	}{
		"shares": {nn.CrossEntropy{}, shares}, "answers": {nn.BinaryCrossEntropy{}, shares}, "one against the rest": {nn.BinaryCrossEntropy{}, labels},
		"labels": {nn.CrossEntropy{}, labels}, "ignored": {nn.CrossEntropy{}, ignored}, "squared": {nn.MSE{}, labels}, "vectors": {nn.MSE{}, vectors},
	} {
		net, x := nn.NewNetwork(nn.Vec(1)) // its inputs are 0
		net.Add("fc", nn.Linear{Units: 3}, x)
		theta, g, best := make([]float32, net.Dim()), make([]float32, net.Dim()), 0.0
		p := net.Compile(nn.Settings{Batch: c.set.N, Loss: c.loss})
		for range 3000 {
			p.SetParams(theta)
			best = p.Forward(c.set).Loss / net.Weight(c.set)
			p.Gradient(g, 1/net.Weight(c.set), false)
			for i := range theta {
				theta[i] -= 0.5 * g[i]
			}
		}
		got, ok := constantLoss(c.loss, c.set, 3)
		if !ok || math.Abs(got-best) > 1e-5 {
			t.Errorf("%s: %v, and descent finds %v", name, got, best)
		}
	}
	weighted := labels
	weighted.Target = []nn.Target{{Labels: labels.Target[0].Labels, Weight: make([]float32, 6)}}
	if _, ok := constantLoss(nn.CrossEntropy{}, weighted, 3); ok {
		t.Error("weighted examples")
	}
	if _, ok := constantLoss(nn.MixtureDensity{}, labels, 3); ok {
		t.Error("a loss without a rule")
	}
	yes := nn.Batch{N: 4, Target: []nn.Target{{Labels: []int32{1, 0, 0, 0}}}} // of one output
	if got, ok := constantLoss(nn.BinaryCrossEntropy{}, yes, 1); !ok || math.Abs(got+0.25*math.Log(0.25)+0.75*math.Log(0.75)) > 1e-12 {
		t.Errorf("one answer in four: %v", got)
	}
	if _, ok := constantLoss(nn.BinaryCrossEntropy{}, nn.Batch{N: 1, Target: []nn.Target{{Labels: []int32{nn.Ignored}}}}, 1); ok {
		t.Error("no answers")
	}
}
