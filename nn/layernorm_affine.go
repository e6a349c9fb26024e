package nn

import (
	"math"
	"slices"

	"breakeven/tensor"
)

// affineNorm is a compiled LayerNorm or RMSNorm with weights. Of a row of c numbers, the channels
// of a pixel, with the means ⟨·⟩ over it and P(v) = (v − ⟨v⟩ − x̂⟨vx̂⟩)/σ, without ⟨v⟩ if it is RMSNorm,
//
//	x̂̇ = P(ẋ)        ẏ = γ̇x̂ + γx̂̇ + β̇
//	x̄ = P(γȳ)       γ̄ = Σȳx̂       β̄ = Σȳ
//
// and the second-order rule adds to x̄̇ and γ̄̇, with w = γȳ and σ̇ = ⟨ẋx̂⟩,
//
//	P(γ̇ȳ − wσ̇/σ) − (x̂̇⟨wx̂⟩ + x̂⟨wx̂̇⟩)/σ       Σȳx̂̇
type affineNorm struct {
	affine
	eps  float64
	x, y arg
	acc  bool
	kept int       // of the tape's memory: μ and 1/σ of each row
	ones []float32 // whose product with a row is its sum; nil: the means of rows are left out
}

// compileAffineNorm makes the rules of a norm of channels with weights.
func compileAffineNorm(b *binding, weights affine, eps float64, centred bool) rules {
	k := &affineNorm{affine: weights, eps: eps, x: b.in(0), y: b.out(), acc: b.accumulates(0)}
	k.kept = b.stats(2 * k.x.size / k.c * b.plan.settings.Batch)
	b.scratch(normRows * k.c)
	if centred {
		b.owns(4 * int64(k.c))
		b.later(func() { k.ones = slices.Repeat([]float32{1}, k.c) })
	}
	return k.rules(b, k, k.x, k.y)
}

// normRows is how many rows of scratch a row's rules use.
const normRows = 3

// A normRow is the row that a rule works on: where it lies in an example's rows, x̂, and rows
// of scratch.
type normRow struct {
	*affineNorm
	lo, hi  int
	hat     []float32
	inv     float64 // 1/σ
	u, v    []float32
	example int
}

// rows calls f with each row of examples lo … hi-1, whose statistics are on the tape. The places
// count from the first of these examples.
func (k *affineNorm) rows(lo, hi, worker int, f func(r normRow)) {
	s, xs := k.plan.scratch[worker], k.x.rows(values, lo, hi)
	per := k.x.size / k.c
	stats := k.plan.cur.stats[k.kept][2*per*lo : 2*per*hi]
	r := normRow{affineNorm: k, hat: s[:k.c], u: s[k.c : 2*k.c], v: s[2*k.c : 3*k.c]}
	for at := range per * (hi - lo) {
		r.lo, r.hi, r.inv, r.example = at*k.c, (at+1)*k.c, stats[2*at+1], lo+at/per
		mu, inv := float32(stats[2*at]), float32(r.inv)
		hat := r.hat
		for j, x := range xs[r.lo:r.hi] {
			hat[j] = (x - mu) * inv
		}
		f(r)
	}
}

// mean returns ⟨xy⟩.
func (k *affineNorm) mean(x, y []float32) float64 { return tensor.Dot(x, y) / float64(k.c) }

// centre returns ⟨x⟩, or 0 if means are left out.
func (k *affineNorm) centre(x []float32) float64 {
	if k.ones == nil {
		return 0
	}
	return k.mean(x, k.ones)
}

// project writes or adds P(v) to dst, which may be v.
func (r normRow) project(dst, v []float32, acc bool) {
	mean, dot, inv := float32(r.centre(v)), float32(r.mean(v, r.hat)), float32(r.inv)
	hat := r.hat[:len(dst)]
	if acc {
		for j, x := range v {
			dst[j] += (x - mean - hat[j]*dot) * inv
		}
		return
	}
	for j, x := range v {
		dst[j] = (x - mean - hat[j]*dot) * inv
	}
}

func (k *affineNorm) forward(lo, hi, _, _ int) {
	gamma, beta := k.gamma.of(k.plan.theta), k.shift(k.plan.theta)
	xs, ys := k.x.rows(values, lo, hi), k.y.rows(values, lo, hi)
	stats := k.plan.cur.stats[k.kept][2*lo*k.x.size/k.c:]
	for at := 0; at < len(xs); at += k.c {
		x, y := xs[at:at+k.c], ys[at:at+k.c]
		mu := float32(k.centre(x))
		for j, v := range x {
			y[j] = v - mu
		}
		inv := 1 / math.Sqrt(k.mean(y, y)+k.eps)
		stats[2*at/k.c], stats[2*at/k.c+1] = float64(mu), inv
		scale := float32(inv)
		for j, v := range y {
			y[j] = gamma[j]*(v*scale) + beta[j]
		}
	}
}

