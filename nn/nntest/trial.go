package nntest

import (
	"slices"

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
	settings    nn.Settings
	n           int
	scale       float64 // given to Gradient, HessVec, …
	batch       nn.Batch
	targets     int       // number of targets of a batch; 0: one for each output
	theta, v, w []float32 // parameters and two directions
	u           []float32 // a direction of the outputs
	state       []float32 // running statistics
}

// newTrial draws parameters, a batch and directions, not at a kink.
func newTrial(t *testing.T, v variant, s nn.Settings, seed uint64) *trial {
	tr, ok := draw(t, v, s, seed)
	if !ok {
		t.Fatal("nntest: every draw stands on a kink")
	}
	return tr
}

// Seed and step of the masks of dropout.
const maskSeed, maskStep = 7, 3

// draw is newTrial. It reports false if every draw was at a kink.
func draw(t *testing.T, v variant, s nn.Settings, seed uint64) (*trial, bool) {
	net := v.graph.net
	tr := &trial{T: t, graph: v.graph, settings: s, n: s.Batch, scale: 1 / float64(s.Batch), targets: v.targets}
	for try := range 50 {
		r := rng.New(seed, fmt.Sprintf("nntest/%d", try))
		tr.theta, tr.state = parameters(net, r), statistics(net, r)
		tr.draw(r)
		tr.v, tr.w = unit(r, net.Dim()), unit(r, net.Dim())
		tr.u = unit(r, tr.n*numbers(net))
		// If a kink is closer than the rounding of float32, the twin and the network may be
		// on different sides of it: draw again.
		if !tr.hasTwin() || tr.ask(nil, nil).margin > 2e-5 {
			return tr, true
		}
	}
	return nil, false
}

// parameters draws parameters none of which is zero, biases and shifts included.
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

// numbers returns how many numbers the outputs of an example have together.
func numbers(net *nn.Network) int {
	sum := 0
	for _, o := range net.Outputs() {
		sum += o.Shape.Size()
	}
	return sum
}

// draw draws a batch of tr.n examples. Some batches have vectors as targets, weights, ignored
// labels and sequences of different lengths.
func (tr *trial) draw(r *rng.Stream) {
	b := nn.Batch{N: tr.n}
	for _, in := range tr.net.Inputs() {
		v := nn.Values{}
		switch size := tr.n * in.Shape.Size(); {
		case in.Sparse:
			v.Sparse = sparseRows(r, tr.n, in.Shape.C, 0.4)
		case in.Below > 0:
			v.I = integers(r, size, in.Below)
		default:
			v.F = normal(r, size)
		}
		if in.Shape.T > 0 && tr.n > 1 {
			if v.Steps = tr.sameLengths(b, in); v.Steps == nil {
				v.Steps = integers(r, tr.n, in.Shape.T+1) // also none
				v.Steps[0] = int32(in.Shape.T)
			}
		}
		b.In = append(b.In, v)
	}
	for k, o := range tr.net.Outputs() {
		if k > 0 && k == tr.targets {
			break
		}
		rows, loss := tr.n*o.Shape.Steps(), lossAt(tr.settings, tr.net, k)
		if loss == nil {
			loss = nn.CrossEntropy{}
		}
		classes, width := loss.Targets(o.Shape.C)
		var t nn.Target
		if classes == 0 || width > 0 && tr.n%5 == 2 {
			t.Vector = normal(r, rows*width)
			if _, ok := loss.(nn.CrossEntropy); ok {
				distributions(t.Vector, width)
			}
		} else {
			t.Labels = integers(r, rows, classes)
		}
		switch {
		case tr.n%7 == 0:
			t.Weight = weights(r, tr.n)
		case rows > tr.n && tr.n > 1:
			t.Weight = weights(r, rows)
			if t.Labels != nil {
				t.Labels[1], t.Labels[rows-1] = nn.Ignored, nn.Ignored
			}
		}
		b.Target = append(b.Target, t)
	}
	if tr.net.OnGraph() {
		b.Graph = edges(r, tr.n)
	}
	tr.batch = b
}

// sameLengths returns the lengths of an earlier input with as many steps, since an operation
// may join the two. Nil: there is none.
func (tr *trial) sameLengths(b nn.Batch, in nn.Input) []int32 {
	for k, v := range b.In {
		if tr.net.Inputs()[k].Shape.T == in.Shape.T {
			return v.Steps
		}
	}
	return nil
}

// distributions makes of each so many numbers probabilities, which sum up to 1.
func distributions(x []float32, width int) {
	for row := range slices.Chunk(x, width) {
		sum := float32(0)
		for c, v := range row {
			row[c] = v * v
			sum += v * v
		}
		for c := range row {
			row[c] /= sum
		}
	}
}

// integers draws n integers from 0 to below−1.
func integers(r *rng.Stream, n, below int) []int32 {
	x := make([]int32, n)
	for i := range x {
		x[i] = int32(r.IntN(below))
	}
	return x
}

// weights draws n weights, some of which are 0.
func weights(r *rng.Stream, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.IntN(4)) / 2
	}
	x[0] = 1
	return x
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
	p.SetMasks(maskSeed, maskStep)
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
	p.Forward(tr.batch)
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
