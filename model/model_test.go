package model_test

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"breakeven/internal/testenv"
	"breakeven/model"
	"breakeven/nn"
	"breakeven/nn/nntest"
	"breakeven/rng"
	"breakeven/run"
)

var cifar = nn.Shape{C: 3, H: 32, W: 32}

// Names, places and shapes of all parameters are those of the state_dicts from which
// the reference values were computed.
func TestParameters(t *testing.T) {
	f, err := os.Open("testdata/parameters.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	want, dim, name := map[string][]string{}, map[string]int{}, ""
	for s := bufio.NewScanner(f); s.Scan(); {
		switch fields := strings.Fields(s.Text()); {
		case len(fields) == 2:
			name = fields[0]
			d, err := strconv.Atoi(fields[1])
			if err != nil {
				t.Fatal(err)
			}
			dim[name] = d
		case len(fields) == 3:
			want[name] = append(want[name], s.Text())
		}
	}
	if len(want) != 5 {
		t.Fatalf("parameters of %d models in testdata, want 5", len(want))
	}
	for name, lines := range want {
		net := newModel(t, name, cifar, 10)
		var got []string
		for _, p := range net.Params() {
			shape := strings.Trim(strings.ReplaceAll(fmt.Sprint(p.Shape), " ", "x"), "[]")
			got = append(got, fmt.Sprintf("%s %d %s", p.Name, p.Offset, shape))
		}
		if !slices.Equal(got, lines) {
			t.Errorf("%s has parameters\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(lines, "\n"))
		}
		if net.Dim() != dim[name] {
			t.Errorf("%s has %d parameters, want %d", name, net.Dim(), dim[name])
		}
	}
}

func newModel(t testing.TB, name string, input nn.Shape, classes int) *nn.Network {
	t.Helper()
	net, err := model.New(name, input, classes)
	if err != nil {
		t.Fatal(err)
	}
	return net
}

// Every model, on the images of every data set and on the smallest that it takes, has
// one output for each class.
func TestInputs(t *testing.T) {
	for _, m := range model.All {
		if m.Reads != model.Numbers {
			continue
		}
		for _, input := range []nn.Shape{cifar, {C: 1, H: 28, W: 28}, {C: 2, H: 29, W: 31}, {C: 1, H: m.MinSide, W: m.MinSide}} {
			if min(input.H, input.W) < m.MinSide {
				continue
			}
			for _, classes := range []int{2, 10} {
				net := newModel(t, m.Name, input, classes)
				if net.Output() != nn.Vec(classes) || net.Input != input {
					t.Errorf("%s takes %v to %v, want %v to %d", m.Name, net.Input, net.Output(), input, classes)
				}
			}
		}
		if m.Doc == "" {
			t.Errorf("%s has no documentation", m.Name)
		}
	}
	if got, want := newModel(t, "simplecnn", nn.Shape{C: 1, H: 28, W: 28}, 10).Dim(), 320+9248+18496+36928+(64*49*128+128)+1290; got != want {
		t.Errorf("simplecnn on 1×28×28 has %d parameters, want %d", got, want)
	}
	projection := newModel(t, "resnet32-proj", cifar, 10)
	for _, name := range []string{"layer2.0.shortcut.0.weight", "layer2.0.shortcut.1.weight", "layer2.0.shortcut.1.bias", "layer3.0.shortcut.0.weight"} {
		if !slices.ContainsFunc(projection.Params(), func(p nn.Param) bool { return p.Name == name }) {
			t.Errorf("resnet32-proj has no parameter %s", name)
		}
	}
	// Projection shortcuts add 16·32 + 32·64 weights and two scales and shifts
	// for each of 32 + 64 channels.
	if got, want := projection.Dim(), 464154+16*32+32*64+2*(32+64); got != want {
		t.Errorf("resnet32-proj has %d parameters, want %d", got, want)
	}
}

// The running statistics are named as PyTorch names them.
func TestBuffers(t *testing.T) {
	for name, want := range map[string]struct {
		tensors, numbers int
		last             string
	}{
		"simplecnn":     {0, 0, ""},
		"simplecnn-bn":  {8, 2 * (32 + 32 + 64 + 64), "bn4.running_var"},
		"resnet32":      {62, 2 * (16 + 10*16 + 10*32 + 10*64), "layer3.4.bn2.running_var"},
		"resnet32-proj": {66, 2 * (16 + 10*16 + 11*32 + 11*64), "layer3.4.bn2.running_var"},
	} {
		net := newModel(t, name, cifar, 10)
		b := net.Buffers()
		if len(b) != want.tensors || net.StateDim() != want.numbers {
			t.Errorf("%s has %d running statistics of %d numbers, want %d of %d", name, len(b), net.StateDim(), want.tensors, want.numbers)
		}
		if len(b) > 0 && b[len(b)-1].Name != want.last {
			t.Errorf("%s ends with %s, want %s", name, b[len(b)-1].Name, want.last)
		}
	}
}

// Fields that a model declares may come from an untrusted store: a wrong value is an
// error.
func TestBadFields(t *testing.T) {
	for _, c := range []struct{ model, field, value, want string }{
		{"mlp", "hidden", "many", "hidden: want a list of whole numbers"},
		{"mlp", "hidden", "[5, 0]", "hidden: must lie between 1"},
		{"simplecnn", "filters", "-3", "filters: must lie between 1"},
		{"resnet32", "depth", "33", "depth: must be 6n + 2"},
		{"resnet32-proj", "depth", "1e3", "depth: want a whole number"},
	} {
		net, err := model.Of(run.Spec{Model: c.model, More: map[string]string{c.field: c.value}}, nn.Input{Shape: cifar}, 10)
		if net != nil || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s with %s %s: %v, want %s", c.model, c.field, c.value, err, c.want)
		}
	}
}

// A network of numbers refuses tokens, and says which model reads them.
func TestTokens(t *testing.T) {
	in := nn.Input{Name: "tokens", Shape: nn.Seq(4, 1), Below: 9}
	if _, err := model.Of(run.Spec{Model: "mlp"}, in, 2); err == nil || !strings.Contains(err.Error(), "mlp reads numbers") || !strings.HasSuffix(err.Error(), "lstm, bert") {
		t.Error(err)
	}
}

func TestNewErrors(t *testing.T) {
	for _, c := range []struct {
		name    string
		input   nn.Shape
		classes int
		want    []string
	}{
		{"alexnet", cifar, 10, []string{`"alexnet"`, "simplecnn", "resnet32", "tiny"}},
		{"", cifar, 10, []string{`""`, "mlp"}},
		{"simplecnn", nn.Shape{C: 3, H: 3, W: 32}, 10, []string{"simplecnn", "4×4", "3×3×32"}},
		{"resnet32", nn.Shape{C: 3, H: 32, W: 3}, 10, []string{"resnet32", "3×32×3"}},
		{"tiny", nn.Shape{C: 0, H: 32, W: 32}, 10, []string{"tiny", "0×32×32"}},
		{"mlp", nn.Shape{C: 3, H: 0, W: 1}, 10, []string{"mlp"}},
		{"mlp", nn.Shape{C: 3, H: -4, W: -4}, 10, []string{"mlp"}},
		{"mlp", cifar, 0, []string{"mlp", "0 outputs"}},
		{"lstm", cifar, 2, []string{"lstm", "reads tokens", "hold numbers", "simplecnn"}},
	} {
		net, err := model.New(c.name, c.input, c.classes)
		if err == nil || net != nil {
			t.Errorf("%s on %v with %d classes: no error", c.name, c.input, c.classes)
			continue
		}
		for _, part := range c.want {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s on %v with %d classes: %q does not say %s", c.name, c.input, c.classes, err, part)
			}
		}
	}
}

