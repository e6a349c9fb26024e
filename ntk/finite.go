package ntk

import (
	"fmt"
	"math"

	"breakeven/nn"
	"breakeven/rng"
)

// A Finite is a network of nn, in float32, with the architecture of a Network: the same
// value describes both, so that they cannot differ by mistake.
type Finite struct {
	Net   *nn.Network
	draws []draw // of its parameters, in their order
}

// A draw says how the initial numbers of a parameter are drawn.
type draw struct {
	deviation     float64
	law           Law
	out, in, taps int // of a weight; taps is 0 for a bias
	centre        int // the central tap
}

// Finite returns the network of finite width. It needs the widths of all its Dense and
// Conv layers, and refuses what has no kernel at infinite width. Where an Activation has a
// kink, products with the Hessian are right beside it but for differences over 0.002.
func (n Network) Finite() (*Finite, error) {
	if _, err := n.Kernel(nil); err != nil {
		return nil, err
	}
	s := n.Input
	f := &finiteBuilder{parameters: n.Parameters, shape: s}
	var x point
	f.net, x = nn.NewNetwork(nn.Shape{C: s.C, H: s.H, W: s.W})
	if _, err := n.Layers.finite(f, x); err != nil {
		return nil, err
	}
	return &Finite{f.net, f.draws}, nil
}

// Initial draws the initial parameters: each tensor from a stream of its own. With NTK
// parameters all deviations are 1.
func (f *Finite) Initial(seed uint64) []float32 {
	theta := make([]float32, f.Net.Dim())
	for i, p := range f.Net.Params() {
		f.draws[i].fill(theta[p.Offset:p.Offset+p.Size()], rng.New(seed, "init/"+p.Name))
	}
	return theta
}

// fill draws the numbers of a parameter. A weight has the order [out, in, taps].
func (d draw) fill(dst []float32, s *rng.Stream) {
	if d.taps == 0 || d.law == Gaussian {
		for i := range dst {
			dst[i] = float32(d.deviation * s.NormFloat64())
		}
		return
	}
	first, end, scale := 0, d.taps, d.deviation*math.Sqrt(float64(max(d.out, d.in)))
	if d.law == DeltaOrthogonal {
		first, end, scale = d.centre, d.centre+1, scale*math.Sqrt(float64(d.taps))
	}
	q := make([]float64, d.out*d.in)
	for tap := first; tap < end; tap++ {
		nn.Haar(q, d.out, d.in, s)
		for i, v := range q {
			dst[i*d.taps+tap] = float32(scale * v)
		}
	}
}

// A finiteBuilder makes operations of layers.
type finiteBuilder struct {
	parameters Parameterization
	net        *nn.Network
	draws      []draw
	shape      Shape // of the last output
	layers     int
}

// A point of a network of nn is the output of an operation.
type point = nn.Node

// add appends an operation, under the name of a kind of layer and a number.
func (f *finiteBuilder) add(kind string, op nn.Op, x point) point {
	f.layers++
	return f.net.Add(fmt.Sprintf("%s%d", kind, f.layers), op, x)
}

// weigh appends a Dense or Conv of taps: the operation that op makes with or without biases
// and, for NTK parameters, their constants.
func (f *finiteBuilder) weigh(l Layer, x point, kind string, w weights, taps, centre int, op func(noBias bool) nn.Op) (point, error) {
	if w.width < 1 {
		return x, fault(l, "a finite network needs its width")
	}
	noBias := w.sigmaB == 0 && !w.zeroBias
	d := draw{1, w.law, w.width, f.shape.C, taps, centre}
	scale := w.sigmaW / math.Sqrt(float64(f.shape.C*taps))
	f.shape.C = w.width
	if f.parameters == Standard {
		d.deviation = scale
		f.draws = append(f.draws, d)
		if !noBias {
			f.draws = append(f.draws, draw{deviation: w.sigmaB})
		}
		return f.add(kind, op(noBias), x), nil
	}
	f.draws = append(f.draws, d)
	if !noBias {
		f.draws = append(f.draws, draw{deviation: 1})
	}
	y := f.add(kind, op(true), x)
	return f.add("scaled", nn.Scaled{Scale: float32(scale), BiasScale: float32(w.sigmaB), NoBias: noBias}, y), nil
}

func (d Dense) finite(f *finiteBuilder, x point) (point, error) {
	return f.weigh(d, x, "dense", weights{d.Width, d.SigmaW, d.SigmaB, d.Law, d.ZeroBias}, 1, 0, func(noBias bool) nn.Op {
		return nn.Linear{Units: d.Width, NoBias: noBias}
	})
}

func (c Conv) finite(f *finiteBuilder, x point) (point, error) {
	win, err := f.windows(c, c.Window, c.Stride, Size{1, 1}, c.Pad)
	if err != nil {
		return x, err
	}
	op := nn.Conv2D{Filters: c.Width, K: win[0].size, Stride: win[0].stride, Pad: win[0].low}
	if !square(win) {
		x = f.add("windows", nn.Unfold{H: win[0].out, W: win[1].out, Read: reads(win)}, x)
		op.K, op.Stride, op.Pad = 1, 1, 0
	}
	taps, centre := win[0].size*win[1].size, (win[0].size-1)/2*win[1].size+(win[1].size-1)/2
	f.shape.H, f.shape.W = win[0].out, win[1].out
	return f.weigh(c, x, "conv", weights{c.Width, c.SigmaW, c.SigmaB, c.Law, c.ZeroBias}, taps, centre, func(noBias bool) nn.Op {
		op.NoBias = noBias
		return op
	})
}

// windows returns both dimensions of a window on the last output.
func (f *finiteBuilder) windows(l Layer, size, stride, strideOfZero Size, pad Padding) ([2]window, error) {
	b := builder{state: state{channels: f.shape.C, grid: grid{f.shape.H, f.shape.W}}}
	return b.windows(l, size, stride, strideOfZero, pad)
}

// square reports whether nn.Conv2D has such windows: with as many zeros on all sides.
func square(win [2]window) bool {
	one, two := win[0], win[1]
	if one.size != two.size || one.stride != two.stride || one.low != two.low || one.circular || two.circular {
		return false
	}
	for _, w := range win {
		if (w.in+2*w.low-w.size)/w.stride+1 != w.out {
			return false
		}
	}
	return true
}

// reads lists the pixels that each output pixel reads.
func reads(win [2]window) []nn.Window {
	place := func(w window, out, tap int) int {
		at := out*w.stride + tap - w.low
		switch {
		case w.circular:
			return (at%w.in + w.in) % w.in
		case at < 0 || at >= w.in:
			return -1
		}
		return at
	}
	var all []nn.Window
	for o := range win[0].out * win[1].out {
		var list nn.Window
		for t := range win[0].size * win[1].size {
			r, c := place(win[0], o/win[1].out, t/win[1].size), place(win[1], o%win[1].out, t%win[1].size)
			if r < 0 || c < 0 {
				list = append(list, -1)
			} else {
				list = append(list, r*win[1].in+c)
			}
		}
		all = append(all, list)
	}
	return all
}
