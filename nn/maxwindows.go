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

// mostInWindow is how many places a window may have.
const mostInWindow = 1 << 16

// Out returns C×H×W.
func (w MaxWindows) Out(in ...Shape) Shape {
	checkWindows("maxwindows", w.H, w.W, w.Read, in)
	for o, at := range w.Read {
		if len(at) == 0 || slices.Max(at) < 0 {
			panic(fmt.Sprintf("nn: maxwindows: window %d has no pixel of the image", o))
		}
		if len(at) > mostInWindow {
			panic(fmt.Sprintf("nn: maxwindows: window %d has %d places: want up to %d", o, len(at), mostInWindow))
		}
	}
	return Shape{C: in[0].C, H: w.H, W: w.W, T: in[0].T}
}

// Params returns nil.
func (MaxWindows) Params(...Shape) []Param { return nil }

func (MaxWindows) effects(Settings) effects { return effects{kinked: true} }

// A windowMaximum is a compiled MaxWindows.
type windowMaximum struct {
	x, y  arg
	read  []Window
	plan  *Plan
	index [2]int // of the tape's memory of the place in its window that each maximum has: the low byte, and the high one
}

func (w MaxWindows) compile(b *binding) rules {
	k, acc := &windowMaximum{x: b.in(0), y: b.out(), read: w.Read, plan: b.plan, index: [2]int{b.index(), b.index()}}, b.accumulates(0)
	r := rules{forward: []phase{b.local(k.forward)}}
	if !k.x.active {
		return r
	}
	r.tangent = []phase{b.local(func(lo, hi, _, _ int) {
		y, x := k.y.rows(tangents, lo, hi), k.x.rows(tangents, lo, hi)
		k.picked(lo, hi, func(to, from int) { y[to] = x[from] })
	})}
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

// places returns the places of the maxima of examples lo … hi−1 in their windows, by their low and high bytes.
func (k *windowMaximum) places(lo, hi int) (low, high []uint8) {
	of := func(index int) []uint8 { return k.plan.cur.index[index][lo*k.y.size : hi*k.y.size] }
	return of(k.index[0]), of(k.index[1])
}

// each calls f for each window of examples lo … hi−1, with the first of its maxima in the output, and where its image begins.
func (k *windowMaximum) each(lo, hi int, f func(read Window, y, image int)) {
	c, size := k.x.shape.C, k.x.shape.Step().Size()
	for image := range (hi - lo) * k.x.size / size {
		for o, read := range k.read {
			f(read, (image*len(k.read)+o)*c, image*size)
		}
	}
}

func (k *windowMaximum) forward(lo, hi, _, _ int) {
	all, y, c := k.x.rows(values, lo, hi), k.y.rows(values, lo, hi), k.x.shape.C
	low, high := k.places(lo, hi)
	k.each(lo, hi, func(read Window, at, image int) {
		best, low, high := y[at:at+c], low[at:at+c], high[at:at+c]
		first := true
		for place, p := range read {
			if p < 0 {
				continue
			}
			for ch, v := range all[image+p*c : image+(p+1)*c] {
				if first || v > best[ch] || v != v {
					best[ch], low[ch], high[ch] = v, uint8(place), uint8(place>>8)
				}
			}
			first = false
		}
	})
}

// picked calls f for each number of the output of examples lo … hi−1, with its place and that of its maximum.
func (k *windowMaximum) picked(lo, hi int, f func(y, x int)) {
	c := k.x.shape.C
	low, high := k.places(lo, hi)
	k.each(lo, hi, func(read Window, at, image int) {
		for ch := range c {
			place := int(low[at+ch]) | int(high[at+ch])<<8
			f(at+ch, image+read[place]*c+ch)
		}
	})
}
