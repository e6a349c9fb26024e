package nn

import (
	"fmt"

	"breakeven/tensor"
)

// MaxPool takes the maximum over K×K windows of each step; the gradient goes to the first
// maximum in row-major order.
type MaxPool struct {
	K      int
	Stride int // 0 means K
}

func poolShape(op string, k, stride int, in []Shape) Shape {
	one(op, in)
	s := in[0]
	if k < 1 || k > 15 || stride < 1 || s.H < k || s.W < k {
		panic(fmt.Sprintf("nn: %s %d×%d (stride %d) on %v", op, k, k, stride, s))
	}
	return Shape{C: s.C, H: (s.H-k)/stride + 1, W: (s.W-k)/stride + 1, T: s.T}
}

func (m MaxPool) stride() int {
	if m.Stride == 0 {
		return m.K
	}
	return m.Stride
}

// Out returns C × ((H−K)/Stride+1) × ((W−K)/Stride+1).
func (m MaxPool) Out(in ...Shape) Shape { return poolShape("maxpool", m.K, m.stride(), in) }

// Params returns nil.
func (MaxPool) Params(...Shape) []Param { return nil }

func (MaxPool) effects(Settings) effects {
	return effects{masksInput: true, masksTangents: true, kinked: true}
}

// pooling is a compiled MaxPool. Windows of 2×2 have kernels.
type pooling struct {
	MaxPool
	fusion
	plan  *Plan
	x, y  arg
	acc   bool
	index int   // of the tape's memory of which window pixel was largest
	at    []int // offsets of the window's pixels from its first
}

func (m MaxPool) compile(b *binding) rules {
	k := &pooling{MaxPool: m, fusion: b.fusion(), plan: b.plan, x: b.in(0), y: b.out(), acc: b.accumulates(0), index: b.index()}
	for t := range k.K * k.K {
		k.at = append(k.at, t/k.K*k.row()+t%k.K*k.x.shape.C)
	}
	r := rules{forward: []phase{b.local(k.forward)}}
	if k.masksInput {
		r.keeps = ofValues(k.y)
	}
	if k.x.active {
		r.tangent = []phase{b.local(k.tangent)}
		r.adjoint = func(l lane) []phase { return []phase{b.local(k.adjoint(l))} }
	}
	return r
}

// row returns the distance, in numbers, between a pixel of the input and the one below it.
func (k *pooling) row() int { return k.x.shape.W * k.x.shape.C }

// step returns the distance, in numbers, between neighbouring windows.
func (k *pooling) step() int { return k.stride() * k.x.shape.C }

// winners returns the window positions of the maxima of examples lo … hi-1.
func (k *pooling) winners(lo, hi int) []uint8 {
	return k.plan.cur.index[k.index][lo*k.y.size : hi*k.y.size]
}

// rows calls f for each row of windows of the examples, with that row of the output in lane
// l, its winners, and the input beginning with the row's first pixel.
func (k *pooling) rows(l lane, lo, hi int, f func(y []float32, win []uint8, x []float32)) {
	n, height := k.y.shape.W*k.y.shape.C, k.y.shape.H
	x, y, win := k.x.rows(l, lo, hi), k.y.rows(l, lo, hi), k.winners(lo, hi)
	for r := range len(y) / n {
		at := r/height*k.x.shape.Step().Size() + r%height*k.stride()*k.row()
		f(y[r*n:(r+1)*n], win[r*n:(r+1)*n], x[at:])
	}
}

func (k *pooling) forward(lo, hi, _, _ int) {
	k.rows(values, lo, hi, func(y []float32, win []uint8, x []float32) {
		if k.K == 2 {
			tensor.MaxWindows(y, win, x, k.row(), k.step(), k.y.shape.C)
		} else {
			k.largest(y, win, x)
		}
	})
}

// largest takes the maximum over a row of K×K windows, for any K.
func (k *pooling) largest(y []float32, win []uint8, x []float32) {
	c := k.y.shape.C
	for o := range y {
		p := o/c*k.step() + o%c
		y[o], win[o] = x[p], 0
		for t, d := range k.at {
			if v := x[p+d]; v > y[o] || v != v {
				y[o], win[o] = v, uint8(t)
			}
		}
	}
}

