package nn_test

import (
	"runtime"
	"slices"
	"strings"
	"testing"

	"breakeven/nn"
)

// small is a dense network on three numbers with two outputs, its parameters, and a
// batch of two.
func small() (net *nn.Network, theta, x []float32, labels []int32) {
	net, in := nn.NewNetwork(nn.Vec(3))
	net.Add("fc2", nn.Linear{Units: 2}, net.Add("tanh", nn.Tanh{}, net.Add("fc1", nn.Linear{Units: 4}, in)))
	return net, net.InitialParams(nn.Glorot, 1), numbers(-2, 6), []int32{1, 0}
}

// A pass that would use stale or missing results panics and says what is missing.
func TestPassesThatFollowEachOther(t *testing.T) {
	net, theta, x, labels := small()
	dst, one, gram := make([]float32, net.Dim()), make([]float64, 2), make([]float64, 4)
	for _, c := range []struct {
		what, missing string
		run           func(p *nn.Plan)
	}{
		{"gradient at other parameters", "Forward", func(p *nn.Plan) { p.SetParams(theta); p.Gradient(dst, 1, false) }},
		{"adjoints at other parameters", "Forward", func(p *nn.Plan) { p.SetParams(theta); p.Adjoints(nil, 1, false) }},
		{"outputs at other parameters", "Forward", func(p *nn.Plan) { p.SetParams(theta); p.Outputs() }},
		{"losses at other parameters", "Forward", func(p *nn.Plan) { p.SetParams(theta); p.Losses() }},
		{"Jv at other parameters", "Forward", func(p *nn.Plan) { p.SetParams(theta); p.JacVec() }},
		{"Jᵀu at other parameters", "Forward", func(p *nn.Plan) { p.SetParams(theta); p.JacTVec(dst, make([]float32, 4), false) }},
		{"Gv at other parameters", "Forward", func(p *nn.Plan) { p.SetParams(theta); p.GaussNewtonVec(dst, 1, false) }},
		{"part of a batch at other parameters", "Forward", func(p *nn.Plan) { p.SetParams(theta); p.First(1, func() {}) }},
		{"Hv at other parameters", "Forward", func(p *nn.Plan) { p.SetParams(theta); p.HessVec(dst, 1, false) }},
		{"Hv of a new batch", "Adjoints", func(p *nn.Plan) { p.Forward(nn.Labelled(x, labels)); p.HessVec(dst, 1, false) }},
		{"Hv with adjoints of another scale", "Adjoints", func(p *nn.Plan) { p.HessVec(dst, 0.5, false) }},
		{"curvatures with adjoints of another scale", "Adjoints", func(p *nn.Plan) { p.ExampleCurvatures(one, 0.5) }},
		{"Gram matrix of a new batch", "Adjoints", func(p *nn.Plan) { p.Forward(nn.Labelled(x, labels)); p.ExampleGram(gram) }},
		{"gradient of an example of a new batch", "Adjoints", func(p *nn.Plan) { p.Forward(nn.Labelled(x, labels)); p.ExampleGradient(dst, 0) }},
		{"Hv on another tape", "Forward", func(p *nn.Plan) { p.Use(1); p.HessVec(dst, 1, false) }},
		{"Hv when the adjoints are spent", "Adjoints", func(p *nn.Plan) { p.OutputGram(make([]float64, 16)); p.HessVec(dst, 1, false) }},
		{"Hv of a batch at parameters of an excursion", "Forward", func(p *nn.Plan) {
			p.With(make([]float32, net.Dim()), func() { p.Forward(nn.Labelled(x, labels)); p.Adjoints(nil, 1, false) })
			p.HessVec(dst, 1, false)
		}},
	} {
		p := net.Compile(nn.Settings{Batch: 2, Tangents: true, Adjoints: true, Tapes: 2})
		p.SetParams(theta)
		p.SetTangent(theta)
		p.Forward(nn.Labelled(x, labels))
		p.Adjoints(nil, 1, false)
		p.HessVec(dst, 1, false)
		if text := panicOf(func() { c.run(p) }); !strings.HasPrefix(text, "nn: ") || !strings.Contains(text, c.missing) {
			t.Errorf("%s: panics with %q, want nn: … %s …", c.what, text, c.missing)
		}
	}
}

