package nn_test

import (
	"slices"
	"testing"

	"breakeven/nn"
	"breakeven/nn/nntest"
)

// alongRow is a convolution with windows of three pixels along a row, whose weight [4, 2, 3] is a parameter of that shape or, if it is own, the
// operation's [4, 6, 1, 1].
func alongRow(own bool) *nn.Network {
	net, x := nn.NewNetwork(nn.Shape{C: 2, H: 1, W: 6})
	x = net.Add("windows", nn.Unfold{H: 1, W: 4, Read: []nn.Window{{0, 1, 2}, {1, 2, 3}, {2, 3, 4}, {3, 4, 5}}}, net.Add("tanh", nn.Tanh{}, net.Add("conv0", nn.Conv2D{Filters: 2, K: 1}, x)))
	share := map[string]string{}
	if !own {
		net.AddParam(nn.Param{Name: "conv.weight", Shape: []int{4, 2, 3}})
		share["weight"] = "conv.weight"
	}
	x = net.AddSharing("conv", nn.Conv2D{Filters: 4, K: 1}, share, x)
	net.Add("fc", nn.Linear{Units: 3}, net.Add("flatten", nn.Flatten{}, net.Add("tanh1", nn.Tanh{}, x)))
	return net
}

// A parameter may be cut otherwise behind its first dimension than the operation has it, and has Kronecker factors then, too.
func TestCutParameters(t *testing.T) {
	net, whole := alongRow(false), alongRow(true)
	nntest.TestNetwork(t, net)
	x := make([]float32, 24)
	for i := range x {
		x[i] = float32(i%7) - 3
	}
	theta := make([]float32, net.Dim())
	for i := range theta {
		theta[i] = float32(i%11)/11 - 0.5
	}
	var gradients [2][]float32
	var blocks [2]int
	for k, n := range []*nn.Network{net, whole} {
		p := n.Compile(nn.Settings{Batch: 2, Factors: true, Adjoints: true})
		p.SetParams(theta)
		p.Forward(nn.Labelled(x, []int32{0, 2}))
		gradients[k], blocks[k] = make([]float32, n.Dim()), len(n.Blocks())
		p.Gradient(gradients[k], 1, false)
	}
	if !slices.Equal(gradients[0], gradients[1]) || blocks[0] != blocks[1] || blocks[0] != 3 {
		t.Errorf("gradients %v with %d blocks, and %v with %d", gradients[0], blocks[0], gradients[1], blocks[1])
	}
	other, in := nn.NewNetwork(nn.Vec(6))
	other.AddParam(nn.Param{Name: "turned", Shape: []int{6, 4}})
	if text := panicOf(func() { other.AddSharing("fc", nn.Linear{Units: 4}, map[string]string{"weight": "turned"}, in) }); text == "" {
		t.Error("a matrix of another shape does not panic")
	}
}