func (k *pooling) tangent(lo, hi, _, _ int) {
	c := k.y.shape.C
	k.rows(tangents, lo, hi, func(y []float32, win []uint8, x []float32) {
		if k.K == 2 {
			tensor.PickWindows(y, win, x, k.row(), k.step(), c)
			return
		}
		for o, t := range win {
			y[o] = x[o/c*k.step()+o%c+k.at[t]]
		}
	})
	if k.masksInput { // the sign of the maximum decides for its window
		d := k.y.rows(tangents, lo, hi)
		tensor.Mask(d, k.y.rows(values, lo, hi), d)
	}
}

func (k *pooling) adjoint(l lane) func(lo, hi, shard, worker int) {
	c := k.y.shape.C
	return func(lo, hi, _, _ int) {
		if k.masksInput { // the sign of the maximum decides for its window
			d := k.y.rows(l, lo, hi)
			tensor.Mask(d, k.y.rows(values, lo, hi), d)
		}
		if k.K == 2 && k.stride() == 2 && !k.acc {
			k.spread(l, lo, hi)
			return
		}
		if !k.acc {
			clear(k.x.rows(l, lo, hi))
		}
		k.rows(l, lo, hi, func(y []float32, win []uint8, x []float32) {
			for o, t := range win {
				x[o/c*k.step()+o%c+k.at[t]] += y[o]
			}
		})
	}
}

// spread is the adjoint of 2×2 windows that do not overlap: it writes every pixel of each
// window and clears the pixels that no window covers.
func (k *pooling) spread(l lane, lo, hi int) {
	row, covered := k.row(), k.y.shape.W*k.step()
	k.rows(l, lo, hi, func(y []float32, win []uint8, x []float32) {
		tensor.SpreadWindows(x, win, y, row, k.step(), k.y.shape.C)
		clear(x[covered:row])
		clear(x[row+covered : 2*row])
	})
	size := k.x.shape.Step().Size()
	if rest := 2 * k.y.shape.H * row; rest < size {
		x := k.x.rows(l, lo, hi)
		for at := 0; at < len(x); at += size {
			clear(x[at+rest : at+size])
		}
	}
}

// AvgPool takes the mean over K×K windows of each step; K = 0 means the whole image.
type AvgPool struct {
	K      int
	Stride int // 0 means K
}

func (a AvgPool) window(in Shape) (h, w, stride int) {
	if a.K == 0 {
		return in.H, in.W, max(in.H, in.W)
	}
	if a.Stride == 0 {
		return a.K, a.K, a.K
	}
	return a.K, a.K, a.Stride
}

// Out returns C × ((H−K)/Stride+1) × ((W−K)/Stride+1), or C×1×1 if K is 0.
func (a AvgPool) Out(in ...Shape) Shape {
	if a.K == 0 {
		one("avgpool", in)
		return Shape{C: in[0].C, H: 1, W: 1, T: in[0].T}
	}
	_, _, stride := a.window(in[0])
	return poolShape("avgpool", a.K, stride, in)
}

// Params returns nil.
func (AvgPool) Params(...Shape) []Param { return nil }

func (a AvgPool) compile(b *binding) rules {
	in, out := b.in(0).shape, b.out().shape
	h, w, stride := a.window(in)
	scale := 1 / float32(h*w)
	each := func(f func(x, y int)) {
		for o := range out.H * out.W {
			for t := range h * w {
				f(((o/out.W*stride+t/w)*in.W+o%out.W*stride+t%w)*in.C, o*in.C)
			}
		}
	}
	return linearMap(b, b.in(0).shape.Steps(), func(y, x []float32) {
		clear(y)
		each(func(p, o int) { tensor.Axpy(y[o:o+in.C], scale, x[p:p+in.C]) })
	}, func(x, y []float32) {
		each(func(p, o int) { tensor.Axpy(x[p:p+in.C], scale, y[o:o+in.C]) })
	})
}
