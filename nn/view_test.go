package nn_test

import (
	"math"
	"slices"
	"testing"

	"breakeven/nn"
	"breakeven/nn/nntest"
	"breakeven/rng"
	"breakeven/tensor"
)

// dense is a small network with two dense layers.
func dense(in, hidden, out int) *nn.Network {
	net, x := nn.NewNetwork(nn.Vec(in))
	x = net.Add("fc1", nn.Linear{Units: hidden}, x)
	net.Add("fc2", nn.Linear{Units: out}, net.Add("tanh", nn.Tanh{}, x))
	return net
}

// A hidden is a network that reads the weights of another through views, and of which one
// tensor has no reader of its own; with the twin that has a copy of each number, and where the
// numbers of the twin are in the network's.
type hidden struct {
	net, twin *nn.Network
	places    []int
}

func newHidden() hidden {
	h := hidden{net: &nn.Network{}, twin: &nn.Network{}}
	store, nets := dense(6, 5, 4), []*nn.Network{dense(6, 5, 3), dense(6, 5, 4), dense(4, 3, 2)}
	for _, p := range store.Params() {
		h.net.AddParam(p)
	}
	for k, net := range nets {
		prefix, names := []string{"", "b.", "c."}[k], map[string]string{}
		for i, p := range net.Params() {
			from := store.Params()[i]
			names[p.Name] = p.Name
			order := make([]int, from.Size())
			rng.New(uint64(k), p.Name).Perm(order)
			if k == 0 || len(p.Shape) == 1 {
				for at := range order {
					order[at] = at
				}
			}
			if k > 0 || p.Size() < from.Size() {
				index := make([]int32, p.Size())
				for at := range index {
					index[at] = int32(order[at])
				}
				names[p.Name] = "view " + prefix + p.Name
				h.net.AddView(names[p.Name], p.Shape, from.Name, index)
			}
			for _, at := range order[:p.Size()] {
				h.places = append(h.places, from.Offset+at)
			}
		}
		for _, n := range []*nn.Network{h.net, h.twin} {
			out := n.Include(prefix, net, func(p nn.Param) string {
				if n == h.twin {
					return ""
				}
				return names[p.Name]
			})
			n.AddOutput(prefix+"output", out[0])
		}
	}
	return h
}

// gather returns what the twin has of a vector of the network.
func (h hidden) gather(v []float32) []float32 {
	w := make([]float32, len(h.places))
	for i, at := range h.places {
		w[i] = v[at]
	}
	return w
}

// scatter is its transpose.
func (h hidden) scatter(w []float32) []float32 {
	v := make([]float32, h.net.Dim())
	for i, at := range h.places {
		v[at] += w[i]
	}
	return v
}

func (h hidden) batch(n int) nn.Batch {
	b, s := nn.Batch{N: n}, rng.New(1, "batch")
	for k, in := range h.net.Inputs() {
		x, y := make([]float32, n*in.Shape.Size()), make([]int32, n)
		for i := range x {
			x[i] = float32(s.NormFloat64())
		}
		for i := range y {
			y[i] = int32(s.IntN(h.net.Outputs()[k].Shape.C))
		}
		b.In, b.Target = append(b.In, nn.Values{F: x}), append(b.Target, nn.Target{Labels: y})
	}
	return b
}

func normal(n int, name string) []float32 {
	v, s := make([]float32, n), rng.New(2, name)
	for i := range v {
		v[i] = float32(s.NormFloat64())
	}
	return v
}

