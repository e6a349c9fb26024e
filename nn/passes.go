package nn

import (
	"fmt"

	"breakeven/tensor"
)

// An Eval is the loss on a batch: sums over the examples, in a fixed order.
type Eval struct {
	Examples int
	Loss     float64 // sum
}

// Network returns the network of which p is a plan.
func (p *Plan) Network() *Network { return p.net }

// Batch returns the largest number of examples.
func (p *Plan) Batch() int { return p.settings.Batch }

// Tapes returns how many batches the plan holds.
func (p *Plan) Tapes() int { return len(p.tapes) }

// SetParams makes theta the parameters. The plan keeps the slice: call
// SetParams again after changing it.
func (p *Plan) SetParams(theta []float32) {
	p.check(theta)
	p.had++
	p.theta, p.params = theta, p.had
	p.run(p.packing)
}

// With calls f with other parameters. Then those before are the plan's again, and
// tapes that f did not use still hold their values and adjoints.
func (p *Plan) With(theta []float32, f func()) {
	before, params := p.theta, p.params
	p.SetParams(theta)
	defer func() {
		p.SetParams(before)
		p.params = params
	}()
	f()
}

// State returns the running statistics, as [Network.Buffers] lays them out. The
// caller may change them.
func (p *Plan) State() []float32 { return p.state }

// Use makes tape k the current batch.
func (p *Plan) Use(k int) {
	if k < 0 || k >= len(p.tapes) {
		panic(fmt.Sprintf("nn: tape %d of %d", k, len(p.tapes)))
	}
	p.cur = p.tapes[k]
}

// Forward reads a batch of len(labels) examples in PyTorch's layout
// [n, C, H, W] onto the current tape and computes the network and its loss.
func (p *Plan) Forward(x []float32, labels []int32) Eval {
	n, in := len(labels), p.net.Input
	if n < 1 || n > p.settings.Batch || len(x) != n*in.Size() {
		panic(fmt.Sprintf("nn: %d inputs and %d labels for batches of up to %d examples of %v", len(x), n, p.settings.Batch, in))
	}
	if p.theta == nil && p.net.dim > 0 {
		panic("nn: no parameters: SetParams comes first")
	}
	p.checkLabels(labels)
	t := p.cur
	t.n, t.values, t.adjoints = n, p.params, 0
	copy(t.labels, labels)
	p.images = x
	p.run(p.valuing)
	p.images = nil
	out, e := p.output(), Eval{Examples: n}
	for i := range t.n {
		t.loss[i] = p.settings.Loss.Value(p.lossRow(out, i))
		e.Loss += t.loss[i]
	}
	return e
}

// Metric returns the sum of a metric, such as [Correct], over the rows of the current
// batch.
func (p *Plan) Metric(metric func(r Row) float64) float64 {
	p.loaded()
	sum, out := 0.0, p.output()
	for i := range p.cur.n {
		sum += metric(p.lossRow(out, i))
	}
	return sum
}

// First calls f with the first n examples of the current batch in place of all of
// them, which is defined where no batch norm mixes examples: what Forward and
// Adjoints have left behind is that of each example.
func (p *Plan) First(n int, f func()) {
	p.mustPerExample()
	p.loaded()
	t, all := p.cur, p.cur.n
	if n < 1 || n > all {
		panic(fmt.Sprintf("nn: the first %d of %d examples", n, all))
	}
	t.n = n
	defer func() { t.n = all }()
	f()
}

// Losses returns the loss of each example of the current batch. The slice is
// the plan's.
func (p *Plan) Losses() []float64 {
	p.loaded()
	return p.cur.loss[:p.cur.n]
}

// Outputs returns the network's outputs [n, classes] for the current batch. The
// slice is the plan's.
func (p *Plan) Outputs() []float32 {
	p.loaded()
	return p.output().all(values)
}

// Gradient computes dst = scale · Σ_i ∂loss_i/∂θ over the current batch, after
// Forward; with acc it adds to dst. What the tape keeps stays as it is.
func (p *Plan) Gradient(dst []float32, scale float64, acc bool) {
	p.ready(dst)
	p.seed(cotangents, scale)
	p.backward(cotangents, dst, acc)
}

// Adjoints computes the adjoints of scale · Σ_i loss_i on the current batch, which
// stay on the tape: what HessVec and the functions of single examples need. If dst
// is not nil it gets the gradient as from Gradient.
func (p *Plan) Adjoints(dst []float32, scale float64, acc bool) {
	if dst != nil {
		p.ready(dst)
	}
	p.loaded()
	if !p.settings.keeps() {
		panic("nn: plan was compiled without adjoints")
	}
	p.seed(adjoints, scale)
	p.backward(adjoints, dst, acc)
	p.cur.adjoints, p.cur.scale = p.params, scale
}

