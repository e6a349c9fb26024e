package nn

import (
	"fmt"

	"breakeven/tensor"
)

// linearMap makes the rules of an operation without parameters that is linear
// in each of its inputs, from its product and its transpose for one example.
// The product of the first input overwrites y, those of the others add to it.
func linearMap(b *binding, product func(input int, y, x []float32, acc bool), transpose func(input int, x, y []float32)) rules {
	y := b.out()
	forward := func(l lane) phase {
		return b.local(func(lo, hi, _, _ int) {
			for i := lo; i < hi; i++ {
				written := false
				for k := range b.node.in {
					if x := b.in(k); l == values || x.active {
						product(k, y.example(l, i), x.example(l, i), written)
						written = true
					}
				}
			}
		})
	}
	r := rules{value: []phase{forward(values)}}
	if !y.active {
		return r
	}
	r.tangent = []phase{forward(tangents)}
	r.adjoint = func(l lane) []phase {
		return []phase{b.local(func(lo, hi, _, _ int) {
			for i := lo; i < hi; i++ {
				for k := range b.node.in {
					x := b.in(k)
					if !x.active {
						continue
					}
					d := x.example(l, i)
					if !b.accumulates(k) {
						clear(d)
					}
					transpose(k, d, y.example(l, i))
				}
			}
		})}
	}
	return r
}

// Subsample is the parameter-free shortcut of He et al. 2015 (option A): every
// Stride-th pixel, and zero channels appended after the existing ones.
type Subsample struct{ Stride, Channels int }

// Out returns Channels × ⌈H/Stride⌉ × ⌈W/Stride⌉.
func (s Subsample) Out(in ...Shape) Shape {
	one("subsample", in)
	if s.Stride < 1 || s.Channels < in[0].C {
		panic(fmt.Sprintf("nn: subsample %v to %d channels with stride %d", in[0], s.Channels, s.Stride))
	}
	return Shape{s.Channels, (in[0].H + s.Stride - 1) / s.Stride, (in[0].W + s.Stride - 1) / s.Stride}
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
	return linearMap(b, func(_ int, y, x []float32, _ bool) {
		clear(y)
		each(func(i, o int) { copy(y[o:o+in.C], x[i:i+in.C]) })
	}, func(_ int, x, y []float32) {
		each(func(i, o int) { tensor.Add(x[i:i+in.C], y[o:o+in.C]) })
	})
}
