package nn

import (
	"fmt"

	"breakeven/tensor"
)

// Depthwise2D is a two-dimensional convolution of each channel by itself, applied to each step of
// a sequence (a convolution in as many groups as channels, in PyTorch): weight [C, 1, K, K] or, of rows,
// [C, 1, 1, K], bias [C].
type Depthwise2D struct {
	K      int // window
	Stride int // 0 means 1
	Pad    int // zeros on each side; rows have none
	NoBias bool
	Row    bool // windows are 1×K
}

// Out returns C×H'×W'.
func (d Depthwise2D) Out(in ...Shape) Shape {
	one("depthwise2d", in)
	g := d.windows(in[0])
	out := Shape{C: in[0].C, H: (in[0].H+2*d.Pad-g.h)/g.stride + 1, W: (in[0].W+2*d.Pad-d.K)/g.stride + 1, T: in[0].T}
	if d.K < 1 || d.Stride < 0 || d.Pad < 0 || d.Row && d.Pad > 0 || in[0].H+2*d.Pad < g.h || in[0].W+2*d.Pad < d.K {
		panic(fmt.Sprintf("nn: depthwise2d: %+v does not fit %v", d, in[0]))
	}
	return out
}

func (d Depthwise2D) windows(in Shape) windows {
	return windows{in: in, h: d.height(), w: d.K, stride: max(1, d.Stride), pad: d.Pad}
}

func (d Depthwise2D) height() int {
	if d.Row {
		return 1
	}
	return d.K
}

// Params returns weight and bias.
func (d Depthwise2D) Params(in ...Shape) []Param {
	area, c := d.height()*d.K, in[0].C
	ps := []Param{{Name: "weight", Shape: []int{c, 1, d.height(), d.K}, FanIn: area, FanOut: area}}
	if !d.NoBias {
		ps = append(ps, Param{Name: "bias", Shape: []int{c}})
	}
	return ps
}

func (Depthwise2D) effects(Settings) effects { return effects{releases: true} }

// depthwise is a compiled Depthwise2D. Its weights are kept with the channels of a tap beside each
// other, as those of a pixel are, so that a tap is one product of vectors.
type depthwise struct {
	plan         *Plan
	window       windows
	x, y         arg
	acc          bool // a later node has already written x̄
	c, taps      int
	weight, bias span
	hasBias      bool
	w, v         []float32 // tap, channel
	partial      []float64 // by shard: tap, channel; then those of the bias
}

func (d Depthwise2D) compile(b *binding) rules {
	k := &depthwise{plan: b.plan, window: d.windows(b.in(0).shape), x: b.in(0), y: b.out(), acc: b.accumulates(0), weight: b.param(0), hasBias: !d.NoBias}
	k.c, k.taps = k.x.shape.C, d.height()*d.K
	if k.hasBias {
		k.bias = b.param(1)
	}
	r := rules{
		pack:     k.pack(b, &k.w, func() vector { return b.plan.theta }),
		forward:  []phase{b.local(k.forward)},
		adjoint:  func(l lane) []phase { return []phase{b.local(k.adjoint(l))} },
		gradient: func(lane, bool) []phase { return []phase{b.global(2, k.finish)} },
		example:  k,
		keeps:    k.keeps,
	}
	if !b.plan.settings.Evaluate {
		partial := b.plan.maxShards() * (k.taps + 1) * k.c
		b.owns(8 * int64(partial))
		b.later(func() { k.partial = make([]float64, partial) })
		b.scratch((k.taps + 1) * k.c)
	}
	if b.plan.settings.Tangents {
		r.packTangent = k.pack(b, &k.v, func() vector { return b.plan.v })
		r.tangent = []phase{b.local(k.tangent)}
		r.second = []phase{b.local(k.second)}
		if k.x.active {
			r.along = []phase{b.local(k.along)}
		}
	}
	return r
}

// pack returns the phase that puts the weights of a flat vector in the order of taps.
func (k *depthwise) pack(b *binding, to *[]float32, from func() vector) []phase {
	size := k.taps * k.c
	b.owns(4 * int64(size))
	b.later(func() { *to = make([]float32, size) })
	return []phase{{tasks: func() int { return 1 }, run: func(_, _ int) {
		tensor.Transpose(*to, k.weight.of(from()), k.c, k.taps)
	}}}
}

// keeps returns what the weights' gradient and the second-order rule read.
func (k *depthwise) keeps(l lane) []arg {
	switch {
	case l == values || l == tangents:
		return []arg{k.x}
	case k.x.active:
		return []arg{k.y}
	}
	return nil
}

