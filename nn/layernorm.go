package nn

import (
	"fmt"
	"math"
)

// LayerNorm normalises each pixel over its channels, y = (x − μ)/√(var + Eps) with their
// mean and biased variance, or each step over all of its numbers (Ba et al. 2016).
type LayerNorm struct {
	Eps   float64
	Whole bool // over channels and pixels
	// Affine multiplies each channel by a weight γ and adds a bias β unless NoBias is set. It excludes Whole.
	Affine, NoBias bool
	// Group is how many channels that follow each other are normalised together, as the numbers of a head are. Groups share
	// γ and β, of so many numbers. 0 means all channels. It excludes Whole.
	Group int
}

// Out returns the input's shape.
func (n LayerNorm) Out(in ...Shape) Shape {
	one("layernorm", in)
	if !(n.Eps >= 0) || n.Affine && n.Whole || n.NoBias && !n.Affine || n.Whole && n.Group != 0 {
		panic(fmt.Sprintf("nn: layernorm %+v: want an ε of 0 or more, and weights by channel only", n))
	}
	checkGroup(n.Group, in[0])
	return in[0]
}

// checkGroup panics unless the channels are groups of so many.
func checkGroup(group int, s Shape) {
	if group < 0 || group > 0 && s.C%group != 0 {
		panic(fmt.Sprintf("nn: norm of groups of %d channels of %v: want a divisor of the channels", group, s))
	}
}

// groupOf returns how many channels of a shape are normalised together.
func groupOf(group int, s Shape) int {
	if group == 0 {
		return s.C
	}
	return group
}

// Params returns weight (γ) and bias (β), as far as it has them.
func (n LayerNorm) Params(in ...Shape) []Param {
	if !n.Affine {
		return nil
	}
	c := []int{groupOf(n.Group, in[0])}
	ps := []Param{{Name: "weight", Shape: c, Fill: 1}, {Name: "bias", Shape: c}}
	if n.NoBias {
		return ps[:1]
	}
	return ps
}

func (n LayerNorm) compile(b *binding) rules {
	group := groupOf(n.Group, b.in(0).shape)
	switch {
	case n.Affine && n.NoBias:
		return compileAffineNorm(b, b.scaleOnly(group), n.Eps, true)
	case n.Affine:
		return compileAffineNorm(b, b.affine(group), n.Eps, true)
	case n.Whole:
		return compilePlainNorm(b, b.in(0).shape.Step().Size(), n.Eps, true)
	}
	return compilePlainNorm(b, group, n.Eps, true)
}

// plainNorm is a compiled norm without weights. For each group of numbers, with x̂ = (x−μ)/σ and the
// means ⟨·⟩ over the group,
//
//	σ̇ = ⟨ẋx̂⟩      ẏ = (ẋ − ⟨ẋ⟩ − x̂σ̇)/σ      x̄ = (ȳ − ⟨ȳ⟩ − x̂⟨ȳx̂⟩)/σ
//
// and the tangent of x̄ for a constant ȳ is −(σ̇x̄ + ẏ⟨ȳx̂⟩ + x̂⟨ȳẏ⟩)/σ. If it is not centred, μ, ⟨ẋ⟩ and ⟨ȳ⟩ are left out.
type plainNorm struct {
	plan    *Plan
	x, y    arg
	n       int // numbers of a group
	eps     float64
	centred bool
	acc     bool
}

// compilePlainNorm makes the rules of a norm of groups of n numbers.
func compilePlainNorm(b *binding, n int, eps float64, centred bool) rules {
	k := &plainNorm{plan: b.plan, x: b.in(0), y: b.out(), n: n, eps: eps, centred: centred, acc: b.accumulates(0)}
	r := rules{forward: []phase{b.local(k.forward)}, keeps: func(l lane) []arg {
		if l == values || l == tangents {
			return []arg{k.x}
		}
		return []arg{k.y}
	}}
	if k.x.active {
		r.tangent = []phase{b.local(k.tangent)}
		r.adjoint = func(l lane) []phase { return []phase{b.local(k.adjoint(l))} }
		r.second = []phase{b.local(k.second)}
		r.along = []phase{b.local(k.along)}
	}
	return r
}

// A normGroup is numbers with their mean and deviation.
type normGroup struct {
	*plainNorm
	x         []float32
	mu, sigma float64
}

// hat returns x̂ of number i.
func (g normGroup) hat(i int) float64 { return (float64(g.x[i]) - g.mu) / g.sigma }