// The contract of package nn holds for whole models.
func TestContract(t *testing.T) {
	for name, input := range map[string]nn.Shape{
		"tiny":         {C: 3, H: 8, W: 8},
		"mlp":          {C: 1, H: 2, W: 2},
		"simplecnn":    {C: 1, H: 4, W: 4},
		"simplecnn-bn": {C: 1, H: 4, W: 4},
	} {
		t.Run(name, func(t *testing.T) { nntest.TestNetwork(t, newModel(t, name, input, 3)) })
	}
}

// For the deepest model, for which the whole contract takes too long: no bit depends on
// the number of cores.
func TestResNetOnAnyCores(t *testing.T) {
	input := nn.Shape{C: 3, H: 8, W: 8}
	x, labels := batch(input, 24)
	var want []float32
	testenv.OnProcessors(t, func(when string) {
		net := newModel(t, "resnet32", input, 10)
		p := net.Compile(nn.Settings{Batch: 24, Tangents: true})
		theta := net.InitialParams(nn.Glorot, 1)
		p.SetParams(theta)
		p.SetTangent(net.InitialParams(nn.Gaussian, 2))
		p.Forward(nn.Labelled(x, labels))
		g, h := make([]float32, net.Dim()), make([]float32, net.Dim())
		p.Adjoints(g, 1, false)
		p.HessVec(h, 1, false)
		if got := append(g, h...); want == nil {
			want = got
		} else if !slices.Equal(got, want) {
			t.Errorf("other numbers %s", when)
		}
	})
}

