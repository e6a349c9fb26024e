package nn

import (
	"fmt"

	"breakeven/tensor"
)

// Raster makes an image of C×H×W of the numbers of an example in the order that they have here, pixel by pixel and row by
// row: of a sequence of W vectors an image of one row, whose pixel t is step t, as PixelSteps makes a sequence of an image; of a
// vector of W numbers one of one channel. Steps past the end of an example's sequence are zeros.
type Raster struct{ C, H, W int }

// Out returns C×H×W.
func (r Raster) Out(in ...Shape) Shape {
	one("raster", in)
	out := Shape{C: r.C, H: r.H, W: r.W}
	if !out.fits() || out.Size() != in[0].Size() {
		panic(fmt.Sprintf("nn: raster of %v as an image of %d×%d×%d", in[0], r.C, r.H, r.W))
	}
	return out
}

// Params returns nil.
func (Raster) Params(...Shape) []Param { return nil }

func (Raster) compile(b *binding) rules {
	x, y, acc := b.in(0), b.out(), b.accumulates(0)
	own := func(i int) int { return x.steps(i) * x.shape.Step().Size() } // numbers of an example that count
	if x.shape.T == 0 {
		return copied(b)
	}
	forward := func(l lane) []phase {
		return []phase{b.local(func(lo, hi, _, _ int) {
			for i := lo; i < hi; i++ {
				to := y.example(l, i)
				clear(to[copy(to, x.example(l, i)[:own(i)]):])
			}
		})}
	}
	r := rules{forward: forward(values)}
	if !x.active {
		return r
	}
	r.tangent = forward(tangents)
	r.adjoint = func(l lane) []phase {
		return []phase{b.local(func(lo, hi, _, _ int) {
			for i := lo; i < hi; i++ {
				to, n := x.example(l, i), own(i)
				if !acc {
					clear(to)
				}
				tensor.Add(to[:n], y.example(l, i)[:n])
			}
		})}
	}
	return r
}
