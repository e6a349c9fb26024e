package nntest

import (
	"slices"

	"breakeven/nn"
	"breakeven/rng"
	"breakeven/tensor"
)

// ask runs the twin along directions a and b of the parameters; nil is zero.
func (tr *trial) ask(a, b []float32) answers { return tr.askAt(tr.theta, a, b) }

func (tr *trial) askAt(theta, a, b []float32) answers {
	h := make([]hyper, len(theta))
	for i, v := range theta {
		h[i].v = float64(v)
		if a != nil {
			h[i].a = float64(a[i])
		}
		if b != nil {
			h[i].b = float64(b[i])
		}
	}
	return tr.graph.run(tr.settings, tr.batch, h, tr.state)
}

// exact is the tolerance of comparisons with the twin, relative to the size of the compared
// numbers. Float32 rounds by 6e-8; sums in a network this small raise that to 1e-6, and
// normalising few numbers to a few times as much.
const exact = 1e-5

// twin compares values and all derivatives with the reference in float64. The
// derivatives in each parameter tensor are compared along a random direction of
// that tensor, so that an error in a single entry shows.
func (tr *trial) twin() {
	p := tr.plan(tr.n)
	e := p.Forward(tr.batch)
	g, h, gn := tr.gradient(p), tr.hessVec(p, tr.v), make([]float32, tr.net.Dim())
	jv := tr.jacVec(p)
	p.GaussNewtonVec(gn, tr.scale, false)

	r := rng.New(0, "nntest/twin")
	for k, param := range tr.net.Params() {
		u := make([]float32, tr.net.Dim())
		part := func(v []float32) []float32 { return v[param.Offset : param.Offset+param.Size()] }
		copy(part(u), unit(r, param.Size()))
		a := tr.ask(u, tr.v)
		if k == 0 {
			tr.near("loss", e.Loss, a.loss.v, 1+a.loss.v, exact)
			tr.nearVec("outputs", tr.outputs(p), column(a.outputs, func(z hyper) float64 { return z.v }), exact)
			tr.nearVec("Jv", jv, column(a.outputs, func(z hyper) float64 { return z.b }), exact)
			tr.metric(p, a.outputs)
		}
		along := func(what string, got []float32, want float64) {
			tr.Helper()
			scale := tensor.Norm(part(got)) + 0.1*tensor.Norm(got)
			tr.near(what+" in "+param.Name, tensor.Dot(u, got), want, scale, exact)
		}
		along("gradient", g, tr.scale*a.loss.a)
		along("Hv", h, tr.scale*a.loss.ab)
		along("Gv", gn, tr.scale*a.linear.ab)
	}
}

func column(z []hyper, f func(hyper) float64) []float32 {
	x := make([]float32, len(z))
	for i := range z {
		x[i] = float32(f(z[i]))
	}
	return x
}

// outputs returns all outputs, one after the other.
func (tr *trial) outputs(p *nn.Plan) []float32 {
	var all []float32
	for k := range tr.net.Outputs() {
		all = append(all, p.Output(k)...)
	}
	return all
}

// jacVec returns the tangents of all outputs, one after the other.
func (tr *trial) jacVec(p *nn.Plan) []float32 {
	all := slices.Clone(p.JacVec())
	for k := range tr.net.Outputs()[1:] {
		all = append(all, p.OutputTangent(k+1)...)
	}
	return all
}

// metric checks the weighted number of rows of the main output that are classified
// correctly.
func (tr *trial) metric(p *nn.Plan, z []hyper) {
	t, s := tr.batch.Target[0], tr.net.Output()
	if t.Labels == nil {
		return
	}
	want := 0.0
	for r, label := range t.Labels {
		i := r / s.Steps()
		row := column(z[r*s.C:(r+1)*s.C], func(z hyper) float64 { return z.v })
		if r%s.Steps() < tr.count(i) && slices.Index(row, slices.Max(row)) == int(label) {
			want += rowWeight(t, tr.n, s.Steps(), i, r%s.Steps())
		}
	}
	tr.near("correct", p.Metric(nn.Correct), want, 1, 1e-6)
}

// differences compares derivatives with central differences of the network's own float32
// results. For a direction of length 1 and a step h, the errors are 1e-7/h from rounding and
// h² from the third derivative: with h = 1/128 about 1e-5 of the first derivative and, under
// batch norm, whose second derivatives are large, 1e-3 of the second. There must be no kink
// between the points: if the network has kinks the step is shortened until there is none,
// and the tolerance grows as rounding does.
func (tr *trial) differences() {
	h := tr.step()
	if h == 0 || tr.constants() {
		return // compared with the twin already
	}
	tolerance := 1.5e-5 / h
	p := tr.plan(tr.n)
	g, hv := tr.gradient(p), tr.hessVec(p, tr.v)
	jv := tr.jacVec(p)
	at := func(t float64) (loss float64, out, grad []float32) {
		p.SetParams(tr.moved(t))
		loss = tr.scale * p.Forward(tr.batch).Loss
		return loss, tr.outputs(p), tr.gradient(p)
	}
	lossP, outP, gradP := at(h)
	lossM, outM, gradM := at(-h)
	difference := func(x, y []float32) []float32 {
		tensor.Axpy(x, -1, y)
		tensor.Scale(x, float32(0.5/h))
		return x
	}
	tr.near("⟨g, v⟩ against differences of the loss", tensor.Dot(g, tr.v), (lossP-lossM)/(2*h), tr.scale*float64(tr.n)+tensor.Norm(g), tolerance)
	tr.nearScale("Jv against differences of the outputs", jv, difference(outP, outM), tensor.Norm(outM), tolerance)
	tr.nearScale("Hv against differences of the gradient", hv, difference(gradP, gradM), tensor.Norm(gradM), tolerance)
}

