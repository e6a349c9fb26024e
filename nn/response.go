package nn

import (
	"fmt"
	"math"
)

// ChannelResponse is what global response normalization multiplies the channels of an image by (Woo et al. 2023, ConvNeXt V2,
// section 4): the norm g of the pixels of each channel, divided by its mean over the channels, n = g/(⟨g⟩ + Eps). The gradient
// of the norm of zeros counts as 0, as in PyTorch.
type ChannelResponse struct{ Eps float64 }

// Out returns a vector of C numbers. The input must be no sequence, and Eps above 0.
func (r ChannelResponse) Out(in ...Shape) Shape {
	one("channelresponse", in)
	if !(r.Eps > 0) || in[0].T > 0 {
		panic(fmt.Sprintf("nn: channelresponse with ε %v on %v: want an ε above 0, and no sequence", r.Eps, in[0]))
	}
	return Vec(in[0].C)
}

// Params returns nil.
func (ChannelResponse) Params(...Shape) []Param { return nil }

func (ChannelResponse) effects(Settings) effects { return effects{releases: true} }

// channelResponse is a compiled ChannelResponse. With sums over the pixels, means ⟨·⟩ over the channels and m = ⟨g⟩ + ε
//
//	ġ = Σxẋ/g        ṅ = (ġ − n⟨ġ⟩)/m        ḡ = (n̄ − ⟨n̄n⟩)/m        x̄ = ḡx/g
//
// and the second-order rule adds to x̄̇
//
//	ḡẋ/g − (ḡġ/g + (⟨ḡġ⟩ + ḡ⟨ġ⟩)/m)x/g
type channelResponse struct {
	plan *Plan
	x, y arg
	c    int
	eps  float64
	acc  bool
	kept int       // of the tape's memory: g of each channel of each example
	work []float64 // by shard, three numbers for each channel
}

func (r ChannelResponse) compile(b *binding) rules {
	k := &channelResponse{plan: b.plan, x: b.in(0), y: b.out(), c: b.in(0).shape.C, eps: r.Eps, acc: b.accumulates(0)}
	work := 3 * k.c * b.plan.maxShards()
	b.owns(8 * int64(work))
	b.later(func() { k.work = make([]float64, work) })
	k.kept = b.stats(k.c * b.plan.settings.Batch)
	all := rules{forward: []phase{b.local(k.forward)}, keeps: func(l lane) []arg {
		if l == values || l == tangents {
			return []arg{k.x}
		}
		return []arg{k.y}
	}}
	if k.x.active {
		all.tangent = []phase{b.local(k.tangent)}
		all.adjoint = func(l lane) []phase { return []phase{b.local(k.adjoint(l))} }
		all.second = []phase{b.local(k.second)}
		all.along = []phase{b.local(k.along)}
	}
	return all
}

// columns returns three rows of a number for each channel, to work on in a shard.
func (k *channelResponse) columns(shard int) (a, b, c []float64) {
	w := k.work[3*k.c*shard : 3*k.c*(shard+1)]
	return w[:k.c], w[k.c : 2*k.c], w[2*k.c:]
}

// norms returns g of example i, and m.
func (k *channelResponse) norms(i int) (g []float64, m float64) {
	g = k.plan.cur.stats[k.kept][k.c*i : k.c*(i+1)]
	return g, sum64(g)/float64(k.c) + k.eps
}

// products sets dst to Σuv over the pixels of each channel.
func (k *channelResponse) products(dst []float64, u, v []float32) {
	clear(dst)
	for at := 0; at < len(u); at += k.c {
		row := v[at : at+k.c]
		for c, x := range u[at : at+k.c] {
			dst[c] += float64(x) * float64(row[c])
		}
	}
}

// orNought returns 1/g, and 0 if g is 0.
func orNought(g float64) float64 {
	if g == 0 {
		return 0
	}
	return 1 / g
}