// All passes are those of the twin: g = Σ Pᵀg(Pθ), Hv = Σ PᵀH(Pv), and so for single examples.
func TestViewsAreSharedNumbers(t *testing.T) {
	h, n := newHidden(), 9
	if h.net.Dim() >= h.twin.Dim() {
		t.Fatalf("%d parameters, the twin has %d", h.net.Dim(), h.twin.Dim())
	}
	s := nn.Settings{Batch: n, Adjoints: true, Tangents: true}
	plan, twin, b := h.net.Compile(s), h.twin.Compile(s), h.batch(n)
	theta, v := normal(h.net.Dim(), "theta"), normal(h.net.Dim(), "v")
	plan.SetParams(theta)
	twin.SetParams(h.gather(theta))
	if got, want := plan.Forward(b), twin.Forward(b); got != want {
		t.Errorf("the loss is %v, that of the twin %v", got, want)
	}
	compare := func(what string, of func(p *nn.Plan, dst []float32)) {
		t.Helper()
		got, full := make([]float32, h.net.Dim()), make([]float32, h.twin.Dim())
		for range 2 { // nothing of the first time is left
			of(plan, got)
			of(twin, full)
		}
		near(t, what, got, h.scatter(full))
	}
	compare("gradient", func(p *nn.Plan, dst []float32) { p.Gradient(dst, 0.5, false) })
	compare("adjoints", func(p *nn.Plan, dst []float32) { p.Adjoints(dst, 0.5, false) })
	plan.SetTangent(v)
	twin.SetTangent(h.gather(v))
	compare("Hessian product", func(p *nn.Plan, dst []float32) { p.HessVec(dst, 0.5, false) })
	compare("Gauss-Newton product", func(p *nn.Plan, dst []float32) { p.GaussNewtonVec(dst, 0.5, false) })
	compare("gradient of an example", func(p *nn.Plan, dst []float32) {
		p.Adjoints(nil, 0.5, false)
		p.ExampleGradient(dst, 3)
	})

	grads, gram := make([][]float32, n), make([]float64, n*n)
	for i := range grads {
		grads[i] = make([]float32, h.net.Dim())
		plan.ExampleGradient(grads[i], i)
	}
	plan.ExampleGram(gram)
	for i := range n {
		for j := range n {
			if want := tensor.Dot(grads[i], grads[j]); math.Abs(gram[i*n+j]-want) > 1e-5*math.Abs(want)+1e-6 {
				t.Errorf("Gram matrix at %d, %d: %v, want %v", i, j, gram[i*n+j], want)
			}
		}
	}
}

func near(t *testing.T, what string, got, want []float32) {
	t.Helper()
	for i, w := range want {
		if d := math.Abs(float64(got[i] - w)); !(d <= 1e-5*math.Abs(float64(w))+1e-6) {
			t.Fatalf("%s: number %d is %v, want %v", what, i, got[i], w)
		}
	}
}

// A network with views keeps the contract of all passes.
func TestViewsKeepTheContract(t *testing.T) { nntest.TestNetwork(t, newHidden().net) }

// So does one in which all channels have one number, whose derivatives are the sums of those of the channels.
func TestSharedNumber(t *testing.T) {
	net, x := nn.NewNetwork(nn.Vec(5))
	net.AddParam(nn.Param{Name: "gain", Shape: []int{}, Fill: 1})
	net.AddView("gains", []int{6}, "gain", make([]int32, 6))
	x = net.Add("tanh", nn.Tanh{}, net.Add("fc1", nn.Linear{Units: 6}, x))
	net.Add("fc2", nn.Linear{Units: 4}, net.AddSharing("scale", nn.LayerScale{}, map[string]string{"weight": "gains"}, x))
	nntest.TestNetwork(t, net)

	twin, y := nn.NewNetwork(nn.Vec(5))
	y = twin.Add("tanh", nn.Tanh{}, twin.Add("fc1", nn.Linear{Units: 6}, y))
	twin.Add("fc2", nn.Linear{Units: 4}, twin.Add("scale", nn.LayerScale{}, y))
	theta, b := normal(net.Dim(), "theta"), nn.Labelled(normal(7*5, "x"), []int32{0, 1, 2, 3, 0, 1, 2})
	// The parameters of net are the gain, fc1 and fc2, those of the twin fc1, the gains and fc2.
	spread := func(v []float32) []float32 {
		return slices.Concat(v[1:37], slices.Repeat(v[:1], 6), v[37:])
	}
	sum := func(v []float32) []float32 {
		total := float32(0)
		for _, g := range v[36:42] {
			total += g
		}
		return slices.Concat([]float32{total}, v[:36], v[42:])
	}
	v := normal(net.Dim(), "v")
	product := func(net *nn.Network, theta, v []float32) (g, h []float32) {
		g, h = make([]float32, net.Dim()), make([]float32, net.Dim())
		p := net.Compile(nn.Settings{Batch: 7, Tangents: true})
		p.SetParams(theta)
		p.Forward(b)
		p.Adjoints(g, 1, false)
		p.SetTangent(v)
		p.HessVec(h, 1, false)
		return g, h
	}
	g, h := product(net, theta, v)
	wantG, wantH := product(twin, spread(theta), spread(v))
	near(t, "gradient", g, sum(wantG))
	near(t, "product with H", h, sum(wantH))
}