// A batch too large for its tape is refused.
func TestRoom(t *testing.T) {
	net, theta, x, labels := small()
	for _, c := range []struct {
		what, missing string
		run           func(p *nn.Plan)
	}{
		{"a batch on a tape that is too small", "for a tape for 1", func(p *nn.Plan) { p.Use(1); p.Forward(nn.Labelled(x, labels)) }},
		{"adjoints of a batch", "adjoints or tangents of 2 examples", func(p *nn.Plan) { p.Adjoints(nil, 1, false) }},
		{"tangents of a batch", "adjoints or tangents of 2 examples", func(p *nn.Plan) { p.JacVec() }},
		{"a plan whose last tape is the largest", "3 examples on the last tape", func(*nn.Plan) { net.Compile(nn.Settings{Batch: 2, Tapes: 2, Last: 3}) }},
	} {
		p := net.Compile(nn.Settings{Batch: 2, Tangents: true, Tapes: 2, Last: 1, Curved: 1})
		p.SetParams(theta)
		p.SetTangent(theta)
		p.Forward(nn.Labelled(x, labels))
		p.Gradient(make([]float32, net.Dim()), 1, false)
		if text := panicOf(func() { c.run(p) }); !strings.HasPrefix(text, "nn: ") || !strings.Contains(text, c.missing) {
			t.Errorf("%s: panics with %q, want nn: … %s …", c.what, text, c.missing)
		}
		if p.Room(0) != 2 || p.Room(1) != 1 {
			t.Errorf("room for %d and %d examples", p.Room(0), p.Room(1))
		}
	}
}

// panicOf returns the text with which f panics.
func panicOf(f func()) (text string) {
	defer func() { text, _ = recover().(string) }()
	f()
	return ""
}

// After the use of other parameters the other tapes still hold their values.
func TestWith(t *testing.T) {
	net, theta, x, labels := small()
	p := net.Compile(nn.Settings{Batch: 2, Tangents: true, Tapes: 2})
	p.SetParams(theta)
	p.SetTangent(theta)
	p.Forward(nn.Labelled(x, labels))
	p.Adjoints(nil, 1, false)
	want, got := make([]float32, net.Dim()), make([]float32, net.Dim())
	p.HessVec(want, 1, false)
	p.Use(1)
	p.With(net.InitialParams(nn.He, 2), func() {
		p.Forward(nn.Labelled(x, labels))
		p.Adjoints(nil, 1, false)
	})
	p.Use(0)
	p.HessVec(got, 1, false)
	if !slices.Equal(got, want) {
		t.Error("Hv has changed")
	}
}

// Asking how much memory a plan would take takes next to none.
func TestMemoryAllocatesNextToNothing(t *testing.T) {
	net, x := nn.NewNetwork(nn.Shape{C: 3, H: 96, W: 96})
	for i, name := range []string{"conv1", "conv2", "conv3"} {
		x = net.Add(name, nn.Conv2D{Filters: 64, K: 3 + 2*(i%2), Pad: 1}, x)
		x = net.Add(name+".bn", nn.BatchNorm{}, x)
		x = net.Add(name+".relu", nn.ReLU{}, x)
	}
	net.Add("fc", nn.Linear{Units: 10}, net.Add("flatten", nn.Flatten{}, x))
	for _, s := range []nn.Settings{{Batch: 128}, {Batch: 128, Tangents: true}, {Batch: 128, Adjoints: true, Inference: true}} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		needs := net.Memory(s)
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; took > 100<<10 {
			t.Errorf("%+v: Memory of %d bytes takes %d", s, needs, took)
		}
	}
}

func TestNamesThatStandTwice(t *testing.T) {
	for what, build := range map[string]func(net *nn.Network, x nn.Node){
		`two of one name: operation or input "a"`: func(net *nn.Network, x nn.Node) {
			net.Add("a", nn.Tanh{}, net.Add("a", nn.Tanh{}, x))
		},
		`two of one name: tensor "a.0.weight"`: func(net *nn.Network, x nn.Node) {
			net.Add("a.0", nn.Linear{Units: 2}, net.Add("a", named{nn.Linear{Units: 2}}, x))
		},
	} {
		net, x := nn.NewNetwork(nn.Vec(2))
		build(net, x)
		net.Add("out", nn.Linear{Units: 2, NoBias: true}, net.Add("b", nn.Tanh{}, x))
		if err := net.Err(); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("error %v, want … %s", err, what)
		}
		if text := panicOf(func() { net.Compile(nn.Settings{Batch: 1}) }); !strings.Contains(text, what) {
			t.Errorf("Compile panics with %q, want … %s", text, what)
		}
	}
	net, theta, _, _ := small()
	if err := net.Err(); err != nil || len(theta) == 0 {
		t.Errorf("a good network has the error %v", err)
	}
	taken := func(name string) bool { return name == "fc2.bias" }
	if err := net.CheckNames(taken); err == nil || !strings.Contains(err.Error(), `"fc2.bias"`) {
		t.Errorf("a tensor with a name that is taken: %v", err)
	}
	if err := net.CheckNames(func(string) bool { return false }); err != nil {
		t.Error(err)
	}
}

// named is an operation whose parameters have longer names.
type named struct{ nn.Op }

func (o named) Params(in ...nn.Shape) []nn.Param {
	ps := o.Op.Params(in...)
	for i := range ps {
		ps[i].Name = "0." + ps[i].Name
	}
	return ps
}