// dots returns ⟨v⟩, or 0 if the norm is not centred, and ⟨vx̂⟩.
func (g normGroup) dots(v []float32) (mean, dot float64) {
	for i, d := range v {
		mean += float64(d)
		dot += float64(d) * g.hat(i)
	}
	n := float64(len(v))
	if !g.centred {
		mean = 0
	}
	return mean / n, dot / n
}

// each calls f with each group of examples lo … hi-1, and where it begins.
func (k *plainNorm) each(lo, hi int, f func(g normGroup, at int)) {
	xs := k.x.rows(values, lo, hi)
	for at := 0; at < len(xs); at += k.n {
		g := normGroup{plainNorm: k, x: xs[at : at+k.n]}
		for _, v := range g.x {
			if k.centred {
				g.mu += float64(v) / float64(k.n)
			}
		}
		variance := 0.0
		for _, v := range g.x {
			variance += (float64(v) - g.mu) * (float64(v) - g.mu) / float64(k.n)
		}
		g.sigma = math.Sqrt(variance + k.eps)
		f(g, at)
	}
}

func (k *plainNorm) forward(lo, hi, _, _ int) {
	y := k.y.rows(values, lo, hi)
	k.each(lo, hi, func(g normGroup, at int) {
		for i := range g.x {
			y[at+i] = float32(g.hat(i))
		}
	})
}

func (k *plainNorm) tangent(lo, hi, _, _ int) {
	dx, dy := k.x.rows(tangents, lo, hi), k.y.rows(tangents, lo, hi)
	k.each(lo, hi, func(g normGroup, at int) { g.project(dy[at:at+k.n], dx[at:at+k.n], false) })
}

// project writes or adds (v − ⟨v⟩ − x̂⟨vx̂⟩)/σ to dst.
func (g normGroup) project(dst, v []float32, acc bool) {
	mean, dot := g.dots(v)
	for i, d := range v {
		p := float32((float64(d) - mean - g.hat(i)*dot) / g.sigma)
		if acc {
			p += dst[i]
		}
		dst[i] = p
	}
}

func (k *plainNorm) adjoint(l lane) func(lo, hi, shard, worker int) {
	return func(lo, hi, _, _ int) {
		dx, dy := k.x.rows(l, lo, hi), k.y.rows(l, lo, hi)
		k.each(lo, hi, func(g normGroup, at int) { g.project(dx[at:at+k.n], dy[at:at+k.n], k.acc) })
	}
}

func (k *plainNorm) second(lo, hi, _, _ int) {
	to, dots, ys := k.x.rows(cotangents, lo, hi), k.x.rows(tangents, lo, hi), k.y.rows(adjoints, lo, hi)
	k.each(lo, hi, func(g normGroup, at int) {
		dx, y := dots[at:at+k.n], ys[at:at+k.n]
		meanX, slope := g.dots(dx)
		meanY, along := g.dots(y)
		dot := func(i int) float64 { return (float64(dx[i]) - meanX - g.hat(i)*slope) / g.sigma } // ẏ
		cross := 0.0
		for i, v := range y {
			cross += float64(v) * dot(i) / float64(k.n)
		}
		for i, v := range y {
			first := (float64(v) - meanY - g.hat(i)*along) / g.sigma
			to[at+i] -= float32((slope*first + dot(i)*along + g.hat(i)*cross) / g.sigma)
		}
	})
}

// along adds ⟨ȳ, ÿ⟩, where with c = ẋ − ⟨ẋ⟩ and σσ̈ = ⟨c²⟩ − σ̇²
//
//	ÿ = −2cσ̇/σ² + x̂(2σ̇² − σσ̈)/σ²
func (k *plainNorm) along(lo, hi, _, _ int) {
	dots, ys := k.x.rows(tangents, lo, hi), k.y.rows(adjoints, lo, hi)
	k.each(lo, hi, func(g normGroup, at int) {
		dx := dots[at : at+k.n]
		mean, slope := g.dots(dx)
		square := 0.0
		for _, v := range dx {
			square += (float64(v) - mean) * (float64(v) - mean) / float64(k.n)
		}
		sum := 0.0
		for i, v := range ys[at : at+k.n] {
			c := float64(dx[i]) - mean
			sum += float64(v) * (g.hat(i)*(3*slope*slope-square) - 2*c*slope) / (g.sigma * g.sigma)
		}
		k.plan.curvatures[lo+at/k.x.size] += sum
	})
}
