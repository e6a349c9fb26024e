package nn

import (
	"fmt"
	"math"
)

// GroupNorm normalises groups of consecutive channels of each example, over their pixels, and then
// scales and shifts each channel: y = γ(x − μ)/√(var + 1e-5) + β, with the mean and the biased variance
// of the group (Wu & He 2018). It does not couple the examples of a batch.
type GroupNorm struct{ Groups int }

// Out returns the input's shape. The channels must be a multiple of the groups, and the input no
// sequence.
func (n GroupNorm) Out(in ...Shape) Shape {
	one("groupnorm", in)
	if n.Groups < 1 || in[0].C%n.Groups != 0 || in[0].T > 0 {
		panic(fmt.Sprintf("nn: groupnorm of %d groups on %v: the channels must be a multiple of them, and no sequence", n.Groups, in[0]))
	}
	return in[0]
}

// Params returns weight (γ) and bias (β).
func (GroupNorm) Params(in ...Shape) []Param {
	c := []int{in[0].C}
	return []Param{{Name: "weight", Shape: c, Fill: 1}, {Name: "bias", Shape: c}}
}

// groupNorm is a compiled GroupNorm. With the means ⟨·⟩ over a group, P(v) = (v − ⟨v⟩ − x̂⟨vx̂⟩)/σ
// and sums over examples and pixels,
//
//	x̂̇ = P(ẋ)        ẏ = γ̇x̂ + γx̂̇ + β̇
//	x̄ = P(γȳ)       γ̄ = Σȳx̂       β̄ = Σȳ
//
// and the second-order rule adds to x̄̇ and γ̄̇, with w = γȳ and σ̇ = ⟨ẋx̂⟩,
//
//	P(γ̇ȳ) − (σ̇P(w) + x̂̇⟨wx̂⟩ + x̂⟨wx̂̇⟩)/σ       Σȳx̂̇
type groupNorm struct {
	plan        *Plan
	x, y        arg
	groups, c   int
	acc         bool
	gamma, beta span
	kept        int // of the tape's memory: μ and 1/σ of each group of each example
	// By shard, a number for each channel: of γ and of β.
	partialG, partialB []float64
}

func (n GroupNorm) compile(b *binding) rules {
	k := &groupNorm{plan: b.plan, x: b.in(0), y: b.out(), groups: n.Groups, acc: b.accumulates(0), gamma: b.param(0), beta: b.param(1)}
	k.c = k.x.shape.C
	k.kept = b.stats(2 * k.groups * b.plan.settings.Batch)
	r := rules{
		forward: []phase{b.local(k.forward)},
		adjoint: func(l lane) []phase { return []phase{b.local(k.adjoint(l))} },
		gradient: func(lane, bool) []phase {
			return []phase{b.global(2, k.finish)}
		},
		example: k,
		keeps: func(l lane) []arg {
			if l == values || l == tangents {
				return []arg{k.x}
			}
			return []arg{k.y}
		},
	}
	if !b.plan.settings.Evaluate {
		partial := b.plan.maxShards() * k.c
		b.owns(16 * int64(partial))
		b.later(func() { k.partialG, k.partialB = make([]float64, partial), make([]float64, partial) })
	}
	if b.plan.settings.Tangents {
		r.tangent = []phase{b.local(k.tangent)}
		if k.x.active {
			r.second = []phase{b.local(k.second)}
			r.along = []phase{b.local(k.along)}
		}
	}
	return r
}

// A channelGroup is a group of channels of an example: numbers first … first+width-1 of each of its
// pixels, which are stride apart.
type channelGroup struct {
	x                    []float32 // of the example
	first, width, stride int
	mu, inv              float64 // mean, 1/σ
}

// each calls f with the place and the channel of each number of the group.
func (g channelGroup) each(f func(at, channel int)) {
	for at := g.first; at < len(g.x); at += g.stride {
		for j := range g.width {
			f(at+j, g.first+j)
		}
	}
}

// hat returns x̂ at a place.
func (g channelGroup) hat(at int) float64 { return (float64(g.x[at]) - g.mu) * g.inv }