func (k *affineNorm) tangent(lo, hi, _, worker int) {
	p, dy := k.plan, k.y.rows(tangents, lo, hi)
	gamma, slope, shift := k.gamma.of(p.theta), k.gamma.of(p.v), k.shift(p.v)
	k.rows(lo, hi, worker, func(r normRow) {
		to := dy[r.lo:r.hi]
		copy(to, shift)
		tensor.MulAdd(to, slope, r.hat)
		if k.x.active {
			r.project(r.u, k.x.rows(tangents, lo, hi)[r.lo:r.hi], false)
			tensor.MulAdd(to, gamma, r.u)
		}
	})
}

func (k *affineNorm) adjoint(l lane) func(lo, hi, shard, worker int) {
	return func(lo, hi, shard, worker int) {
		k.begin(shard, lo)
		dg, db := k.partials(shard)
		gamma, dy := k.gamma.of(k.plan.theta), k.y.rows(l, lo, hi)
		k.rows(lo, hi, worker, func(r normRow) {
			d := dy[r.lo:r.hi]
			tensor.ColMoments(db, dg, d, r.hat, 1, k.c)
			if k.x.active {
				tensor.Mul(r.u, gamma, d)
				r.project(k.x.rows(l, lo, hi)[r.lo:r.hi], r.u, k.acc)
			}
		})
	}
}

func (k *affineNorm) second(lo, hi, shard, worker int) {
	p := k.plan
	gamma, slope := k.gamma.of(p.theta), k.gamma.of(p.v)
	dg, _ := k.partials(shard)
	to, dx, dy := k.x.rows(cotangents, lo, hi), k.x.rows(tangents, lo, hi), k.y.rows(adjoints, lo, hi)
	k.rows(lo, hi, worker, func(r normRow) {
		x, y, dst := dx[r.lo:r.hi], dy[r.lo:r.hi], to[r.lo:r.hi]
		r.project(r.u, x, false) // x̂̇
		for j, v := range y {
			dg[j] += float64(v) * float64(r.u[j])
		}
		tensor.Mul(r.v, gamma, y) // w
		along, cross := r.mean(r.v, r.hat), r.mean(r.v, r.u)
		tensor.Scale(r.v, -float32(r.mean(x, r.hat)*r.inv))
		tensor.MulAdd(r.v, slope, y)
		tensor.Axpy(dst, -float32(along*r.inv), r.u)
		tensor.Axpy(dst, -float32(cross*r.inv), r.hat)
		r.project(dst, r.v, true)
	})
}

// along adds ⟨ȳ, ÿ⟩ with ÿ = 2γ̇x̂̇ + γx̂̈, where with c = ẋ − ⟨ẋ⟩ and σσ̈ = ⟨c²⟩ − σ̇²
//
//	x̂̈ = −2cσ̇/σ² + x̂(2σ̇² − σσ̈)/σ²
func (k *affineNorm) along(lo, hi, _, worker int) {
	p := k.plan
	gamma, turn := k.gamma.of(p.theta), k.gamma.of(p.v)
	dx, dy := k.x.rows(tangents, lo, hi), k.y.rows(adjoints, lo, hi)
	k.rows(lo, hi, worker, func(r normRow) {
		x := dx[r.lo:r.hi]
		mean, slope := r.centre(x), r.mean(x, r.hat)
		square := max(0, r.mean(x, x)-mean*mean)
		sum := 0.0
		for j, v := range dy[r.lo:r.hi] {
			c, hat := float64(x[j])-mean, float64(r.hat[j])
			second := (hat*(3*slope*slope-square) - 2*c*slope) * r.inv * r.inv
			sum += float64(v) * (float64(gamma[j])*second + 2*float64(turn[j])*(c-hat*slope)*r.inv)
		}
		p.curvatures[r.example] += sum
	})
}

func (k *affineNorm) exampleGrad(dst []float32, i, block, worker int) {
	dy := k.y.example(adjoints, i)
	if block == 1 {
		addColumns(dst[:k.c], dy)
		return
	}
	k.rows(i, i+1, worker, func(r normRow) { tensor.MulAdd(dst[:k.c], dy[r.lo:r.hi], r.hat) })
}
