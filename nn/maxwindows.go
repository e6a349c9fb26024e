package nn

import (
	"fmt"
	"slices"
)

// MaxWindows takes the maximum over windows of any form, channel by channel: pixel o of an output of H×W pixels is that of the pixels
// that Read[o] lists. −1 stands for none, and every window has a pixel. The gradient goes to the first pixel of a window that has
// the maximum. [MaxPool] is faster if windows are square.
type MaxWindows struct {
	H, W int
	Read []Window
}

// Out returns C×H×W.
func (w MaxWindows) Out(in ...Shape) Shape {
	checkWindows("maxwindows", w.H, w.W, w.Read, in)
	for o, at := range w.Read {
		if len(at) == 0 || slices.Max(at) < 0 {
			panic(fmt.Sprintf("nn: maxwindows: window %d has no pixel of the image", o))
		}
	}
	return Shape{C: in[0].C, H: w.H, W: w.W, T: in[0].T}
}

// Params returns nil.
func (MaxWindows) Params(...Shape) []Param { return nil }

func (MaxWindows) effects(Settings) effects { return effects{kinked: true} }

// A windowMaximum is a compiled MaxWindows. Which pixel is largest is seen from the values, which are kept.
type windowMaximum struct {
	x, y arg
	read []Window
}

func (w MaxWindows) compile(b *binding) rules {
	k, acc := &windowMaximum{b.in(0), b.out(), w.Read}, b.accumulates(0)
	pick := func(l lane) []phase {
		return []phase{b.local(func(lo, hi, _, _ int) {
			y, x := k.y.rows(l, lo, hi), k.x.rows(l, lo, hi)
			k.picked(lo, hi, func(to, from int) { y[to] = x[from] })
		})}
	}
	r := rules{forward: pick(values), keeps: ofValues(k.x)}
	if !k.x.active {
		return r
	}
	r.tangent = pick(tangents)
	r.adjoint = func(l lane) []phase {
		return []phase{b.local(func(lo, hi, _, _ int) {
			y, x := k.y.rows(l, lo, hi), k.x.rows(l, lo, hi)
			if !acc {
				clear(x)
			}
			k.picked(lo, hi, func(from, to int) { x[to] += y[from] })
		})}
	}
	return r
}

// picked calls f for each number of the output of examples lo … hi−1, with its place and that of its maximum.
func (k *windowMaximum) picked(lo, hi int, f func(y, x int)) {
	all, c, size := k.x.rows(values, lo, hi), k.x.shape.C, k.x.shape.Step().Size()
	for first := 0; first < len(all); first += size {
		x, y := all[first:first+size], first/size*len(k.read)*c
		for o, read := range k.read {
			for ch := range c {
				best := -1
				for _, p := range read {
					if p < 0 {
						continue
					}
					if at := p*c + ch; best < 0 || x[at] > x[best] || x[at] != x[at] {
						best = at
					}
				}
				f(y+o*c+ch, first+best)
			}
		}
	}
}