// dots returns ⟨v⟩ and ⟨vx̂⟩ of v times a scale of each channel; nil: 1.
func (g channelGroup) dots(v, scale []float32) (mean, dot float64) {
	g.each(func(at, c int) {
		d := float64(v[at])
		if scale != nil {
			d *= float64(scale[c])
		}
		mean += d
		dot += d * g.hat(at)
	})
	n := float64(len(g.x) / g.stride * g.width)
	return mean / n, dot / n
}

// stats returns μ and 1/σ of the groups of example i.
func (k *groupNorm) stats(i int) []float64 {
	return k.plan.cur.stats[k.kept][2*k.groups*i : 2*k.groups*(i+1)]
}

// over calls f with the groups of examples lo … hi-1.
func (k *groupNorm) over(lo, hi int, f func(i int, g channelGroup)) {
	for i := lo; i < hi; i++ {
		g, s := channelGroup{x: k.x.example(values, i), width: k.c / k.groups, stride: k.c}, k.stats(i)
		for j := range k.groups {
			g.first, g.mu, g.inv = j*g.width, s[2*j], s[2*j+1]
			f(i, g)
		}
	}
}

func (k *groupNorm) forward(lo, hi, _, _ int) {
	gamma, beta := k.gamma.of(k.plan.theta), k.beta.of(k.plan.theta)
	k.over(lo, hi, func(i int, g channelGroup) {
		n, sum, squares := float64(len(g.x)/g.stride*g.width), 0.0, 0.0
		g.each(func(at, _ int) { sum += float64(g.x[at]) })
		g.mu = sum / n
		g.each(func(at, _ int) { squares += (float64(g.x[at]) - g.mu) * (float64(g.x[at]) - g.mu) })
		g.inv = 1 / math.Sqrt(squares/n+normEps)
		s := k.stats(i)[2*(g.first/g.width):]
		s[0], s[1] = g.mu, g.inv
		y := k.y.example(values, i)
		g.each(func(at, c int) { y[at] = float32(float64(gamma[c])*g.hat(at) + float64(beta[c])) })
	})
}

func (k *groupNorm) tangent(lo, hi, _, _ int) {
	p := k.plan
	gamma, dg, db := k.gamma.of(p.theta), k.gamma.of(p.v), k.beta.of(p.v)
	k.over(lo, hi, func(i int, g channelGroup) {
		dy := k.y.example(tangents, i)
		if !k.x.active {
			g.each(func(at, c int) { dy[at] = float32(float64(dg[c])*g.hat(at) + float64(db[c])) })
			return
		}
		dx := k.x.example(tangents, i)
		mean, dot := g.dots(dx, nil)
		g.each(func(at, c int) {
			hat := g.hat(at)
			dy[at] = float32(float64(dg[c])*hat + float64(gamma[c])*(float64(dx[at])-mean-hat*dot)*g.inv + float64(db[c]))
		})
	})
}

func (k *groupNorm) adjoint(l lane) func(lo, hi, shard, worker int) {
	return func(lo, hi, shard, _ int) {
		gamma := k.gamma.of(k.plan.theta)
		if k.plan.dst.own != nil {
			k.sum(l, lo, hi, shard)
		}
		if !k.x.active {
			return
		}
		k.over(lo, hi, func(i int, g channelGroup) {
			dx, dy := k.x.example(l, i), k.y.example(l, i)
			mean, dot := g.dots(dy, gamma)
			g.each(func(at, c int) {
				v := float32((float64(gamma[c])*float64(dy[at]) - mean - g.hat(at)*dot) * g.inv)
				if k.acc {
					v += dx[at]
				}
				dx[at] = v
			})
		})
	}
}

// sum adds the gradients of γ and β of a strip to the sums of its shard.
func (k *groupNorm) sum(l lane, lo, hi, shard int) {
	dg, db := k.partialG[shard*k.c:(shard+1)*k.c], k.partialB[shard*k.c:(shard+1)*k.c]
	if k.plan.first(lo) {
		clear(dg)
		clear(db)
	}
	k.over(lo, hi, func(i int, g channelGroup) {
		dy := k.y.example(l, i)
		g.each(func(at, c int) {
			dg[c] += float64(dy[at]) * g.hat(at)
			db[c] += float64(dy[at])
		})
	})
}

