package model_test

import (
	"slices"
	"strings"
	"testing"

	"breakeven/internal/testenv"
	"breakeven/model"
	"breakeven/nn"
	"breakeven/nn/nntest"
	"breakeven/run"
)

// fewDense are the fields of a small densely connected network.
var fewDense = map[string]string{"growth": "2", "dense_layers": "[2, 1]"}

func denseNet(t *testing.T, more map[string]string, input nn.Shape, classes int) *nn.Network {
	t.Helper()
	net, err := model.Of(run.Spec{Model: "densenet121", More: more}, nn.Input{Shape: input}, classes)
	if err != nil {
		t.Fatal(err)
	}
	return net
}

// The sizes of torchvision's DenseNet-121, and the numbers of both forms of SimpleCNN.
func TestSizes(t *testing.T) {
	photo := nn.Shape{C: 3, H: 224, W: 224}
	net := model.DenseNet121(photo, 1000)
	if net.Dim() != 7978856 || len(net.Params()) != 364 || net.StateDim() != 2*41824 || net.Output() != nn.Vec(1000) {
		t.Errorf("%d parameters in %d tensors, %d statistics, %v outputs", net.Dim(), len(net.Params()), net.StateDim(), net.Output())
	}
	if small := model.DenseNet121(nn.Shape{C: 3, H: 33, W: 47}, 1000); small.Dim() != net.Dim() {
		t.Errorf("%d parameters on other images", small.Dim())
	}
	for padding, want := range map[string]int{"same": 591274, "valid": 361898} {
		s := run.Spec{Model: "simplecnn", More: map[string]string{"padding": `"` + padding + `"`}}
		net, err := model.Of(s, nn.Input{Shape: cifar}, 10)
		if err != nil || net.Dim() != want {
			t.Errorf("padding %s: %d parameters, want %d (%v)", padding, net.Dim(), want, err)
		}
	}
}

// Images that are too small for the fields are refused.
func TestTooSmall(t *testing.T) {
	for _, c := range []struct {
		model string
		more  map[string]string
		side  int
		want  string
	}{
		{"densenet121", nil, 28, "at least 29×29"},
		{"densenet121", map[string]string{"dense_layers": "[1, 1, 1, 1, 1]"}, 60, "too small for 5 dense blocks"},
		{"densenet121", map[string]string{"dense_layers": "[1, 0]"}, 64, "must lie between 1"},
		{"densenet121", map[string]string{"dense_layers": "[]"}, 64, "dense_layers"},
		{"simplecnn", map[string]string{"padding": `"valid"`}, 9, "at least 10×10"},
		{"simplecnn-bn", map[string]string{"padding": `"none"`}, 32, "padding"},
	} {
		_, err := model.Of(run.Spec{Model: c.model, More: c.more}, nn.Input{Shape: nn.Shape{C: 1, H: c.side, W: 64}}, 10)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s with %v on %d pixels: %v, want %s", c.model, c.more, c.side, err, c.want)
		}
	}
	for more, side := range map[string]int{"[1]": 29, "[1, 1, 1, 1, 1]": 61, "[1, 1, 1, 1, 1, 1]": 125} {
		denseNet(t, map[string]string{"dense_layers": more, "growth": "1"}, nn.Shape{C: 1, H: side, W: side}, 2)
	}
}

// The contract of package nn holds for a densely connected network.
func TestDenseContract(t *testing.T) {
	nntest.TestNetwork(t, denseNet(t, map[string]string{"growth": "1", "dense_layers": "[2, 1]"}, nn.Shape{C: 1, H: 29, W: 30}, 3))
}

// The whole network runs forward, backward and through a product with the Hessian in the memory
// that it announces, on 32×32 pixels, and in the long form of the test on a batch of 8 images of
// 224×224.
func TestDenseMemory(t *testing.T) {
	side, n := 32, 2
	if testenv.Long() {
		side, n = 224, 8
	}
	input := nn.Shape{C: 3, H: side, W: side}
	net := model.DenseNet121(input, 1000)
	settings := nn.Settings{Batch: n, Tangents: true}
	announced := net.Memory(settings)
	theta, g := net.InitialParams(nn.He, 1), make([]float32, net.Dim())
	v := slices.Clone(theta)
	set := nn.Labelled(batch(input, n))
	taken := testenv.Allocated(func() {
		p := net.Compile(settings)
		p.SetParams(theta)
		p.SetTangent(v)
		loss := p.Forward(set).Loss
		p.Adjoints(g, 1, false)
		p.HessVec(g, 1, false)
		if sum := g[0] + float32(loss); sum != sum {
			t.Errorf("loss %v, Hessian product %v …", loss, g[0])
		}
	})
	t.Logf("%d images of %d×%d: %d MB announced, %d MB allocated", n, side, side, announced>>20, taken>>20)
	if got := float64(taken); got > 1.05*float64(announced)+2e7 {
		t.Errorf("%v bytes were allocated, %d were announced", got, announced)
	}
}