// each calls f for each pixel of the output of examples lo … hi-1 and each tap of its window that
// is in the image: the tap, and where the channels of the pixels begin in the rows of x and y.
func (k *depthwise) each(lo, hi int, f func(tap, x, y int)) {
	in, out := k.x.shape.Step(), k.y.shape.Step()
	for image := range (hi - lo) * k.x.shape.Steps() {
		for r := range out.H {
			for c := range out.W {
				y := image*out.Size() + (r*out.W+c)*k.c
				top, bottom, left, right := k.window.extent(r, c)
				for u := top; u < bottom; u++ {
					tap := (u-r*k.window.stride+k.window.pad)*k.window.w - c*k.window.stride + k.window.pad
					for v := left; v < right; v++ {
						f(tap+v, image*in.Size()+(u*in.W+v)*k.c, y)
					}
				}
			}
		}
	}
}

// addProduct adds w⋆x to y.
func (k *depthwise) addProduct(y, w, x []float32, lo, hi int) {
	n := k.c
	k.each(lo, hi, func(tap, p, o int) { tensor.MulAdd(y[o:o+n], w[tap*n:(tap+1)*n], x[p:p+n]) })
}

// addTransposed adds the product with the transpose of w to x.
func (k *depthwise) addTransposed(x, w, y []float32, lo, hi int) {
	n := k.c
	k.each(lo, hi, func(tap, p, o int) { tensor.MulAdd(x[p:p+n], w[tap*n:(tap+1)*n], y[o:o+n]) })
}

// addWeights adds the gradient of the weights to dw.
func (k *depthwise) addWeights(dw, x, y []float32, lo, hi int) {
	n := k.c
	k.each(lo, hi, func(tap, p, o int) { tensor.MulAdd(dw[tap*n:(tap+1)*n], x[p:p+n], y[o:o+n]) })
}

// start sets y to the bias of a flat vector.
func (k *depthwise) start(y []float32, theta vector) {
	if !k.hasBias {
		clear(y)
		return
	}
	for at := 0; at < len(y); at += k.c {
		copy(y[at:], k.bias.of(theta))
	}
}

func (k *depthwise) forward(lo, hi, _, _ int) {
	y := k.y.rows(values, lo, hi)
	k.start(y, k.plan.theta)
	k.addProduct(y, k.w, k.x.rows(values, lo, hi), lo, hi)
}

func (k *depthwise) tangent(lo, hi, _, _ int) {
	y := k.y.rows(tangents, lo, hi)
	k.start(y, k.plan.v)
	k.addProduct(y, k.v, k.x.rows(values, lo, hi), lo, hi)
	if k.x.active {
		k.addProduct(y, k.w, k.x.rows(tangents, lo, hi), lo, hi)
	}
}

func (k *depthwise) adjoint(l lane) func(lo, hi, shard, worker int) {
	return func(lo, hi, shard, worker int) {
		dy := k.y.rows(l, lo, hi)
		if k.plan.dst.own != nil {
			if k.plan.first(lo) {
				clear(k.shardPartial(shard))
			}
			k.sum(values, dy, lo, hi, shard, worker)
			if k.hasBias {
				tensor.ColSum(k.shardPartial(shard)[k.taps*k.c:], dy, len(dy)/k.c, k.c)
			}
		}
		if !k.x.active {
			return
		}
		dx := k.x.rows(l, lo, hi)
		if !k.acc {
			clear(dx)
		}
		k.addTransposed(dx, k.w, dy, lo, hi)
	}
}

// second adds ẇᵀ⋆ȳ to x̄̇, and ȳ⋆ẋ to the gradient of the weights.
func (k *depthwise) second(lo, hi, shard, worker int) {
	if !k.x.active {
		return
	}
	dy := k.y.rows(adjoints, lo, hi)
	k.addTransposed(k.x.rows(cotangents, lo, hi), k.v, dy, lo, hi)
	k.sum(tangents, dy, lo, hi, shard, worker)
}

// along adds 2⟨ȳ, ẇ⋆ẋ⟩. It uses the cotangents lane for the product.
func (k *depthwise) along(lo, hi, _, _ int) {
	y := k.y.rows(cotangents, lo, hi)
	clear(y)
	k.addProduct(y, k.v, k.x.rows(tangents, lo, hi), lo, hi)
	k.plan.addSecond(k.y, 2, y, lo, hi)
}
