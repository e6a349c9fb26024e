package nn_test

import (
	"slices"
	"testing"

	"breakeven/nn"
	"breakeven/rng"
)

// A network with fixed statistics computes what a plan for inference with these statistics does,
// to the bit; the network that it is made of stays what it was.
func TestFixed(t *testing.T) {
	net, x := nn.NewNetwork(nn.Shape{C: 2, H: 4, W: 4})
	x = net.Add("conv", nn.Conv2D{Filters: 3, K: 3, Pad: 1}, x)
	x = net.Add("tanh", nn.Tanh{}, net.Add("bn", nn.BatchNorm{}, x))
	net.Add("fc", nn.Linear{Units: 3}, net.Add("flatten", nn.Flatten{}, x))
	r := rng.New(1, "fixed")
	const n = 7
	set := nn.Labelled(make([]float32, n*32), make([]int32, n))
	for i := range set.In[0].F {
		set.In[0].F[i] = float32(r.NormFloat64())
	}
	for i := range n {
		set.Target[0].Labels[i] = int32(i % 3)
	}
	theta, state := net.InitialParams(nn.Glorot, 1), net.InitialState()
	for i := range state {
		state[i] += 0.1 * float32(1+i)
	}
	before := slices.Clone(state)
	fixed := net.Fixed(state)
	clear(state)
	if !net.Couples() || fixed.Couples() || !slices.Equal(fixed.InitialState(), before) || slices.Equal(net.InitialState(), before) {
		t.Fatal("fixed statistics couple examples, or are others, or are those of both networks")
	}
	compute := func(net *nn.Network, s nn.Settings) (all []float32) {
		p := net.Compile(s)
		copy(p.State(), before)
		p.SetParams(theta)
		p.SetTangent(theta)
		losses := p.Forward(set).Loss
		g, h, each := make([]float32, net.Dim()), make([]float32, net.Dim()), make([]float64, n)
		p.Adjoints(g, 1, false)
		p.HessVec(h, 1, false)
		p.ExampleCurvatures(each, 1)
		all = append(append(all, float32(losses)), append(g, h...)...)
		for _, c := range each {
			all = append(all, float32(c))
		}
		return all
	}
	s := nn.Settings{Batch: n, Tangents: true}
	got := compute(fixed, s)
	s.Inference = true
	if want := compute(net, s); !slices.Equal(got, want) {
		t.Error("other numbers than those of a plan for inference")
	}
	if fixed.Memory(nn.Settings{Batch: n, Tangents: true}) != net.Memory(s) {
		t.Error("another memory than that of a plan for inference")
	}
}