// small is a small network of a model, with n examples.
func small(t *testing.T, m model.Model, n int) (*nn.Network, nn.Batch) {
	if m.Reads != model.Numbers {
		net, err := sizes{Vocabulary: 40, Steps: 7, Embedding: 6, Units: 5, Layers: 2, Classes: 10}.network()
		if err != nil {
			t.Fatal(err)
		}
		return net, texts(net, n)
	}
	input := nn.Shape{C: 2, H: max(m.MinSide, 6), W: max(m.MinSide, 6)}
	if m.Name == "densenet121" {
		net := denseNet(t, fewDense, input, 10)
		return net, nn.Labelled(batch(input, n))
	}
	net := newModel(t, m.Name, input, 10)
	return net, nn.Labelled(batch(net.Input, n))
}

// No bit of any pass of a model changes while the number of processors does.
func TestPassesWhileProcessorsChange(t *testing.T) {
	for _, m := range model.All {
		if m.Name == "resnet50" { // the operations of resnet32-proj, at thirty times their cost
			continue
		}
		t.Run(m.Name, func(t *testing.T) {
			net, set := small(t, m, 20)
			theta, v := net.InitialParams(nn.Glorot, 1), net.InitialParams(nn.Gaussian, 2)
			plan := func() *nn.Plan {
				return net.Compile(nn.Settings{Batch: 20, Tangents: true, Adjoints: true})
			}
			// passes runs nine passes and returns what they give.
			passes := func(p *nn.Plan) []float32 {
				p.SetParams(theta)
				p.SetTangent(v)
				p.Forward(set)
				var all [4][]float32
				for i := range all {
					all[i] = make([]float32, net.Dim())
				}
				p.Adjoints(all[0], 1, false)
				p.HessVec(all[1], 1, false)
				p.GaussNewtonVec(all[2], 1, false)
				p.Gradient(all[3], 1, false)
				result := slices.Concat(append(all[:], p.JacVec())...)
				if p.PerExample() {
					p.Adjoints(nil, 1, false)
					gram := make([]float64, set.N*set.N)
					p.ExampleGram(gram)
					for _, g := range gram {
						result = append(result, float32(g))
					}
				}
				return result
			}
			want := passes(plan())
			testenv.FlipProcessors(t)
			p := plan()
			for i := range testenv.Scale(8, 2000/9) {
				if !slices.Equal(passes(p), want) {
					t.Fatalf("round %d of nine passes gives other bits", i)
				}
			}
		})
	}
}

func batch(input nn.Shape, n int) ([]float32, []int32) {
	r := rng.New(1, "model/test")
	x, labels := make([]float32, n*input.Size()), make([]int32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	for i := range labels {
		labels[i] = int32(r.IntN(10))
	}
	return x, labels
}
