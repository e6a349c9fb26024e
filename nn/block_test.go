package nn_test

import (
	"fmt"
	"testing"

	"breakeven/nn"
)

// Which matrices have factors, what they are called and how large they are.
func TestBlocks(t *testing.T) {
	check := func(net *nn.Network, want ...string) {
		t.Helper()
		var got []string
		for _, b := range net.Blocks() {
			got = append(got, fmt.Sprintf("%s %d×%d×%d at %d and %d %v", b.Name, b.Rows, b.Out, b.Inputs, b.Weight, b.Bias, b.FromInput))
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("blocks %q, want %q", got, want)
		}
	}
	net, x := nn.NewNetwork(nn.Shape{C: 2, H: 4, W: 4})
	x = net.Add("relu", nn.ReLU{}, net.Add("conv", nn.Conv2D{Filters: 3, K: 3}, x))
	net.Add("fc", nn.Linear{Units: 5, NoBias: true}, net.Add("flatten", nn.Flatten{}, net.Add("bn", nn.BatchNorm{}, x)))
	check(net, "conv.weight 4×3×19 at 0 and 54 true", "fc.weight 1×5×12 at 63 and -1 false")

	// A propagation and the dense layer in front of it are one layer, whoever has the bias.
	check(twoLayers(6, 4, 3), "conv1.weight 1×4×7 at 0 and 24 true", "conv2.weight 1×3×5 at 28 and 40 false")
	net = new(nn.Network)
	x = net.AddInput(nn.Input{Name: "features", Shape: nn.Vec(6), Sparse: true})
	x = net.Add("lin", nn.Linear{Units: 4, NoBias: true}, x)
	y := net.Add("spread", nn.Propagate{Bias: "bias"}, x)
	check(net, "lin.weight 1×4×7 at 0 and 24 true")
	net.Add("sum", nn.Residual{}, x, y) // now something else reads the dense layer
	check(net, "lin.weight 1×4×6 at 0 and -1 true")

	net, x = nn.NewNetwork(nn.Seq(7, 3))
	x = net.Add("dropout", nn.Dropout{Rate: 0.5}, x)
	x = net.Add("lstm", nn.LSTM{Hidden: 2}, x)
	net.Add("fc", nn.Linear{Units: 4}, net.Add("last", nn.Step{At: -1}, x))
	check(net, "lstm.weight_ih_l0 7×8×4 at 0 and 40 false", "lstm.weight_hh_l0 7×8×3 at 24 and 48 false", "fc.weight 1×4×3 at 56 and 64 false")

	net, x = nn.NewNetwork(nn.Vec(3))
	x = net.Add("one", nn.Linear{Units: 3}, x)
	net.AddSharing("two", nn.Linear{Units: 3}, map[string]string{"weight": "one.weight"}, x)
	check(net)
}

// A batch with other targets has the losses and the gradient of a batch that had them from
// the start.
func TestRetarget(t *testing.T) {
	net, b := twoLayers(6, 4, 3), ringBatch(8, 6, 3)
	theta := net.InitialParams(nn.Glorot, 1)
	other := b
	other.Target = []nn.Target{{Labels: []int32{0, 1, 2, 0, 1, 2, nn.Ignored, 1}, Weight: []float32{1, 2, 0, 1, 1, 0.5, 1, 1}}}
	run := func(first nn.Batch, again bool) (float64, []float32) {
		p, g := net.Compile(nn.Settings{Batch: 8}), make([]float32, net.Dim())
		p.SetParams(theta)
		e := p.Forward(first)
		if again {
			e = p.Retarget(other.Target)
		}
		p.Gradient(g, 1, false)
		return e.Loss, g
	}
	loss, g := run(b.Slice(0, 2), true)
	if want, h := run(other, false); loss != want || fmt.Sprint(g) != fmt.Sprint(h) {
		t.Errorf("loss %v and gradient %v, want %v and %v", loss, g, want, h)
	}
}
