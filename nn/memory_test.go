package nn_test

import (
	"math"
	"testing"

	"breakeven/internal/testenv"
	"breakeven/nn"
)

// The memory announced for a plan is what the plan takes, for a network of large
// activations and for one of large weights.
func TestMemory(t *testing.T) {
	images, x := nn.NewNetwork(nn.Shape{C: 3, H: 16, W: 16})
	x = images.Add("conv", nn.Conv2D{Filters: 24, K: 3, Pad: 1}, x)
	x = images.Add("bn", nn.BatchNorm{}, x)
	x = images.Add("relu", nn.ReLU{}, x)
	x = images.Add("pool", nn.MaxPool{K: 2}, x)
	x = images.Add("flatten", nn.Flatten{}, x)
	images.Add("fc", nn.Linear{Units: 10}, x)
	weights, x := nn.NewNetwork(nn.Shape{C: 64, H: 2, W: 2})
	x = weights.Add("conv1", nn.Conv2D{Filters: 64, K: 3, Pad: 1}, x)
	x = weights.Add("conv2", nn.Conv2D{Filters: 64, K: 3, Pad: 1}, x)
	x = weights.Add("flatten", nn.Flatten{}, x)
	x = weights.Add("fc1", nn.Linear{Units: 200}, x)
	weights.Add("fc2", nn.Linear{Units: 100}, x)
	for _, net := range []*nn.Network{images, weights} {
		for _, s := range []nn.Settings{{Batch: 40}, {Batch: 64, Tangents: true}, {Batch: 20, Tapes: 5, Tangents: true}, {Batch: 40, Tapes: 3, Last: 2, Curved: 10, Tangents: true}} {
			var promised int64
			if asking := testenv.Allocated(func() { promised = net.Memory(s) }); asking > promised/20 {
				t.Errorf("%v, %+v: to ask took %d of %d bytes", net.Input, s, asking, promised)
			}
			p, took := measured(net, s)
			for range 2 { // the first may also allocate the workspaces of products
				_, again := measured(net, s)
				took = min(took, again)
			}
			if promised != p.Bytes() || promised < took*95/100 || promised > took*105/100 {
				t.Errorf("%v, %+v: promised %d bytes, plan says %d, took %d", net.Input, s, promised, p.Bytes(), took)
			}
		}
	}
}

// A plan for few examples has no strips for more than its shards have.
func TestMemoryOfFewExamples(t *testing.T) {
	net, x := nn.NewNetwork(nn.Shape{C: 1, H: 16, W: 16})
	x = net.Add("conv", nn.Conv2D{Filters: 8, K: 1}, x)
	x = net.Add("tanh", nn.Tanh{}, x)
	x = net.Add("conv2", nn.Conv2D{Filters: 8, K: 1}, x)
	x = net.Add("tanh2", nn.Tanh{}, x)
	x = net.Add("pool", nn.AvgPool{}, x)
	net.Add("fc", nn.Linear{Units: 2}, net.Add("flatten", nn.Flatten{}, x))
	few, many := net.Memory(nn.Settings{Batch: 8}), net.Memory(nn.Settings{Batch: 128})
	if few > many/8 {
		t.Errorf("8 examples take %d bytes, 128 take %d", few, many)
	}
}

// The memory announced for Gram matrices is what they take.
func TestGramMemory(t *testing.T) {
	net, x := nn.NewNetwork(nn.Shape{C: 3, H: 8, W: 8})
	x = net.Add("conv", nn.Conv2D{Filters: 16, K: 3, Pad: 1}, x)
	x = net.Add("conv2", nn.Conv2D{Filters: 20, K: 3, Pad: 1}, x)
	x = net.Add("relu", nn.ReLU{}, x)
	x = net.Add("flatten", nn.Flatten{}, x)
	net.Add("fc", nn.Linear{Units: 5}, x)
	const n = 60
	for outputs, promised := range map[int]int64{1: net.ExampleGramMemory(n), 5: net.OutputGramMemory(n)} {
		dst := make([]float64, n*n*outputs*outputs)
		took, again := int64(math.MaxInt64), int64(0)
		for range 3 { // the first may also allocate the workspaces of products
			p, _ := measured(net, nn.Settings{Batch: n, Adjoints: true})
			p.Adjoints(nil, 1, false)
			gram := func() { p.ExampleGram(dst) }
			if outputs > 1 {
				gram = func() { p.OutputGram(dst) }
			}
			took = min(took, testenv.Allocated(gram))
			again = testenv.Allocated(gram)
		}
		if promised < took*95/100 || promised > took*105/100 {
			t.Errorf("%d rows for each example: promised %d bytes, took %d", outputs, promised, took)
		}
		if outputs == 1 && again > promised/20 { // its memory is used again
			t.Errorf("a second Gram matrix took %d bytes of %d again", again, promised)
		}
	}
}

// measured makes a plan, runs it once and returns the bytes that this allocated.
func measured(net *nn.Network, s nn.Settings) (*nn.Plan, int64) {
	theta := make([]float32, net.Dim())
	x, labels := make([]float32, s.Batch*net.Input.Size()), make([]int32, s.Batch)
	var p *nn.Plan
	took := testenv.Allocated(func() {
		p = net.Compile(s)
		p.SetParams(theta)
		p.Forward(nn.Labelled(x, labels))
	})
	return p, took
}
