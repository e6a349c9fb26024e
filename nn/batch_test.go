package nn_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"breakeven/nn"
	"breakeven/tensor"
)

// text is a network of two inputs, numbers and a sequence, with a sequence for its
// main output.
func sequences() *nn.Network {
	net := new(nn.Network)
	x := net.AddInput(nn.Input{Name: "steps", Shape: nn.Seq(3, 2)})
	y := net.AddInput(nn.Input{Name: "vector", Shape: nn.Vec(4)})
	net.AddOutput("labels", net.Add("fc1", nn.Linear{Units: 5}, x))
	net.AddOutput("class", net.Add("fc2", nn.Linear{Units: 2}, y))
	return net
}

func TestBatchSlice(t *testing.T) {
	b := nn.Batch{N: 4, In: []nn.Values{
		{F: numbers(0, 24), Steps: []int32{1, 2, 3, 0}}, {I: []int32{5, 6, 7, 8}},
	}, Target: []nn.Target{
		{Labels: []int32{0, 1, 2, 3, 4, 5, 6, 7}, Weight: numbers(0, 4)}, {Vector: numbers(0, 12), Weight: numbers(0, 8)},
	}}
	s := b.Slice(1, 3)
	equal(t, "numbers", s.In[0].F, numbers(6, 12))
	equal(t, "vectors", s.Target[1].Vector, numbers(3, 6))
	equal(t, "weights of examples", s.Target[0].Weight, numbers(1, 2))
	equal(t, "weights of rows", s.Target[1].Weight, numbers(2, 4))
	if s.Len() != 2 || !slices.Equal(s.In[0].Steps, []int32{2, 3}) || !slices.Equal(s.In[1].I, []int32{6, 7}) || !slices.Equal(s.Target[0].Labels, []int32{2, 3, 4, 5}) {
		t.Errorf("examples 1 and 2 are %+v", s)
	}
	if s.In[0].I != nil || s.In[1].Steps != nil || s.Target[0].Vector != nil || s.Target[1].Labels != nil {
		t.Errorf("examples 1 and 2 have what the batch has not: %+v", s)
	}
}

func TestWeight(t *testing.T) {
	net := sequences()
	in := []nn.Values{{F: make([]float32, 12)}, {F: make([]float32, 8)}}
	short := []nn.Values{{F: make([]float32, 12), Steps: []int32{1, 3}}, in[1]}
	labels := []int32{0, 1, nn.Ignored, 3, 4, 0}
	for _, c := range []struct {
		what   string
		in     []nn.Values
		target []nn.Target
		want   float64
	}{
		{"no targets", in, nil, 0},
		{"labels", in, []nn.Target{{Labels: make([]int32, 6)}}, 6},
		{"labels ignored", in, []nn.Target{{Labels: labels}}, 5},
		{"short sequences", short, []nn.Target{{Labels: labels}}, 4},
		{"weights of examples", short, []nn.Target{{Labels: labels, Weight: []float32{10, 1}}}, 13},
		{"weights of rows", in, []nn.Target{{Labels: labels, Weight: numbers(0, 6)}}, 13},
		{"the other output", in, []nn.Target{{}, {Labels: []int32{1, 0}, Weight: []float32{0.5, 2}}}, 2.5},
		{"vectors", in, []nn.Target{{Vector: make([]float32, 30)}}, 6},
	} {
		if got := net.Weight(nn.Batch{N: 2, In: c.in, Target: c.target}); got != c.want {
			t.Errorf("%s: %v, want %v", c.what, got, c.want)
		}
	}
}

// A weight says how often an example counts.
func TestWeightsRepeatExamples(t *testing.T) {
	net, theta, _, _ := small()
	x, labels := numbers(-2, 9), []int32{1, 0, 1}
	pass := func(b nn.Batch) (float64, []float32) {
		p, g := net.Compile(nn.Settings{Batch: 4}), make([]float32, net.Dim())
		p.SetParams(theta)
		e := p.Forward(b)
		p.Gradient(g, 1/net.Weight(b), false)
		return e.Loss / net.Weight(b), g
	}
	weighted := nn.Labelled(x, labels)
	weighted.Target[0].Weight = []float32{3, 0, 1}
	loss, g := pass(weighted)
	want, wantG := pass(nn.Labelled(slices.Concat(x[:3], x[:3], x[:3], x[6:]), []int32{1, 1, 1, 1}))
	tensor.Axpy(g, -1, wantG)
	if math.Abs(loss-want) > 1e-12 || tensor.Norm(g) > 1e-6*tensor.Norm(wantG) {
		t.Errorf("loss %v, want %v; gradients %v apart", loss, want, tensor.Norm(g))
	}
}