// nearScale compares vectors relative to the given scale, or to their own length if that is
// larger.
func (tr *trial) nearScale(what string, got, want []float32, scale, tolerance float64) {
	tr.Helper()
	scale = max(scale, tensor.Norm(want))
	d := slices.Clone(got)
	tensor.Axpy(d, -1, want)
	tr.near(what, tensor.Norm(d), 0, scale, tolerance)
}

// moved is θ + t·v.
func (tr *trial) moved(t float64) []float32 {
	theta := slices.Clone(tr.theta)
	tensor.Axpy(theta, float32(t), tr.v)
	return theta
}

// step is the largest step without a kink on the way; 0 if that would be too short.
func (tr *trial) step() float64 {
	const longest, shortest = 1.0 / 128, 1.0 / 2048
	here := tr.ask(nil, nil).taken
	if len(here) == 0 {
		return longest
	}
	for h := longest; h >= shortest; h /= 2 {
		free := true
		for _, t := range []float64{h, h / 2, -h / 2, -h} {
			free = free && slices.Equal(here, tr.askAt(tr.moved(t), nil, nil).taken)
		}
		if free {
			return h
		}
	}
	return 0
}

// transpose checks ⟨u, Jv⟩ = ⟨Jᵀu, v⟩.
func (tr *trial) transpose() {
	p := tr.ready()
	jv := tr.jacVec(p)
	jtu := make([]float32, tr.net.Dim())
	p.JacTVec(jtu, tr.u, false)
	tr.near("⟨u, Jv⟩ and ⟨Jᵀu, v⟩", tensor.Dot(tr.u, jv), tensor.Dot(jtu, tr.v), tensor.Norm(jv)+tensor.Norm(jtu), exact)
}

// symmetry checks ⟨w, Hv⟩ = ⟨v, Hw⟩.
func (tr *trial) symmetry() {
	p := tr.ready()
	hv, hw := tr.hessVec(p, tr.v), tr.hessVec(p, tr.w)
	tr.near("⟨w, Hv⟩ and ⟨v, Hw⟩", tensor.Dot(tr.w, hv), tensor.Dot(tr.v, hw), tensor.Norm(hv)+tensor.Norm(hw), exact)
}

// gaussNewton checks Gv = Jᵀ H_L J v, with the H_L of this package.
func (tr *trial) gaussNewton() {
	p := tr.ready()
	got, want := make([]float32, tr.net.Dim()), make([]float32, tr.net.Dim())
	p.GaussNewtonVec(got, tr.scale, false)
	u, out := tr.jacVec(p), tr.outputs(p)
	tr.eachRow(func(k, at, width int, w goal, weight float64) {
		dz := u[at : at+width]
		if weight == 0 {
			clear(dz)
			return
		}
		lossHess(lossAt(tr.settings, tr.net, k), dz, out[at:at+width], w, weight*tr.scale)
	})
	p.JacTVec(want, u, false)
	tr.nearVec("Gv and JᵀH_LJv", got, want, exact)
}

// eachRow calls f for each row of each output, with its place in all outputs, its width, its
// target and its weight.
func (tr *trial) eachRow(f func(k, at, width int, w goal, weight float64)) {
	at := 0
	for k, o := range tr.net.Outputs() {
		rows := o.Shape.Steps()
		for i := range tr.n {
			for r := range rows {
				var w goal
				weight := 0.0
				if k < len(tr.batch.Target) && r < tr.countAt(k, i) {
					weight = rowWeight(tr.batch.Target[k], tr.n, rows, i, r)
					w = wanted(tr.batch.Target[k], tr.n*rows, i*rows+r)
				}
				f(k, at, o.Shape.C, w, weight)
				at += o.Shape.C
			}
		}
	}
}

// count returns the number of rows of example i in the main output that are not past the end
// of its sequence, countAt that in output k. In networks without a twin sequences of outputs
// are as long as those of the first input.
func (tr *trial) count(i int) int { return tr.countAt(0, i) }

func (tr *trial) countAt(k, i int) int {
	if !tr.hasTwin() {
		steps := tr.net.Outputs()[k].Shape.Steps()
		if long := tr.batch.In[0].Steps; steps > 1 && long != nil {
			return int(long[i])
		}
		return steps
	}
	nd := tr.nodes[tr.graph.outputs()[k]]
	return nd.steps.count(tr.batch, i, nd.shape)
}

// lossHess replaces the tangent dz by scale · H_L · dz, through the twin of the
// loss.
func lossHess(l nn.Loss, dz, z []float32, w goal, scale float64) {
	h := make([]float64, len(z))
	for c := range z {
		x := make([]hyper, len(z))
		for j := range z {
			x[j] = hyper{v: float64(z[j]), b: float64(dz[j])}
		}
		x[c].a = 1
		h[c] = scale * lossOf(l, x, w).ab
	}
	for c := range h {
		dz[c] = float32(h[c])
	}
}
