package nn

import (
	"fmt"

	"breakeven/tensor"
)

// MaxPool takes the maximum over K×K windows of each step; the gradient goes to the first
// maximum in row-major order. Of a window that reaches into the padding only the pixels in the
// image count.
type MaxPool struct {
	K      int
	Stride int  // 0 means K
	Pad    int  // pixels on each side, at most K/2
	Ceil   bool // a last window that begins within the image or the padding before it, and ends beyond, counts
}

// poolShape returns the shape of the windows' results.
func poolShape(op string, k, stride, pad int, ceil bool, in []Shape) Shape {
	one(op, in)
	s := in[0]
	if k < 1 || k > 15 || stride < 1 || pad < 0 || pad > k/2 || min(s.H, s.W)+2*pad < k {
		panic(fmt.Sprintf("nn: %s %d×%d (stride %d, padding %d) on %v", op, k, k, stride, pad, s))
	}
	along := func(size int) int {
		n := (size+2*pad-k)/stride + 1
		if ceil && (size+2*pad-k)%stride > 0 && n*stride < size+pad {
			n++
		}
		return n
	}
	return Shape{C: s.C, H: along(s.H), W: along(s.W), T: s.T}
}

func (m MaxPool) stride() int { return orElse(m.Stride, m.K) }

// orElse returns n or, if it is 0, another number.
func orElse(n, other int) int {
	if n == 0 {
		return other
	}
	return n
}

// windows are the places of a window on an image with padding.
type windows struct {
	in                Shape
	h, w, stride, pad int
}

// extent returns the rows and the columns of the image that the window in row r and column c
// covers.
func (w windows) extent(r, c int) (top, bottom, left, right int) {
	r, c = r*w.stride-w.pad, c*w.stride-w.pad
	return max(r, 0), min(r+w.h, w.in.H), max(c, 0), min(c+w.w, w.in.W)
}

// Out returns C × ((H+2·Pad−K)/Stride+1) × ((W+2·Pad−K)/Stride+1), rounded up if Ceil is set.
func (m MaxPool) Out(in ...Shape) Shape {
	return poolShape("maxpool", m.K, m.stride(), m.Pad, m.Ceil, in)
}

// Params returns nil.
func (MaxPool) Params(...Shape) []Param { return nil }

func (MaxPool) effects(Settings) effects {
	return effects{masksInput: true, masksTangents: true, kinked: true}
}

// pooling is a compiled MaxPool. Windows of 2×2 without padding have kernels.
type pooling struct {
	MaxPool
	fusion
	places windows
	plan   *Plan
	x, y   arg
	acc    bool
	index  int   // of the tape's memory of which window pixel was largest
	at     []int // offsets of the window's pixels from its first
}

func (m MaxPool) compile(b *binding) rules {
	k := &pooling{MaxPool: m, fusion: b.fusion(), plan: b.plan, x: b.in(0), y: b.out(), acc: b.accumulates(0), index: b.index()}
	k.places = windows{in: k.x.shape, h: k.K, w: k.K, stride: k.stride(), pad: k.Pad}
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
// l, its winners, and the image that it is a row of.
func (k *pooling) rows(l lane, lo, hi int, f func(row int, y []float32, win []uint8, x []float32)) {
	n, height, size := k.y.shape.W*k.y.shape.C, k.y.shape.H, k.x.shape.Step().Size()
	x, y, win := k.x.rows(l, lo, hi), k.y.rows(l, lo, hi), k.winners(lo, hi)
	for r := range len(y) / n {
		f(r%height, y[r*n:(r+1)*n], win[r*n:(r+1)*n], x[r/height*size:][:size])
	}
}

// start returns where the first window of a row begins in its image, which in the padding is
// before the image or at the end of the row above.
func (k *pooling) start(row int) int { return (row*k.stride()-k.Pad)*k.row() - k.Pad*k.x.shape.C }

// hasKernel reports whether the windows have a kernel, which knows no edges.
func (k *pooling) hasKernel() bool {
	return k.K == 2 && k.Pad == 0 && max((k.y.shape.H-1)*k.stride()+2-k.x.shape.H, (k.y.shape.W-1)*k.stride()+2-k.x.shape.W) <= 0
}

func (k *pooling) forward(lo, hi, _, _ int) {
	k.rows(values, lo, hi, func(row int, y []float32, win []uint8, x []float32) {
		if k.hasKernel() {
			tensor.MaxWindows(y, win, x[k.start(row):], k.row(), k.step(), k.y.shape.C)
			return
		}
		c := k.y.shape.C
		for o := range k.y.shape.W {
			k.largest(row, o, y[o*c:(o+1)*c], win[o*c:(o+1)*c], x)
		}
	})
}

// largest takes the maximum over one window of any size.
func (k *pooling) largest(row, col int, y []float32, win []uint8, x []float32) {
	top, bottom, left, right := k.places.extent(row, col)
	copy(y, x[top*k.row()+left*len(y):])
	for r := top; r < bottom; r++ {
		for c := left; c < right; c++ {
			t := uint8((r-row*k.stride()+k.Pad)*k.K + c - col*k.stride() + k.Pad)
			for ch, v := range x[r*k.row()+c*len(y):][:len(y)] {
				if v > y[ch] || v != v || r == top && c == left {
					y[ch], win[ch] = v, t
				}
			}
		}
	}
}

// picked calls f for each number of a row of windows with its place and that of its maximum.
func (k *pooling) picked(row int, win []uint8, f func(y, x int)) {
	c, start := k.y.shape.C, k.start(row)
	for o := range k.y.shape.W {
		for ch, t := range win[o*c : (o+1)*c] {
			f(o*c+ch, start+o*k.step()+ch+k.at[t])
		}
	}
}

func (k *pooling) tangent(lo, hi, _, _ int) {
	k.rows(tangents, lo, hi, func(row int, y []float32, win []uint8, x []float32) {
		if k.hasKernel() {
			tensor.PickWindows(y, win, x[k.start(row):], k.row(), k.step(), k.y.shape.C)
			return
		}
		k.picked(row, win, func(to, from int) { y[to] = x[from] })
	})
	if k.masksInput { // the sign of the maximum decides for its window
		d := k.y.rows(tangents, lo, hi)
		tensor.Mask(d, k.y.rows(values, lo, hi), d)
	}
}

func (k *pooling) adjoint(l lane) func(lo, hi, shard, worker int) {
	return func(lo, hi, _, _ int) {
		if k.masksInput { // the sign of the maximum decides for its window
			d := k.y.rows(l, lo, hi)
			tensor.Mask(d, k.y.rows(values, lo, hi), d)
		}
		if k.hasKernel() && k.stride() == 2 && !k.acc {
			k.spread(l, lo, hi)
			return
		}
		if !k.acc {
			clear(k.x.rows(l, lo, hi))
		}
		k.rows(l, lo, hi, func(row int, y []float32, win []uint8, x []float32) {
			k.picked(row, win, func(from, to int) { x[to] += y[from] })
		})
	}
}

// spread is the adjoint of 2×2 windows that do not overlap: it writes every pixel of each
// window and clears the pixels that no window covers.
func (k *pooling) spread(l lane, lo, hi int) {
	row, covered := k.row(), k.y.shape.W*k.step()
	k.rows(l, lo, hi, func(r int, y []float32, win []uint8, x []float32) {
		x = x[k.start(r):]
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
