package nn

import "fmt"

// An Eval is the loss on a batch.
type Eval struct {
	Examples int
	Loss     float64 // weighted sum over the examples and their rows, in order
}

// Network returns the network that was compiled.
func (p *Plan) Network() *Network { return p.net }

// Batch returns the largest number of examples.
func (p *Plan) Batch() int { return p.settings.Batch }

// Room returns the largest number of examples on tape k.
func (p *Plan) Room(k int) int {
	if k == p.settings.Tapes-1 {
		return p.settings.Last
	}
	return p.settings.Batch
}

// Tapes returns how many batches the plan holds.
func (p *Plan) Tapes() int { return len(p.tapes) }

// SetParams makes theta the parameters. The plan keeps the slice: call
// SetParams again after changing it.
func (p *Plan) SetParams(theta []float32) {
	p.check(theta)
	p.sets++
	p.theta.own, p.params = theta, p.sets
	p.run(p.packPass)
}

// With calls f with other parameters. Afterwards the parameters are what they were, and
// tapes that f did not use still hold their values and adjoints.
func (p *Plan) With(theta []float32, f func()) {
	before, params := p.theta.own, p.params
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

// First calls f with the first n examples of the current batch as the batch. It needs
// examples that are not coupled, so that what Forward and Adjoints computed holds for each
// of them alone.
func (p *Plan) First(n int, f func()) {
	p.mustPerExample()
	p.mustHaveValues()
	t, all := p.cur, p.cur.n
	if n < 1 || n > all {
		panic(fmt.Sprintf("nn: the first %d of %d examples", n, all))
	}
	t.n = n
	defer func() { t.n = all }()
	f()
}

// Counted returns the number of examples of the current batch that count: see [Batch.Len].
func (p *Plan) Counted() int { return p.cur.counted }

// Losses returns the loss of each example of the current batch. The slice is
// the plan's.
func (p *Plan) Losses() []float64 {
	p.mustHaveValues()
	return p.cur.loss[:p.cur.n]
}

// Outputs returns the network's main output for the current batch, [n, classes] or
// [n, steps, classes]. The slice is the plan's.
func (p *Plan) Outputs() []float32 { return p.Output(0) }

// Output returns output k, in the order of [Network.Outputs].
func (p *Plan) Output(k int) []float32 {
	p.mustHaveValues()
	return p.heads[k].out.all(values)
}

// Gradient computes dst = scale · Σ_i ∂loss_i/∂θ over the current batch, after Forward;
// with acc it adds to dst. It does not change the tape.
func (p *Plan) Gradient(dst []float32, scale float64, acc bool) {
	p.mustDerive(dst)
	p.mustHaveTargets()
	p.scale = scale
	p.overLosses(p.adjointTask)
	p.backward(cotangents, dst, acc)
}

// Adjoints computes the adjoints of scale · Σ_i loss_i on the current batch and keeps them
// on the tape, for HessVec and the functions of single examples. If dst is not nil it gets
// the gradient, as by Gradient.
func (p *Plan) Adjoints(dst []float32, scale float64, acc bool) {
	if dst != nil {
		p.mustDerive(dst)
	}
	p.mustHaveTargets()
	if !p.settings.keeps() {
		panic("nn: plan was compiled without adjoints")
	}
	p.mustBeCurved()
	p.scale = scale
	p.overLosses(p.keptTask)
	p.backward(adjoints, dst, acc)
	p.cur.adjoints, p.cur.scale = p.params, scale
}

// backward runs the adjoint pass in a lane, beginning with the adjoints of the outputs. With
// dst nil it leaves out the parameters' gradients.
func (p *Plan) backward(l lane, dst []float32, acc bool) {
	p.dst.own, p.acc = dst, acc
	p.run(p.adjointPass[l])
	if dst != nil {
		p.run(p.gradientPass[l])
	}
}

// WeightedGradient computes dst = Σ_i weight[i] · ∂loss_i/∂θ over the current batch, after
// Forward. It does not change the tape.
func (p *Plan) WeightedGradient(dst []float32, weight []float64) {
	p.mustDerive(dst)
	p.mustHaveTargets()
	if len(weight) != p.cur.n {
		panic(fmt.Sprintf("nn: %d weights for %d examples", len(weight), p.cur.n))
	}
	p.weight = weight
	p.overLosses(p.adjointTask)
	p.weight = nil
	p.backward(cotangents, dst, false)
}

// JacTVec computes dst = Jᵀu over the current batch, after Forward; with acc it adds to dst.
// u is laid out as Outputs, one output after the other. It does not change the tape.
func (p *Plan) JacTVec(dst, u []float32, acc bool) {
	p.mustDerive(dst)
	if want := p.cur.n * p.lossWork; len(u) != want {
		panic(fmt.Sprintf("nn: %d adjoints for %d outputs", len(u), want))
	}
	for _, h := range p.heads {
		if h.out.active {
			copy(h.out.all(cotangents), u)
		}
		u = u[p.cur.n*h.out.size:]
	}
	p.backward(cotangents, dst, acc)
}

// SetTangent makes v the tangent of the parameters. The plan keeps the slice:
// call SetTangent again after changing it.
func (p *Plan) SetTangent(v []float32) {
	p.check(v)
	if !p.settings.Tangents {
		panic("nn: plan was compiled without tangents")
	}
	p.v.own = v
	p.run(p.packTangentPass)
}

// JacVec computes the tangents of the outputs, J·v, for the current batch, and returns
// those of the main output; [Plan.OutputTangent] returns the others. The slices are
// the plan's.
func (p *Plan) JacVec() []float32 {
	p.mustHaveTangent()
	p.run(p.tangentPass)
	return p.OutputTangent(0)
}

// OutputTangent returns the tangents of output k that the last JacVec computed.
func (p *Plan) OutputTangent(k int) []float32 {
	p.mustHaveTangent()
	h := &p.heads[k]
	if !h.out.active {
		return h.still[:p.cur.n*h.out.size]
	}
	return h.out.all(tangents)
}

// HessVec computes dst = scale · Σ_i H_i·v over the current batch, for the v of SetTangent,
// after Adjoints with the same scale; with acc it adds to dst. The values and adjoints stay
// on the tape, so that the next product needs neither Forward nor Adjoints.
func (p *Plan) HessVec(dst []float32, scale float64, acc bool) {
	p.mustHaveAdjointsAt(scale)
	p.prepareSecond(dst, p.hessianTask, scale, acc)
	p.run(p.secondPass)
}

// GaussNewtonVec computes dst = scale · Σ_i J_iᵀ (∂²loss_i/∂z²) J_i·v over the current
// batch, after Forward; with acc it adds to dst. For a [CurvedLoss] its GaussNewton replaces
// the Hessian.
func (p *Plan) GaussNewtonVec(dst []float32, scale float64, acc bool) {
	p.prepareSecond(dst, p.convexTask, scale, acc)
	p.backward(cotangents, dst, acc)
}

// prepareSecond runs the tangent pass and sets the cotangents of the outputs by a
// second-order rule of the losses.
func (p *Plan) prepareSecond(dst []float32, rule func(i int), scale float64, acc bool) {
	p.mustDerive(dst)
	p.mustHaveTargets()
	p.mustHaveTangent()
	p.run(p.tangentPass)
	p.scale = scale
	p.overLosses(rule)
	p.dst.own, p.acc = dst, acc
}

// UpdateState moves the running statistics towards those of the current batch, as PyTorch
// does after each training step (with momentum 0.1):
// r ← (1−momentum)·r + momentum·batch, with the unbiased variance.
func (p *Plan) UpdateState(momentum float64) {
	if p.settings.Inference {
		panic("nn: a plan for inference has no statistics of its batch")
	}
	p.mustHaveValues()
	for _, r := range p.rules {
		if r.batchState != nil {
			r.batchState(momentum)
		}
	}
}