func TestWrongBatches(t *testing.T) {
	net := sequences()
	p := net.Compile(nn.Settings{Batch: 2, Losses: map[string]nn.Loss{"class": nn.MSE{}}})
	p.SetParams(make([]float32, net.Dim()))
	good := func() nn.Batch {
		return nn.Batch{N: 2, In: []nn.Values{{F: make([]float32, 12)}, {F: make([]float32, 8)}}, Target: []nn.Target{{Labels: make([]int32, 6)}}}
	}
	p.Forward(good())
	for what, spoil := range map[string]func(b *nn.Batch){
		"too many examples":    func(b *nn.Batch) { b.N = 3 },
		"an input too few":     func(b *nn.Batch) { b.In = b.In[:1] },
		"a target too many":    func(b *nn.Batch) { b.Target = make([]nn.Target, 3) },
		"input too short":      func(b *nn.Batch) { b.In[0].F = make([]float32, 11) },
		"integers for numbers": func(b *nn.Batch) { b.In[0] = nn.Values{I: make([]int32, 12)} },
		"lengths of a vector":  func(b *nn.Batch) { b.In[1].Steps = make([]int32, 2) },
		"lengths too few":      func(b *nn.Batch) { b.In[0].Steps = make([]int32, 1) },
		"length too large":     func(b *nn.Batch) { b.In[0].Steps = []int32{4, 1} },
		"length negative":      func(b *nn.Batch) { b.In[0].Steps = []int32{3, -1} },
		"labels and vectors":   func(b *nn.Batch) { b.Target[0].Vector = make([]float32, 30) },
		"labels too few":       func(b *nn.Batch) { b.Target[0].Labels = make([]int32, 2) },
		"label too large":      func(b *nn.Batch) { b.Target[0].Labels[3] = 5 },
		"label negative":       func(b *nn.Batch) { b.Target[0].Labels[3] = -1 },
		"vectors of the wrong": func(b *nn.Batch) { b.Target = []nn.Target{{Vector: make([]float32, 24)}} },
		"vectors too short":    func(b *nn.Batch) { b.Target = append(b.Target, nn.Target{Vector: make([]float32, 3)}) },
		"weights too few":      func(b *nn.Batch) { b.Target[0].Weight = make([]float32, 3) },
	} {
		b := good()
		spoil(&b)
		if text := panicOf(func() { p.Forward(b) }); !strings.HasPrefix(text, "nn: ") {
			t.Errorf("%s: panics with %q", what, text)
		}
	}
	b := good()
	b.Target = nil
	p.Forward(b)
	if text := panicOf(func() { p.Gradient(make([]float32, net.Dim()), 1, false) }); !strings.Contains(text, "no targets") {
		t.Errorf("a gradient without targets panics with %q", text)
	}
	if len(p.Output(0)) != 30 || len(p.Output(1)) != 4 {
		t.Errorf("outputs of %d and %d numbers", len(p.Output(0)), len(p.Output(1)))
	}
}

func TestEnds(t *testing.T) {
	net := sequences()
	if in := net.Inputs(); len(in) != 2 || in[0] != (nn.Input{Name: "steps", Shape: nn.Seq(3, 2)}) || in[1].Name != "vector" || net.Input != nn.Seq(3, 2) {
		t.Errorf("inputs %+v", in)
	}
	if out := net.Outputs(); len(out) != 2 || out[0] != (nn.Output{Name: "labels", Shape: nn.Seq(3, 5)}) || out[1] != (nn.Output{Name: "class", Shape: nn.Vec(2)}) {
		t.Errorf("outputs %+v", out)
	}
	one, x := nn.NewNetwork(nn.Vec(2))
	y := one.Add("fc", nn.Linear{Units: 3}, x)
	if out := one.Outputs(); len(out) != 1 || out[0] != (nn.Output{Name: "output", Shape: nn.Vec(3)}) {
		t.Errorf("outputs %+v", out)
	}
	tokens := one.AddInput(nn.Input{Name: "tokens", Shape: nn.Seq(4, 1), Below: 7})
	other, _ := nn.NewNetwork(nn.Vec(2))
	for what, f := range map[string]func(){
		"an output twice":              func() { one.AddOutput("a", y); one.AddOutput("b", y) },
		"an output of another network": func() { other.AddOutput("a", y) },
		"numbers wanted":               func() { one.Add("tanh", nn.Tanh{}, tokens) },
		"an input of no shape":         func() { one.AddInput(nn.Input{Name: "empty"}) },
		"an input of negative steps":   func() { one.AddInput(nn.Input{Name: "empty", Shape: nn.Shape{C: 1, H: 1, W: 1, T: -1}}) },
		"no inputs":                    func() { new(nn.Network).Compile(nn.Settings{Batch: 1}) },
	} {
		if text := panicOf(f); !strings.HasPrefix(text, "nn: ") {
			t.Errorf("%s: panics with %q", what, text)
		}
	}
}

func TestSharingPanics(t *testing.T) {
	for what, share := range map[string]map[string]string{
		"no such parameter of the network":   {"weight": "fc9.weight"},
		"another shape":                      {"weight": "fc1.bias"},
		"no such parameter of the operation": {"kernel": "fc1.weight"},
	} {
		net, x := nn.NewNetwork(nn.Vec(3))
		x = net.Add("fc1", nn.Linear{Units: 3}, x)
		if text := panicOf(func() { net.AddSharing("fc2", nn.Linear{Units: 3}, share, x) }); !strings.HasPrefix(text, "nn: fc2") {
			t.Errorf("%s: panics with %q", what, text)
		}
	}
	net, x := nn.NewNetwork(nn.Vec(3))
	x = net.Add("fc1", nn.Linear{Units: 3}, x)
	net.AddSharing("fc2", nn.Linear{Units: 3}, map[string]string{"weight": "fc1.weight"}, x)
	if ps := net.Params(); len(ps) != 3 || net.Dim() != 15 || ps[2].Name != "fc2.bias" || ps[2].Offset != 12 || net.Err() != nil {
		t.Errorf("parameters %+v", ps)
	}
}
