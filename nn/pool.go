package nn

import (
	"fmt"

	"breakeven/tensor"
)

// MaxPool takes the maximum over K×K windows; the gradient goes to the first
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
	return Shape{s.C, (s.H-k)/stride + 1, (s.W-k)/stride + 1}
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

// pooling is a compiled MaxPool.
type pooling struct {
	MaxPool
	plan  *Plan
	x, y  arg
	acc   bool
	index int // of the tape's memory of which window pixel was largest
}

func (m MaxPool) compile(b *binding) rules {
	k := &pooling{MaxPool: m, plan: b.plan, x: b.in(0), y: b.out(), acc: b.accumulates(0), index: b.index()}
	r := rules{value: []phase{b.local(k.value)}}
	if k.x.active {
		r.tangent = []phase{b.local(k.tangent)}
		r.adjoint = func(l lane) []phase { return []phase{b.local(k.adjoint(l))} }
	}
	return r
}

// winners returns the window positions of the maxima of example i.
func (k *pooling) winners(i int) []uint8 {
	return k.plan.cur.index[k.index][i*k.y.size : (i+1)*k.y.size]
}

// windows calls f with the offset of each output pixel and of the first pixel of
// its window.
func (k *pooling) windows(f func(y, x int)) {
	in, out, s := k.x.shape, k.y.shape, k.stride()
	for r := range out.H {
		for c := range out.W {
			f((r*out.W+c)*out.C, (r*s*in.W+c*s)*in.C)
		}
	}
}

func (k *pooling) value(lo, hi, _, _ int) {
	c, row := k.x.shape.C, k.x.shape.W*k.x.shape.C
	for i := lo; i < hi; i++ {
		x, y, win := k.x.example(values, i), k.y.example(values, i), k.winners(i)
		k.windows(func(o, p int) {
			if k.K == 2 {
				tensor.Max4(y[o:o+c], win[o:o+c], x[p:p+c], x[p+c:p+2*c], x[p+row:p+row+c], x[p+row+c:p+row+2*c])
				return
			}
			k.largest(y[o:o+c], win[o:o+c], x[p:], c, row)
		})
	}
}

// largest is the plain maximum over one K×K window.
func (k *pooling) largest(y []float32, win []uint8, x []float32, c, row int) {
	for j := range y {
		y[j], win[j] = x[j], 0
		for t := 1; t < k.K*k.K; t++ {
			if v := x[t/k.K*row+t%k.K*c+j]; v > y[j] || v != v {
				y[j], win[j] = v, uint8(t)
			}
		}
	}
}

func (k *pooling) tangent(lo, hi, _, _ int) {
	c, row := k.x.shape.C, k.x.shape.W*k.x.shape.C
	for i := lo; i < hi; i++ {
		x, y, win := k.x.example(tangents, i), k.y.example(tangents, i), k.winners(i)
		k.windows(func(o, p int) {
			for j, t := range win[o : o+c] {
				y[o+j] = x[p+int(t)/k.K*row+int(t)%k.K*c+j]
			}
		})
	}
}

func (k *pooling) adjoint(l lane) func(lo, hi, shard, worker int) {
	c, row := k.x.shape.C, k.x.shape.W*k.x.shape.C
	return func(lo, hi, _, _ int) {
		if !k.acc {
			clear(k.x.rows(l, lo, hi))
		}
		for i := lo; i < hi; i++ {
			x, y, win := k.x.example(l, i), k.y.example(l, i), k.winners(i)
			k.windows(func(o, p int) {
				for j, t := range win[o : o+c] {
					x[p+int(t)/k.K*row+int(t)%k.K*c+j] += y[o+j]
				}
			})
		}
	}
}

// AvgPool takes the mean over K×K windows; K = 0 means the whole image.
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
		return Shape{in[0].C, 1, 1}
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
	return linearMap(b, func(_ int, y, x []float32, _ bool) {
		clear(y)
		each(func(p, o int) { tensor.Axpy(y[o:o+in.C], scale, x[p:p+in.C]) })
	}, func(_ int, x, y []float32) {
		each(func(p, o int) { tensor.Axpy(x[p:p+in.C], scale, y[o:o+in.C]) })
	})
}
