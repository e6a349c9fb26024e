package nn

import "breakeven/tensor"

// AvgPool takes the mean over K×K windows of each step; K = 0 means the whole image.
type AvgPool struct {
	K      int
	Stride int  // 0 means K
	Pad    int  // zeros on each side, at most K/2
	Inside bool // a window's mean is that of its pixels in the image: zeros of the padding do not count
	Ceil   bool // as that of MaxPool; what is beyond the padding never counts
}

// Out returns C × ((H+2·Pad−K)/Stride+1) × ((W+2·Pad−K)/Stride+1), rounded up if Ceil is set, or C×1×1 if K is 0.
func (a AvgPool) Out(in ...Shape) Shape {
	if a.K == 0 && a.Pad == 0 {
		one("avgpool", in)
		return Shape{C: in[0].C, H: 1, W: 1, T: in[0].T}
	}
	return poolShape("avgpool", a.K, orElse(a.Stride, a.K), a.Pad, a.Ceil, in)
}

// padded returns how many rows, or columns, window i has in the image of some size with its padding.
func (w windows) padded(i, size, k int) int { return min(k, size+2*w.pad-i*w.stride) }

// Params returns nil.
func (AvgPool) Params(...Shape) []Param { return nil }

func (a AvgPool) compile(b *binding) rules {
	in, out := b.in(0).shape, b.out().shape
	w := windows{in: in, h: a.K, w: a.K, stride: orElse(a.Stride, a.K), pad: a.Pad}
	if a.K == 0 {
		w = windows{in: in, h: in.H, w: in.W, stride: 1}
	}
	each := func(f func(x, y int, scale float32)) {
		for o := range out.H * out.W {
			top, bottom, left, right := w.extent(o/out.W, o%out.W)
			count := (bottom - top) * (right - left)
			if !a.Inside {
				count = w.padded(o/out.W, in.H, w.h) * w.padded(o%out.W, in.W, w.w)
			}
			for r := top; r < bottom; r++ {
				for c := left; c < right; c++ {
					f((r*in.W+c)*in.C, o*in.C, 1/float32(count))
				}
			}
		}
	}
	return linearMap(b, in.Steps(), func(y, x []float32) {
		clear(y)
		each(func(p, o int, scale float32) { tensor.Axpy(y[o:o+in.C], scale, x[p:p+in.C]) })
	}, func(x, y []float32) {
		each(func(p, o int, scale float32) { tensor.Axpy(x[p:p+in.C], scale, y[o:o+in.C]) })
	})
}