func (k *groupNorm) second(lo, hi, shard, _ int) {
	p := k.plan
	gamma, slope := k.gamma.of(p.theta), k.gamma.of(p.v)
	dg := k.partialG[shard*k.c : (shard+1)*k.c]
	k.over(lo, hi, func(i int, g channelGroup) {
		to, dx, dy := k.x.example(cotangents, i), k.x.example(tangents, i), k.y.example(adjoints, i)
		meanX, sigma := g.dots(dx, nil)
		meanW, along := g.dots(dy, gamma)
		meanS, turn := g.dots(dy, slope)
		hatDot := func(at int) float64 { return (float64(dx[at]) - meanX - g.hat(at)*sigma) * g.inv } // x̂̇
		cross := 0.0
		g.each(func(at, c int) {
			d := hatDot(at)
			cross += float64(gamma[c]) * float64(dy[at]) * d
			dg[c] += float64(dy[at]) * d
		})
		cross /= float64(len(g.x) / g.stride * g.width)
		g.each(func(at, c int) {
			hat, v := g.hat(at), float64(dy[at])
			first := (float64(gamma[c])*v - meanW - hat*along) * g.inv
			own := (float64(slope[c])*v - meanS - hat*turn) * g.inv
			to[at] += float32(own - (sigma*first+hatDot(at)*along+hat*cross)*g.inv)
		})
	})
}

// along adds ⟨ȳ, ÿ⟩ with ÿ = 2γ̇x̂̇ + γx̂̈, where with c = ẋ − ⟨ẋ⟩ and σσ̈ = ⟨c²⟩ − σ̇²
//
//	x̂̈ = −2cσ̇/σ² + x̂(2σ̇² − σσ̈)/σ²
func (k *groupNorm) along(lo, hi, _, _ int) {
	p := k.plan
	gamma, turn := k.gamma.of(p.theta), k.gamma.of(p.v)
	k.over(lo, hi, func(i int, g channelGroup) {
		dx, dy := k.x.example(tangents, i), k.y.example(adjoints, i)
		mean, slope := g.dots(dx, nil)
		square, sum := 0.0, 0.0
		g.each(func(at, _ int) { square += (float64(dx[at]) - mean) * (float64(dx[at]) - mean) })
		square /= float64(len(g.x) / g.stride * g.width)
		g.each(func(at, ch int) {
			c, hat := float64(dx[at])-mean, g.hat(at)
			second := (hat*(3*slope*slope-square) - 2*c*slope) * g.inv * g.inv
			sum += float64(dy[at]) * (float64(gamma[ch])*second + 2*float64(turn[ch])*(c-hat*slope)*g.inv)
		})
		p.curvatures[i] += sum
	})
}

// finish sums the partial gradients of the shards, in order: task 0 those of γ, task 1 of β.
func (k *groupNorm) finish(task, _ int) {
	p := k.plan
	if task == 0 {
		sumShards(k.gamma.of(p.dst), k.partialG, p.shards(), k.gamma.acc())
	} else {
		sumShards(k.beta.of(p.dst), k.partialB, p.shards(), k.beta.acc())
	}
}

// blocks returns one block for γ and one for β.
func (k *groupNorm) blocks() []int { return []int{k.c, k.c} }

func (k *groupNorm) exampleGrad(dst []float32, i, block, _ int) {
	dy := k.y.example(adjoints, i)
	if block == 1 {
		addColumns(dst[:k.c], dy)
		return
	}
	k.over(i, i+1, func(_ int, g channelGroup) {
		for j := range g.width {
			sum := float64(dst[g.first+j])
			for at := g.first + j; at < len(dy); at += g.stride {
				sum += float64(dy[at]) * g.hat(at)
			}
			dst[g.first+j] = float32(sum)
		}
	})
}

func (k *groupNorm) places(dst []int, block int) {
	if block == 0 {
		k.gamma.places(dst, 0)
	} else {
		k.beta.places(dst, 0)
	}
}