// seed sets a lane of the output to its adjoints.
func (p *Plan) seed(l lane, scale float64) {
	t, out := p.cur, p.output()
	for i := range t.n {
		p.settings.Loss.Adjoint(out.example(l, i), p.lossRow(out, i), scale)
	}
}

// backward runs the adjoint pass in a lane, from that of the output; dst nil
// leaves the parameters' gradients out.
func (p *Plan) backward(l lane, dst []float32, acc bool) {
	p.dst, p.acc = dst, acc
	p.run(p.pulling[l])
	if dst != nil {
		p.run(p.finishing[l])
	}
}

// WeightedGradient computes dst = Σ_i weight[i] · ∂loss_i/∂θ over the current
// batch, after Forward. What the tape keeps stays as it is.
func (p *Plan) WeightedGradient(dst []float32, weight []float64) {
	p.ready(dst)
	t, out := p.cur, p.output()
	if len(weight) != t.n {
		panic(fmt.Sprintf("nn: %d weights for %d examples", len(weight), t.n))
	}
	for i := range t.n {
		p.settings.Loss.Adjoint(out.example(cotangents, i), p.lossRow(out, i), weight[i])
	}
	p.backward(cotangents, dst, false)
}

// JacTVec computes dst = Jᵀu over the current batch, where u is laid out as
// Outputs; with acc it adds to dst. What the tape keeps stays as it is.
func (p *Plan) JacTVec(dst, u []float32, acc bool) {
	p.ready(dst)
	out := p.output().all(cotangents)
	if len(u) != len(out) {
		panic(fmt.Sprintf("nn: %d adjoints for %d outputs", len(u), len(out)))
	}
	copy(out, u)
	p.backward(cotangents, dst, acc)
}

// SetTangent makes v the tangent of the parameters. The plan keeps the slice:
// call SetTangent again after changing it.
func (p *Plan) SetTangent(v []float32) {
	p.check(v)
	if !p.settings.Tangents {
		panic("nn: plan was compiled without tangents")
	}
	p.v = v
	p.run(p.packingTangent)
}

// JacVec computes the tangent of the outputs, J·v, for the current batch. The
// slice is the plan's.
func (p *Plan) JacVec() []float32 {
	p.readyTangent()
	p.run(p.tangenting)
	return p.output().all(tangents)
}

// HessVec computes dst = scale · Σ_i H_i·v over the current batch, where v was
// given to SetTangent, after Adjoints with the same scale; with acc it adds to dst.
// The values and adjoints stay on the tape, so that the next product needs neither
// Forward nor Adjoints.
func (p *Plan) HessVec(dst []float32, scale float64, acc bool) {
	p.pulledAt(scale)
	p.curve(dst, p.hessian, scale, acc)
	p.run(p.bending)
}

// GaussNewtonVec computes dst = scale · Σ_i J_iᵀ (∂²loss_i/∂z²) J_i·v over the
// current batch, after Forward; with acc it adds to dst. A [CurvedLoss] has another
// matrix in place of its Hessian.
func (p *Plan) GaussNewtonVec(dst []float32, scale float64, acc bool) {
	p.curve(dst, p.convex, scale, acc)
	p.backward(cotangents, dst, acc)
}

// curve runs the tangent pass and seeds the cotangents of the output with those of
// the loss by the given rule.
func (p *Plan) curve(dst []float32, rule lossRule, scale float64, acc bool) {
	p.ready(dst)
	p.readyTangent()
	p.run(p.tangenting)
	out := p.output()
	for i := range p.cur.n {
		rule(out.example(cotangents, i), out.example(tangents, i), p.lossRow(out, i), scale)
	}
	p.dst, p.acc = dst, acc
}

// UpdateState moves the running statistics towards those of the current batch:
// r ← (1−momentum)·r + momentum·batch, with the unbiased variance, as PyTorch
// does after each training step (momentum 0.1).
func (p *Plan) UpdateState(momentum float64) {
	if p.settings.Inference {
		panic("nn: a plan for inference has no statistics of its batch")
	}
	p.loaded()
	for _, r := range p.rules {
		if r.batchState != nil {
			r.batchState(momentum)
		}
	}
}

func (p *Plan) output() arg { return newArg(p, len(p.net.nodes)-1) }

// A lossRule is the second-order rule of a loss.
type lossRule = func(dst, tangent []float32, r Row, scale float64)

// lossRow returns what the loss sees of example i.
func (p *Plan) lossRow(out arg, i int) Row {
	return Row{Z: out.example(values, i), Memo: p.cur.memo[i*out.size : (i+1)*out.size], Label: p.cur.labels[i]}
}

// read is the phase that turns the images of the batch from C, H, W to H, W, C.
func (p *Plan) read() phase {
	x := newArg(p, 0)
	return phase{local: func(lo, hi, _, _ int) {
		for i := lo; i < hi; i++ {
			tensor.Transpose(x.example(values, i), p.images[i*x.size:(i+1)*x.size], x.shape.C, x.shape.H*x.shape.W)
		}
	}}
}
