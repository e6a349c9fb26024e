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
	in := b.in(0).shape
	if in.T == 0 {
		return copied(b)
	}
	size := in.Step().Size()
	return b.rearranged(func(y, x []float32, steps int) { copy(y, x[:steps*size]) },
		func(x, y []float32, steps int) { tensor.Add(x[:steps*size], y[:steps*size]) })
}
