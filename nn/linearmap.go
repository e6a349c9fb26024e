package nn

import (
	"fmt"

	"breakeven/tensor"
)

// linearMap makes the rules of an operation that is linear in its one input and has no
// parameters. product and transpose are for one of the equal parts of an example: product
// overwrites y, transpose adds to x.
func linearMap(b *binding, parts int, product func(y, x []float32), transpose func(x, y []float32)) rules {
	x, y := b.in(0), b.out()
	nx, ny := x.size/parts, y.size/parts
	forward := func(l lane) phase {
		return b.local(func(lo, hi, _, _ int) {
			to, from := y.rows(l, lo, hi), x.rows(l, lo, hi)
			for i := range parts * (hi - lo) {
				product(to[i*ny:(i+1)*ny], from[i*nx:(i+1)*nx])
			}
		})
	}
	r := rules{forward: []phase{forward(values)}}
	if !x.active {
		return r
	}
	acc := b.accumulates(0)
	r.tangent = []phase{forward(tangents)}
	r.adjoint = func(l lane) []phase {
		return []phase{b.local(func(lo, hi, _, _ int) {
			if !acc {
				clear(x.rows(l, lo, hi))
			}
			to, from := x.rows(l, lo, hi), y.rows(l, lo, hi)
			for i := range parts * (hi - lo) {
				transpose(to[i*nx:(i+1)*nx], from[i*ny:(i+1)*ny])
			}
		})}
	}
	return r
}

// Subsample is the parameter-free shortcut of He et al. 2015 (option A): every Stride-th
// pixel of each step, with zero channels appended.
type Subsample struct{ Stride, Channels int }

// Out returns Channels × ⌈H/Stride⌉ × ⌈W/Stride⌉.
func (s Subsample) Out(in ...Shape) Shape {
	one("subsample", in)
	if s.Stride < 1 || s.Channels < in[0].C {
		panic(fmt.Sprintf("nn: subsample %v to %d channels with stride %d", in[0], s.Channels, s.Stride))
	}
	return Shape{C: s.Channels, H: (in[0].H + s.Stride - 1) / s.Stride, W: (in[0].W + s.Stride - 1) / s.Stride, T: in[0].T}
}

// Params returns nil.
func (Subsample) Params(...Shape) []Param { return nil }

func (s Subsample) compile(b *binding) rules {
	in, out := b.in(0).shape, b.out().shape
	each := func(f func(x, y int)) {
		for r := range out.H {
			for c := range out.W {
				f((r*s.Stride*in.W+c*s.Stride)*in.C, (r*out.W+c)*out.C)
			}
		}
	}
	return linearMap(b, b.in(0).shape.Steps(), func(y, x []float32) {
		clear(y)
		each(func(i, o int) { copy(y[o:o+in.C], x[i:i+in.C]) })
	}, func(x, y []float32) {
		each(func(i, o int) { tensor.Add(x[i:i+in.C], y[o:o+in.C]) })
	})
}
