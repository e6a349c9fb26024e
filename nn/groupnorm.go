package nn

import (
	"cmp"
	"fmt"
	"math"

	"breakeven/tensor"
)

// GroupNorm normalises groups of consecutive channels of each example, over their pixels, and then
// scales and shifts each channel: y = γ(x − μ)/√(var + Eps) + β, with the mean and the biased variance
// of the group (Wu & He 2018). With as many groups as channels it is instance norm. It does not couple the
// examples of a batch.
type GroupNorm struct {
	Groups int
	Eps    float64 // 0 means 1e-5
}

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
	affine
	x, y   arg
	groups int
	eps    float64
	acc    bool
	kept   int       // of the tape's memory: μ and 1/σ of each group of each example
	work   []float64 // by shard, four numbers for each channel
}

func (n GroupNorm) compile(b *binding) rules {
	k := &groupNorm{affine: b.affine(b.in(0).shape.C), x: b.in(0), y: b.out(), groups: n.Groups, eps: cmp.Or(n.Eps, normEps), acc: b.accumulates(0)}
	work := 4 * k.c * b.plan.maxShards()
	b.owns(8 * int64(work))
	b.later(func() { k.work = make([]float64, work) })
	k.kept = b.stats(2 * k.groups * b.plan.settings.Batch)
	return k.rules(b, k, k.x, k.y)
}

// stats returns μ and 1/σ of the groups of example i.
func (k *groupNorm) stats(i int) []float64 {
	return k.plan.cur.stats[k.kept][2*k.groups*i : 2*k.groups*(i+1)]
}

// columns returns four rows of a number for each channel, to work on in a shard.
func (k *groupNorm) columns(shard int) (a, b, c, d []float64) {
	w := k.work[4*k.c*shard : 4*k.c*(shard+1)]
	return w[:k.c], w[k.c : 2*k.c], w[2*k.c : 3*k.c], w[3*k.c:]
}

// eachGroup calls f with the first and the end of the channels of each group, and its statistics.
func (k *groupNorm) eachGroup(i int, f func(from, to int, mu, inv *float64)) {
	s, width := k.stats(i), k.c/k.groups
	for g := range k.groups {
		f(g*width, (g+1)*width, &s[2*g], &s[2*g+1])
	}
}

func (k *groupNorm) forward(lo, hi, shard, _ int) {
	gamma, beta := k.gamma.of(k.plan.theta), k.beta.of(k.plan.theta)
	mu, sums, scale, shift := k.columns(shard)
	for i := lo; i < hi; i++ {
		x, y := k.x.example(values, i), k.y.example(values, i)
		n := float64(len(x) / k.groups)
		clear(sums)
		tensor.ColSum(sums, x, len(x)/k.c, k.c)
		k.eachGroup(i, func(from, to int, mean, _ *float64) {
			*mean = sum64(sums[from:to]) / n
			fill64(mu[from:to], *mean)
		})
		clear(sums)
		for at := 0; at < len(x); at += k.c {
			for c, v := range x[at : at+k.c] {
				d := float64(v) - mu[c]
				sums[c] += d * d
			}
		}
		k.eachGroup(i, func(from, to int, _, inv *float64) {
			*inv = 1 / math.Sqrt(sum64(sums[from:to])/n+k.eps)
			for c := from; c < to; c++ {
				scale[c] = float64(gamma[c]) * *inv
				shift[c] = float64(beta[c]) - scale[c]*mu[c]
			}
		})
		for at := 0; at < len(x); at += k.c {
			to := y[at : at+k.c]
			for c, v := range x[at : at+k.c] {
				to[c] = float32(scale[c]*float64(v) + shift[c])
			}
		}
	}
}

func sum64(x []float64) (sum float64) {
	for _, v := range x {
		sum += v
	}
	return sum
}

func fill64(x []float64, v float64) {
	for i := range x {
		x[i] = v
	}
}

// adjoint adds Σȳ and Σȳx̂ of each channel, the gradients of β and γ, to the sums of the shard. P(γȳ)
// needs them, too: its means over a group are theirs, times γ.
func (k *groupNorm) adjoint(l lane) func(lo, hi, shard, worker int) {
	return func(lo, hi, shard, _ int) {
		k.begin(shard, lo)
		for i := lo; i < hi; i++ {
			k.adjointOf(l, i, shard)
		}
	}
}

func (k *groupNorm) adjointOf(l lane, i, shard int) {
	gamma, x, dy := k.gamma.of(k.plan.theta), k.x.example(values, i), k.y.example(l, i)
	own, cross, shift, slope := k.columns(shard) // Σȳ, Σȳx̂, and what is added to γȳ/σ: a number, and x times one
	k.eachGroup(i, func(from, to int, mu, inv *float64) {
		fill64(shift[from:to], *mu)
		fill64(slope[from:to], *inv)
	})
	clear(own)
	clear(cross)
	for at := 0; at < len(dy); at += k.c {
		xs := x[at : at+k.c]
		for c, d := range dy[at : at+k.c] {
			own[c] += float64(d)
			cross[c] += float64(d) * (float64(xs[c]) - shift[c]) * slope[c]
		}
	}
	dg, db := k.partials(shard)
	for c := range dg {
		dg[c] += cross[c]
		db[c] += own[c]
	}
	if !k.x.active {
		return
	}
	n := float64(len(x) / k.groups)
	k.eachGroup(i, func(from, to int, mu, inv *float64) {
		mean, dot := 0.0, 0.0
		for c := from; c < to; c++ {
			mean += float64(gamma[c]) * own[c] / n
			dot += float64(gamma[c]) * cross[c] / n
		}
		fill64(slope[from:to], -dot**inv**inv)
		fill64(shift[from:to], dot**inv**inv**mu-mean**inv)
		for c := from; c < to; c++ {
			own[c] = float64(gamma[c]) * *inv
		}
	})
	dx := k.x.example(l, i)
	for at := 0; at < len(dy); at += k.c {
		xs, to := x[at:at+k.c], dx[at:at+k.c]
		for c, d := range dy[at : at+k.c] {
			v := float32(own[c]*float64(d) + slope[c]*float64(xs[c]) + shift[c])
			if k.acc {
				v += to[c]
			}
			to[c] = v
		}
	}
}

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
