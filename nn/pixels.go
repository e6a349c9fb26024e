package nn

import (
	"fmt"
	"slices"
)

// A Window lists the pixels of an image that one pixel of an output reads, by their
// numbers, row by row. −1 stands for a zero.
type Window []int

// Windows sums pixels of each step: pixel o of an output of H×W pixels is Scale[o] times
// the sum of the pixels that Read[o] lists, channel by channel. So it is any pooling by
// means or sums, any padding, and any choice of pixels.
type Windows struct {
	H, W  int
	Read  []Window
	Scale []float32 // nil: 1
}

// Out returns C×H×W.
func (w Windows) Out(in ...Shape) Shape {
	checkWindows("windows", w.H, w.W, w.Read, in)
	if w.Scale != nil && len(w.Scale) != len(w.Read) {
		panic(fmt.Sprintf("nn: windows: %d scales of %d pixels", len(w.Scale), len(w.Read)))
	}
	return Shape{C: in[0].C, H: w.H, W: w.W, T: in[0].T}
}

// checkWindows panics if windows do not fit.
func checkWindows(op string, h, w int, read []Window, in []Shape) {
	one(op, in)
	if h < 1 || w < 1 || len(read) != h*w {
		panic(fmt.Sprintf("nn: %s: %d windows for %d×%d pixels", op, len(read), h, w))
	}
	for _, at := range read {
		if len(at) > 0 && (slices.Min(at) < -1 || slices.Max(at) >= in[0].H*in[0].W) {
			panic(fmt.Sprintf("nn: %s: pixels %v of %v", op, at, in[0]))
		}
	}
}

// Params returns nil.
func (Windows) Params(...Shape) []Param { return nil }

func (w Windows) compile(b *binding) rules {
	c := b.in(0).shape.C
	each := func(f func(x, y int, scale float32)) {
		for o, read := range w.Read {
			scale := float32(1)
			if w.Scale != nil {
				scale = w.Scale[o]
			}
			for _, p := range read {
				if p >= 0 {
					f(p*c, o*c, scale)
				}
			}
		}
	}
	return linearMap(b, b.in(0).shape.Steps(), func(y, x []float32) {
		clear(y)
		each(func(p, o int, scale float32) {
			for j, v := range x[p : p+c] {
				y[o+j] += scale * v
			}
		})
	}, func(x, y []float32) {
		each(func(p, o int, scale float32) {
			for j, v := range y[o : o+c] {
				x[p+j] += scale * v
			}
		})
	})
}

// Unfold makes channels of the pixels of windows, all of the same number k: channel c·k + t
// of pixel o is channel c of the pixel that Read[o] lists at t. A Conv2D of one pixel after
// it is a convolution with windows of any form.
type Unfold struct {
	H, W int
	Read []Window
}

// Out returns C·k × H×W.
func (u Unfold) Out(in ...Shape) Shape {
	checkWindows("unfold", u.H, u.W, u.Read, in)
	for _, at := range u.Read {
		if len(at) == 0 || len(at) != len(u.Read[0]) {
			panic(fmt.Sprintf("nn: unfold: windows of %d and %d pixels", len(u.Read[0]), len(at)))
		}
	}
	return Shape{C: in[0].C * len(u.Read[0]), H: u.H, W: u.W, T: in[0].T}
}

// Params returns nil.
func (Unfold) Params(...Shape) []Param { return nil }

func (u Unfold) compile(b *binding) rules {
	c, k := b.in(0).shape.C, len(u.Read[0])
	return linearMap(b, b.in(0).shape.Steps(), func(y, x []float32) {
		clear(y)
		for o, read := range u.Read {
			for t, p := range read {
				for j := 0; p >= 0 && j < c; j++ {
					y[(o*c+j)*k+t] = x[p*c+j]
				}
			}
		}
	}, func(x, y []float32) {
		for o, read := range u.Read {
			for t, p := range read {
				for j := 0; p >= 0 && j < c; j++ {
					x[p*c+j] += y[(o*c+j)*k+t]
				}
			}
		}
	})
}
