package nn

import (
	"fmt"
	"math"
)

// BatchNorm normalises each channel by the mean and the biased variance of the
// batch, then scales and shifts: y = γ(x − μ)/√(var + Eps) + β (Ioffe & Szegedy
// 2015). In plans compiled for inference it uses the running statistics.
//
// Of several inputs it normalises the concatenation along their channels, as [Concat] makes it,
// without the memory for it: in a dense block of Huang et al. 2017, where each layer reads what
// all earlier ones wrote, that would be a third of all activations.
type BatchNorm struct {
	Eps float64 // 0 means 1e-5
}

const normEps = 1e-5

// Out returns the input's shape, of several inputs that of their concatenation. It cannot be a
// sequence: steps past the end of an example would enter the statistics.
func (BatchNorm) Out(in ...Shape) Shape {
	out := Concat{}.Out(in...)
	if out.T > 0 {
		panic(fmt.Sprintf("nn: batchnorm on the sequence %v", out))
	}
	return out
}

// Params returns weight (γ) and bias (β).
func (n BatchNorm) Params(in ...Shape) []Param {
	c := []int{n.Out(in...).C}
	return []Param{{Name: "weight", Shape: c, Fill: 1}, {Name: "bias", Shape: c}}
}

func (BatchNorm) effects(s Settings) effects {
	e := effects{releases: true, fusesReLU: true, couples: !s.Inference}
	if !s.Inference { // nothing reads ȳ after x̄ is computed from it
		e.inPlace = 1 << cotangents
	}
	return e
}

func (n BatchNorm) buffers(in ...Shape) []Param {
	c := []int{n.Out(in...).C}
	return []Param{{Name: "running_mean", Shape: c}, {Name: "running_var", Shape: c, Fill: 1}}
}

// norm is a compiled BatchNorm. With x̂ = (x−μ)/σ, sums over the n rows of a
// channel, and ⟨·⟩ their means, its rules are
//
//	σ̇ = ⟨ẋx̂⟩       x̂̇ = (ẋ − ⟨ẋ⟩ − x̂⟨ẋx̂⟩)/σ      ẏ = γ̇x̂ + γx̂̇ + β̇
//	β̄ = Σȳ          γ̄ = Σȳx̂                      x̄ = (γȳ − γ⟨ȳ⟩ − x̂γ⟨ȳx̂⟩)/σ
//
// and the tangent of x̄ by the product rule. Each pass is a sum over shards, a few numbers
// per channel, and one sweep dst = k0 + kx(x−μ) + k1·a + k2·b. A ReLU that follows in
// place is fused: the sweeps over y apply it to what they write, the sums over ȳ to what
// they read.
type norm struct {
	fusion
	plan        *Plan
	x           joined
	y           arg
	c           int
	eps         float64
	gamma, beta span
	mean, vari  span // in the state vector
	kept        int  // of the tape's memory: see the methods of normStats
	partial     []float64
	sums        []float64    // of the tangent and second-order passes
	coef        [4][]float32 // of the next sweep, repeated over a tile of rows
}

// normStats are the numbers per channel that the passes leave for later ones.
type normStats struct{ mu, inv, variance, sumY, sumYX []float64 }

func (k *norm) tape() normStats {
	s, c := k.plan.cur.stats[k.kept], k.c
	return normStats{s[:c], s[c : 2*c], s[2*c : 3*c], s[3*c : 4*c], s[4*c : 5*c]}
}

// products returns the sums that belong to the current product: of ẋ and ẋx̂ (means), of
// ȳ̇ and ȳ̇x̂, and of ȳx̂̇.
func (k *norm) products() (meanX, meanXX, sumY, sumYX, sumYXdot []float64) {
	s, c := k.sums, k.c
	return s[:c], s[c : 2*c], s[2*c : 3*c], s[3*c : 4*c], s[4*c : 5*c]
}

func (n BatchNorm) compile(b *binding) rules {
	k := &norm{fusion: b.fusion(), plan: b.plan, x: b.joined(), y: b.out(), gamma: b.param(0), beta: b.param(1), eps: n.Eps}
	if k.eps == 0 {
		k.eps = normEps
	}
	k.c = k.x.c
	m, v := b.node.buffers[0], b.node.buffers[1]
	k.mean, k.vari = span{lo: m.Offset, hi: m.Offset + k.c}, span{lo: v.Offset, hi: v.Offset + k.c}
	k.kept = b.stats(5 * k.c)
	partial, sums, tile := 2*k.c*b.plan.maxShards(), 5*k.c, k.c*max(1, tileSize/k.c)
	b.owns(8*int64(partial+sums) + 16*int64(tile))
	b.later(func() {
		k.partial, k.sums = make([]float64, partial), make([]float64, sums)
		for i := range k.coef {
			k.coef[i] = make([]float32, tile)
		}
	})
	if !k.x.single() {
		b.scratch(3 * max(tile, momentRows*k.c))
	}
	r := rules{
		forward:    append(k.reduce(b, values, values, k.setForward), b.local(k.sweepForward)),
		adjoint:    func(l lane) []phase { return k.adjoint(b, l) },
		gradient:   func(l lane, second bool) []phase { return []phase{b.global(1, func(_, _ int) { k.finish(l, second) })} },
		batchState: k.updateState,
		keeps:      k.keeps,
	}
	if k.fixed() { // coefficients need no sums, so that all phases are local
		r.prepare, r.forward = r.forward[:1], r.forward[1:]
		r.example = k
	}
	if b.plan.settings.Tangents {
		if b.plan.settings.Inference && k.x.active {
			r.along = []phase{b.local(k.along)}
		}
		r.tangent = append(k.reduce(b, tangents, values, k.setTangent), b.local(k.sweepTangent))
		r.second = append(k.reduce(b, adjoints, tangents, k.setSecond), b.local(k.sweepSecond))
	}
	return r
}

