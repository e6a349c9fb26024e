package nn

import (
	"fmt"

	"breakeven/tensor"
)

// Concat joins several inputs of equal size and number of steps along their channels.
// Sequences that it joins have the same lengths.
type Concat struct{}

// Out returns the shape with the sum of the channels.
func (Concat) Out(in ...Shape) Shape {
	if len(in) == 0 {
		panic("nn: concat of nothing")
	}
	out := in[0]
	for _, s := range in[1:] {
		if s.H != out.H || s.W != out.W || s.T != out.T {
			panic(fmt.Sprintf("nn: concat of shapes %v", in))
		}
		out.C += s.C
	}
	return out
}

// Params returns nil.
func (Concat) Params(...Shape) []Param { return nil }

// eachPixel calls f for each pixel with the channels of a narrow activation and as many
// channels of a wide one, beginning with first.
func eachPixel(narrow, wide []float32, n, w, first int, f func(narrow, wide []float32)) {
	for at := range len(narrow) / n {
		f(narrow[at*n:(at+1)*n], wide[at*w+first:][:n])
	}
}

func (Concat) compile(b *binding) rules {
	y, in, first, acc := b.out(), make([]arg, len(b.node.in)), make([]int, len(b.node.in)), make([]bool, len(b.node.in))
	for k := range in {
		in[k], acc[k] = b.in(k), b.accumulates(k)
		if k > 0 {
			first[k] = first[k-1] + in[k-1].shape.C
		}
	}
	join := func(l lane) []phase {
		return []phase{b.local(func(lo, hi, _, _ int) {
			for k, x := range in {
				if l == tangents && !x.active {
					clearChannels(y.rows(l, lo, hi), y.shape.C, first[k], x.shape.C)
					continue
				}
				eachPixel(x.rows(l, lo, hi), y.rows(l, lo, hi), x.shape.C, y.shape.C, first[k], func(x, y []float32) { copy(y, x) })
			}
		})}
	}
	r := rules{forward: join(values)}
	if !y.active {
		return r
	}
	r.tangent = join(tangents)
	r.adjoint = func(l lane) []phase {
		return []phase{b.local(func(lo, hi, _, _ int) {
			for k, x := range in {
				if !x.active {
					continue
				}
				give := func(x, y []float32) { copy(x, y) }
				if acc[k] {
					give = func(x, y []float32) { tensor.Add(x, y) }
				}
				eachPixel(x.rows(l, lo, hi), y.rows(l, lo, hi), x.shape.C, y.shape.C, first[k], give)
			}
		})}
	}
	return r
}

// clearChannels sets n channels of each pixel of w channels to 0, beginning with first.
func clearChannels(dst []float32, w, first, n int) {
	for at := first; at < len(dst); at += w {
		clear(dst[at : at+n])
	}
}

// Slice takes the channels From … To−1 of each pixel.
type Slice struct{ From, To int }

// Out returns the shape with To−From channels.
func (s Slice) Out(in ...Shape) Shape {
	one("slice", in)
	if s.From < 0 || s.To <= s.From || s.To > in[0].C {
		panic(fmt.Sprintf("nn: slice %d:%d of the channels of %v", s.From, s.To, in[0]))
	}
	out := in[0]
	out.C = s.To - s.From
	return out
}

// Params returns nil.
func (Slice) Params(...Shape) []Param { return nil }

func (s Slice) compile(b *binding) rules {
	n, w := b.out().shape.C, b.in(0).shape.C
	return linearMap(b, 1, func(y, x []float32) {
		eachPixel(y, x, n, w, s.From, func(y, x []float32) { copy(y, x) })
	}, func(x, y []float32) {
		eachPixel(y, x, n, w, s.From, func(y, x []float32) { tensor.Add(x, y) })
	})
}

// SliceSteps takes the steps From … To−1 of a sequence. If an example's sequence ends
// before To, the result is shorter by as much.
type SliceSteps struct{ From, To int }

func (s SliceSteps) shift() int { return s.From }

// Out returns the shape with To−From steps.
func (s SliceSteps) Out(in ...Shape) Shape {
	one("slicesteps", in)
	if s.From < 0 || s.To <= s.From || s.To > in[0].T {
		panic(fmt.Sprintf("nn: slice %d:%d of the steps of %v", s.From, s.To, in[0]))
	}
	out := in[0]
	out.T = s.To - s.From
	return out
}

// Params returns nil.
func (SliceSteps) Params(...Shape) []Param { return nil }

func (s SliceSteps) compile(b *binding) rules {
	from := s.From * b.in(0).shape.Step().Size()
	return linearMap(b, 1, func(y, x []float32) { copy(y, x[from:]) }, func(x, y []float32) { tensor.Add(x[from:from+len(y)], y) })
}
