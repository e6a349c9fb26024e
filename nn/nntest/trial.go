package nntest

import (
	"fmt"
	"math"
	"testing"

	"breakeven/nn"
	"breakeven/rng"
	"breakeven/tensor"
)

// A trial is a network with random parameters, a random batch and random
// directions.
type trial struct {
	*testing.T
	*graph
	settings nn.Settings
	n        int
	scale    float64 // given to Gradient, HessVec, …
	batch
	theta, v, w []float32 // parameters and two directions
	u           []float32 // a direction of the outputs
	state       []float32 // running statistics
}

type batch struct {
	x      []float32
	labels []int32
}

// newTrial draws parameters, a batch and directions that stand on no kink.
func newTrial(t *testing.T, g *graph, s nn.Settings, seed uint64) *trial {
	tr, ok := draw(t, g, s, seed)
	if !ok {
		t.Fatal("nntest: every draw stands on a kink")
	}
	return tr
}

// draw is newTrial, unless every one of its draws stands on a kink.
func draw(t *testing.T, g *graph, s nn.Settings, seed uint64) (*trial, bool) {
	net := g.net
	tr := &trial{T: t, graph: g, settings: s, n: s.Batch, scale: 1 / float64(s.Batch)}
	for try := range 50 {
		r := rng.New(seed, fmt.Sprintf("nntest/%d", try))
		tr.theta, tr.state = parameters(net, r), statistics(net, r)
		tr.batch = newBatch(net, tr.n, r)
		tr.v, tr.w = unit(r, net.Dim()), unit(r, net.Dim())
		tr.u = unit(r, tr.n*net.Output().Size())
		// Where a kink is closer than the rounding of float32, twin and
		// network may stand on different sides: draw again.
		if !tr.hasTwin() || tr.ask(nil, nil).margin > 2e-5 {
			return tr, true
		}
	}
	return nil, false
}

// parameters draws a point where nothing vanishes: neither biases nor shifts.
func parameters(net *nn.Network, r *rng.Stream) []float32 {
	theta := make([]float32, net.Dim())
	for _, p := range net.Params() {
		deviation := 0.3
		if p.FanIn > 0 {
			deviation = 1 / math.Sqrt(float64(p.FanIn))
		}
		for i := range p.Size() {
			theta[p.Offset+i] = p.Fill + float32(deviation*r.NormFloat64())
		}
	}
	return theta
}

// statistics draws running means and variances.
func statistics(net *nn.Network, r *rng.Stream) []float32 {
	s := net.InitialState()
	for i, v := range s {
		s[i] = v + float32(0.5*r.Float64())
	}
	return s
}

func newBatch(net *nn.Network, n int, r *rng.Stream) batch {
	b := batch{normal(r, n*net.Input.Size()), make([]int32, n)}
	for i := range b.labels {
		b.labels[i] = int32(r.IntN(net.Output().Size()))
	}
	return b
}

func normal(r *rng.Stream, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

// unit draws a direction of length 1.
func unit(r *rng.Stream, n int) []float32 {
	x := normal(r, n)
	tensor.Scale(x, float32(1/tensor.Norm(x)))
	return x
}

// plan compiles the network for batches of up to n examples, with the trial's
// parameters and the tangent v.
func (tr *trial) plan(n int) *nn.Plan {
	s := tr.settings
	s.Batch = n
	p := tr.net.Compile(s)
	copy(p.State(), tr.state)
	p.SetParams(tr.theta)
	if s.Tangents {
		p.SetTangent(tr.v)
	}
	return p
}

// ready is a plan that has computed the batch and its gradient.
func (tr *trial) ready() *nn.Plan {
	p := tr.plan(tr.n)
	tr.gradient(p)
	return p
}

func (tr *trial) gradient(p *nn.Plan) []float32 {
	g := make([]float32, tr.net.Dim())
	p.Forward(tr.x, tr.labels)
	if tr.settings.Adjoints || tr.settings.Tangents {
		p.Adjoints(g, tr.scale, false)
	} else {
		p.Gradient(g, tr.scale, false)
	}
	return g
}

func (tr *trial) hessVec(p *nn.Plan, v []float32) []float32 {
	h := make([]float32, tr.net.Dim())
	p.SetTangent(v)
	p.HessVec(h, tr.scale, false)
	return h
}

// near fails unless got and want agree to tolerance × scale.
func (tr *trial) near(what string, got, want, scale, tolerance float64) {
	tr.Helper()
	if d := math.Abs(got - want); !(d <= tolerance*scale) {
		tr.Errorf("%s: %.9g, want %.9g: differs by %.2g of its scale %.3g, tolerance %.1g", what, got, want, d/scale, scale, tolerance)
	}
}

// nearVec fails unless got and want agree to tolerance × the length of want.
func (tr *trial) nearVec(what string, got, want []float32, tolerance float64) {
	tr.Helper()
	if len(got) != len(want) {
		tr.Fatalf("%s: %d numbers, want %d", what, len(got), len(want))
	}
	d := append([]float32(nil), got...)
	tensor.Axpy(d, -1, want)
	tr.near(what, tensor.Norm(d), 0, tensor.Norm(want), tolerance)
}

// same fails unless got and want are equal to the bit.
func (tr *trial) same(what string, got, want []float32) {
	tr.Helper()
	for i := range want {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
			tr.Errorf("%s: number %d is %v, want %v to the bit", what, i, got[i], want[i])
			return
		}
	}
}