// keeps returns what the sums and sweeps read.
func (k *norm) keeps(l lane) []arg {
	switch {
	case l == values && k.relu && k.plan.readsOutput(k.y.id):
		return append([]arg{k.y}, k.x.parts...)
	case l == values || l == tangents:
		return k.x.parts
	}
	return []arg{k.y}
}

// rows returns the number of values of a channel in the batch.
func (k *norm) rows() float64 { return float64(k.plan.cur.n * k.x.pixels) }

// fixed reports whether mean and variance are constants.
func (k *norm) fixed() bool { return k.plan.settings.Inference }

func (k *norm) setForward(sum, dot []float64) {
	t, n := k.tape(), k.rows()
	for j := range k.c {
		t.mu[j], t.variance[j] = sum[j]/n, max(0, dot[j]/n-sum[j]/n*(sum[j]/n))
		if dot[j] != dot[j] {
			t.variance[j] = math.NaN()
		}
		if k.fixed() {
			t.mu[j], t.variance[j] = float64(k.mean.in(k.plan.state)[j]), float64(k.vari.in(k.plan.state)[j])
		}
		t.inv[j] = 1 / math.Sqrt(t.variance[j]+k.eps)
		k.setCoef(j, float64(k.beta.of(k.plan.theta)[j]), float64(k.gamma.of(k.plan.theta)[j])*t.inv[j], 0, 0)
	}
}

func (k *norm) setTangent(sum, dot []float64) {
	t, n := k.tape(), k.rows()
	meanX, meanXX, _, _, _ := k.products()
	p := k.plan
	for j := range k.c {
		meanX[j], meanXX[j] = sum[j]/n, t.inv[j]*(dot[j]-t.mu[j]*sum[j])/n
		if k.fixed() {
			meanX[j], meanXX[j] = 0, 0
		}
		g, inv := float64(k.gamma.of(p.theta)[j]), t.inv[j]
		dg, db := float64(k.gamma.of(p.v)[j]), float64(k.beta.of(p.v)[j])
		k.setCoef(j, db-g*inv*meanX[j], inv*(dg-g*inv*meanXX[j]), g*inv, 0)
	}
}

func (k *norm) adjoint(b *binding, l lane) []phase {
	set := func(sum, dot []float64) {
		t, n := k.tape(), k.rows()
		sumY, sumYX := t.sumY, t.sumYX
		if l == cotangents {
			_, _, sumY, sumYX, _ = k.products()
		}
		for j := range k.c {
			sumY[j], sumYX[j] = sum[j], t.inv[j]*(dot[j]-t.mu[j]*sum[j])
			g, inv := float64(k.gamma.of(k.plan.theta)[j]), t.inv[j]
			m1, m2 := g*sumY[j]/n, g*sumYX[j]/n
			if k.fixed() {
				m1, m2 = 0, 0
			}
			k.setCoef(j, -inv*m1, -inv*inv*m2, inv*g, 0)
		}
	}
	ps := k.reduce(b, l, values, set)
	if k.x.active {
		ps = append(ps, b.local(k.sweepAdjoint(l)))
	}
	return ps
}

// setSecond receives Σȳ and Σȳẋ.
func (k *norm) setSecond(sum, dot []float64) {
	t, n := k.tape(), k.rows()
	meanX, meanXX, _, _, sumYXdot := k.products()
	for j := range k.c {
		inv := t.inv[j]
		sumYXdot[j] = inv * (dot[j] - meanX[j]*t.sumY[j] - meanXX[j]*t.sumYX[j])
		g, dg := float64(k.gamma.of(k.plan.theta)[j]), float64(k.gamma.of(k.plan.v)[j])
		if k.fixed() {
			k.setCoef(j, 0, 0, inv*dg, 0)
			continue
		}
		m1, m2 := g*t.sumY[j]/n, g*t.sumYX[j]/n
		w := (dg*t.sumYX[j] + g*sumYXdot[j]) / n
		k.setCoef(j,
			inv*inv*(meanXX[j]*m1+m2*meanX[j])-inv*dg*t.sumY[j]/n,
			2*inv*inv*inv*m2*meanXX[j]-inv*inv*w,
			inv*dg-meanXX[j]*inv*inv*g,
			-inv*inv*m2)
	}
}

func (k *norm) finish(l lane, second bool) {
	t, p := k.tape(), k.plan
	sumY, sumYX := t.sumY, t.sumYX
	var extra []float64
	if l == cotangents {
		_, _, sumY, sumYX, extra = k.products()
	}
	dg, db := k.gamma.of(p.dst), k.beta.of(p.dst)
	for j := range k.c {
		g, b := sumYX[j], sumY[j]
		if second {
			g += extra[j]
		}
		if k.gamma.acc() {
			g += float64(dg[j])
		}
		if k.beta.acc() {
			b += float64(db[j])
		}
		dg[j], db[j] = float32(g), float32(b)
	}
}

func (k *norm) updateState(momentum float64) {
	t, n := k.tape(), k.rows()
	mean, vari := k.mean.in(k.plan.state), k.vari.in(k.plan.state)
	for j := range k.c {
		unbiased := t.variance[j] * n / max(1, n-1)
		mean[j] = float32((1-momentum)*float64(mean[j]) + momentum*t.mu[j])
		vari[j] = float32((1-momentum)*float64(vari[j]) + momentum*unbiased)
	}
}