func (k *channelResponse) forward(lo, hi, _, _ int) {
	for i := lo; i < hi; i++ {
		x, y := k.x.example(values, i), k.y.example(values, i)
		g, _ := k.norms(i)
		k.products(g, x, x)
		for c, square := range g {
			g[c] = math.Sqrt(square)
		}
		_, m := k.norms(i)
		for c, norm := range g {
			y[c] = float32(norm / m)
		}
	}
}

// slopes sets dst to ġ of example i, and returns ⟨ġ⟩.
func (k *channelResponse) slopes(dst []float64, i int) float64 {
	g, _ := k.norms(i)
	k.products(dst, k.x.example(values, i), k.x.example(tangents, i))
	for c, norm := range g {
		dst[c] *= orNought(norm)
	}
	return sum64(dst) / float64(k.c)
}

func (k *channelResponse) tangent(lo, hi, shard, _ int) {
	slope, _, _ := k.columns(shard)
	for i := lo; i < hi; i++ {
		y, mean := k.y.example(tangents, i), k.slopes(slope, i)
		g, m := k.norms(i)
		for c, norm := range g {
			y[c] = float32((slope[c] - norm/m*mean) / m)
		}
	}
}

// adjointNorms sets dst to ḡ of example i for the adjoints of y in a lane.
func (k *channelResponse) adjointNorms(dst []float64, l lane, i int) {
	g, m := k.norms(i)
	dy, mean := k.y.example(l, i), 0.0
	for c, v := range dy {
		mean += float64(v) * g[c] / m / float64(k.c)
	}
	for c, v := range dy {
		dst[c] = (float64(v) - mean) / m
	}
}

func (k *channelResponse) adjoint(l lane) func(lo, hi, shard, worker int) {
	return func(lo, hi, shard, _ int) {
		scale, _, _ := k.columns(shard)
		for i := lo; i < hi; i++ {
			g, _ := k.norms(i)
			k.adjointNorms(scale, l, i)
			for c, norm := range g {
				scale[c] *= orNought(norm)
			}
			dx := k.x.example(l, i)
			if !k.acc {
				clear(dx)
			}
			k.addScaled(dx, k.x.example(values, i), scale)
		}
	}
}

// addScaled adds to each pixel of dx the one of x, times a number for each channel.
func (k *channelResponse) addScaled(dx, x []float32, scale []float64) {
	for at := 0; at < len(x); at += k.c {
		to := dx[at : at+k.c]
		for c, v := range x[at : at+k.c] {
			to[c] += float32(scale[c] * float64(v))
		}
	}
}

func (k *channelResponse) second(lo, hi, shard, _ int) {
	slope, bar, scale := k.columns(shard)
	for i := lo; i < hi; i++ {
		mean := k.slopes(slope, i)
		k.adjointNorms(bar, adjoints, i)
		g, m := k.norms(i)
		dot := dot64(bar, slope) / float64(k.c)
		for c, norm := range g {
			inv := orNought(norm)
			scale[c] = -(bar[c]*slope[c]*inv + (dot+bar[c]*mean)/m) * inv
			bar[c] *= inv
		}
		dx := k.x.example(cotangents, i)
		k.addScaled(dx, k.x.example(values, i), scale)
		k.addScaled(dx, k.x.example(tangents, i), bar)
	}
}

// along adds ⟨n̄, n̈⟩ = Σḡg̈ − 2⟨ġ⟩Σḡġ/m, with g̈ = (Σẋ² − ġ²)/g.
func (k *channelResponse) along(lo, hi, shard, _ int) {
	slope, bar, square := k.columns(shard)
	for i := lo; i < hi; i++ {
		mean := k.slopes(slope, i)
		k.adjointNorms(bar, adjoints, i)
		k.products(square, k.x.example(tangents, i), k.x.example(tangents, i))
		g, m := k.norms(i)
		sum := -2 * mean * dot64(bar, slope) / m
		for c, norm := range g {
			sum += bar[c] * (square[c] - slope[c]*slope[c]) * orNought(norm)
		}
		k.plan.curvatures[i] += sum
	}
}
