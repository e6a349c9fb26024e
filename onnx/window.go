package onnx

import (
	"slices"

	"breakeven/nn"
)

// A window is the geometry of a convolution or a pooling.
type window struct{ h, w span }

// A span is a window along the height or the width of an image.
type span struct {
	k, stride, dilation int
	before, after       int // zeros on both sides
	more                int // windows that end beyond these: 1 with ceil_mode, if there is one that begins before them
}

// reach returns how many pixels there are from the first one of a window to its last.
func (s span) reach() int { return (s.k-1)*s.dilation + 1 }

// covers reports whether a window is all of so many pixels, without padding.
func (s span) covers(size int) bool {
	return s.k == size && s.reach() == size && s.before == 0 && s.after == 0
}

// out returns how many windows there are.
func (s span) out(size int) int { return (size+s.before+s.after-s.reach())/s.stride + 1 + s.more }

// left returns how many pixels are left over behind the last window.
func (s span) left(size int) int { return (size + s.before + s.after - s.reach()) % s.stride }

// from returns which pixel number t of a window is.
func (s span) from(at, t int) int { return at*s.stride + t*s.dilation - s.before }

// uniform reports whether a window is square, with the same stride in both directions and without dilation.
func (g window) uniform() bool {
	return g.h.k == g.w.k && g.h.stride == g.w.stride && g.h.dilation == 1 && g.w.dilation == 1
}

// even reports whether the padding is the same on all sides.
func (g window) even() bool {
	return g.h.before == g.h.after && g.w.before == g.w.after && g.h.before == g.w.before
}

// pools reports whether a window is one of nn.MaxPool and nn.AvgPool.
func (g window) pools() bool { return g.uniform() && g.even() && 2*g.h.before <= g.h.k && g.h.k <= 15 }

// window returns the geometry of a node, for which kernel holds its height and width.
func (n *node) window(x *activation, kernel []int64) window {
	s := x.shape()
	const largest = 1 << 15
	rank := len(x.axes) - 1
	one := slices.Repeat([]int64{1}, rank)
	strides, dilations, pads := n.ints("strides", one), n.ints("dilations", one), n.ints("pads", make([]int64, 2*rank))
	if len(kernel) != rank || len(strides) != rank || len(dilations) != rank || len(pads) != 2*rank {
		failf("its window has the shape %v, strides %v, dilations %v and pads %v, and its input the shape %s", kernel, strides, dilations, pads, sized(x.dims()))
	}
	if rank == 1 { // of a signal, whose only row has the same stride
		kernel, strides, dilations, pads = []int64{1, kernel[0]}, []int64{strides[0], strides[0]}, []int64{1, dilations[0]}, []int64{0, pads[0], 0, pads[1]}
	}
	auto := n.text("auto_pad", "NOTSET")
	along := func(i, size int) span {
		k, stride, dilation, before, after := kernel[i], strides[i], dilations[i], pads[i], pads[i+2]
		reach := (k-1)*dilation + 1
		if min(k, stride, dilation) < 1 || max(k, stride, dilation, reach) > largest {
			failf("its window has the shape %v, strides %v and dilations %v", kernel, strides, dilations)
		}
		switch auto {
		case "NOTSET":
		case "VALID":
			before, after = 0, 0
		case "SAME_UPPER", "SAME_LOWER":
			whole := (int64(size) + stride - 1) / stride
			total := max(0, (whole-1)*stride+reach-int64(size))
			before, after = total/2, total-total/2
			if auto == "SAME_LOWER" {
				before, after = after, before
			}
		default:
			failf("auto_pad %q is not known", auto)
		}
		if min(before, after) < 0 || max(before, after) > largest {
			failf("its pads are %v", pads)
		}
		if reach > int64(size)+before+after {
			failf("its window of %d pixels does not fit %v", reach, s)
		}
		if k == 1 {
			dilation = 1
		}
		own := span{k: int(k), stride: int(stride), dilation: int(dilation), before: int(before), after: int(after)}
		if n.ceils() && own.left(size) > 0 && own.out(size)*own.stride < size+own.before {
			own.more = 1
		}
		return own
	}
	return window{along(0, s.H), along(1, s.W)}
}

// lists returns how many windows there are on an image, and the pixels of each.
func (g window) lists(s nn.Shape) (h, w int, all []nn.Window) {
	h, w = g.h.out(s.H), g.w.out(s.W)
	pixels := make(nn.Window, 0, h*w*g.h.k*g.w.k)
	for i := range h * w {
		first := len(pixels)
		for t := range g.h.k * g.w.k {
			r, c := g.h.from(i/w, t/g.w.k), g.w.from(i%w, t%g.w.k)
			if r < 0 || r >= s.H || c < 0 || c >= s.W {
				pixels = append(pixels, -1)
			} else {
				pixels = append(pixels, r*s.W+c)
			}
		}
		all = append(all, pixels[first:])
	}
	return h, w, all
}

// checkPixels fails if lists of as many pixels as the product of sizes are too long, or an image of so many is too large.
func (b *builder) checkPixels(channels int, sizes ...int) {
	pixels := 1.0
	for _, size := range sizes {
		pixels *= float64(size)
	}
	if float64(b.pixels)+pixels > mostPixels || pixels*float64(channels) > largest {
		failf("its windows and those before it have more than %d pixels: windows that are dilated or not square, or have another padding on each side, are supported on smaller images", mostPixels)
	}
	b.pixels += int(pixels)
}