// A network that is included whole, and shares nothing, is the network.
func TestIncludedNetworkIsTheSame(t *testing.T) {
	net, copied := dense(6, 5, 4), &nn.Network{}
	copied.AddOutput("output", copied.Include("", net, func(nn.Param) string { return "" })[0])
	for k, p := range copied.Params() {
		if q := net.Params()[k]; p.Name != q.Name || p.Offset != q.Offset || !slices.Equal(p.Shape, q.Shape) {
			t.Errorf("parameter %d is %+v, not %+v", k, p, q)
		}
	}
	theta, b := normal(net.Dim(), "theta"), newHidden().batch(4)
	b.In, b.Target = b.In[1:2], b.Target[1:2]
	var grads [2][]float32
	for k, n := range []*nn.Network{net, copied} {
		plan := n.Compile(nn.Settings{Batch: 4})
		plan.SetParams(theta)
		plan.Forward(b)
		grads[k] = make([]float32, net.Dim())
		plan.Gradient(grads[k], 1, false)
	}
	if !slices.Equal(grads[0], grads[1]) {
		t.Error("the gradients differ")
	}
}

// A view of something that is not there is refused.
func TestViewsAreChecked(t *testing.T) {
	for name, index := range map[string][]int32{"outside": {0, 1, 30}, "negative": {0, -1, 2}, "short": {0, 1}} {
		net := dense(6, 5, 4)
		if !panics(func() { net.AddView(name, []int{3}, "fc1.weight", index) }) {
			t.Errorf("a view of the places %v is taken", index)
		}
	}
	if net := dense(300, 200, 4); !panics(func() { net.AddView("v", []int{40000}, "fc1.weight", make([]int32, 40000)) }) {
		t.Error("a large view of one number is taken")
	}
	if net := dense(6, 5, 4); !panics(func() { net.AddView("v", []int{1}, "fc3.weight", []int32{0}) }) {
		t.Error("a view of a parameter that is not there is taken")
	}
}

func panics(f func()) (did bool) {
	defer func() { did = recover() != nil }()
	f()
	return false
}

// The gradient of an example has each number at its place where an operation reads a view.
func TestExampleGradientsThroughViews(t *testing.T) {
	inner, x := nn.NewNetwork(nn.Shape{C: 3, H: 4, W: 4})
	x = inner.Add("conv", nn.Conv2D{Filters: 5, K: 3, Stride: 1, Pad: 1}, x)
	x = inner.Add("depthwise", nn.Depthwise2D{K: 3, Stride: 1, Pad: 1}, inner.Add("tanh", nn.Tanh{}, x))
	inner.Add("fc", nn.Linear{Units: 2}, inner.Add("flatten", nn.Flatten{}, x))
	h := hidden{net: &nn.Network{}, twin: inner}
	for _, p := range inner.Params() {
		h.net.AddParam(p)
	}
	for _, p := range inner.Params() {
		order, index := make([]int, p.Size()), make([]int32, p.Size())
		rng.New(1, p.Name).Perm(order)
		for i, at := range order {
			index[i] = int32(at)
			h.places = append(h.places, p.Offset+at)
		}
		h.net.AddView("view "+p.Name, p.Shape, p.Name, index)
	}
	out := h.net.Include("", inner, func(p nn.Param) string { return "view " + p.Name })
	h.net.AddOutput("output", out[0])
	theta, b, s := normal(h.net.Dim(), "theta"), h.batch(3), nn.Settings{Batch: 3, Adjoints: true}
	gradient := func(net *nn.Network, theta []float32) []float32 {
		p, dst := net.Compile(s), make([]float32, net.Dim())
		p.SetParams(theta)
		p.Forward(b)
		p.Adjoints(nil, 1, false)
		p.ExampleGradient(dst, 1)
		return dst
	}
	near(t, "gradient of an example", gradient(h.net, theta), h.scatter(gradient(inner, h.gather(theta))))
}
