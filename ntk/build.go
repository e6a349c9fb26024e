package ntk

import (
	"fmt"
	"math"
)

// A builder makes nodes of layers and keeps what is known of the last output.
type builder struct {
	parameters Parameterization
	nodes      []node
	parts      *[]partSize
	needed     int // nodes up to the last with a part
	state
}

// A state is what is known of a layer's output.
type state struct {
	channels int // 0 if it was not given
	grid
	normal bool // at each position independent normal channels of mean 0
	input  bool // made of few inputs: no limit of many channels
	fresh  bool // normal by weights that this branch has alone
	trains bool // there are parameters
}

// fault returns an error at a layer.
func fault(l Layer, format string, args ...any) error {
	return fmt.Errorf("ntk: %v: %s", l, fmt.Sprintf(format, args...))
}

// shape describes the last output.
func (b *builder) shape() string {
	if b.channels == 0 {
		return fmt.Sprintf("an image of %d×%d", b.h, b.w)
	}
	return Shape{b.channels, b.h, b.w}.String()
}

// put appends a node. The output has its positions.
func (b *builder) put(n node) {
	b.nodes = append(b.nodes, n)
	_, b.grid = n.grids()
}

// part returns the number of a new part.
func (b *builder) part(series bool) int {
	*b.parts = append(*b.parts, partSize{b.size(), series})
	b.needed = len(b.nodes) + 1
	return len(*b.parts) - 1
}

func (s Serial) add(b *builder) error {
	for i, l := range s {
		if l == nil {
			return fmt.Errorf("ntk: layer %d of %d is nil", i+1, len(s))
		}
		if err := l.add(b); err != nil {
			return err
		}
	}
	return nil
}

func (d Dense) add(b *builder) error {
	if b.size() > 1 {
		return fault(d, "its input is %s, and must be a vector: put a Flatten or a GlobalAvgPool before it", b.shape())
	}
	one := window{in: 1, out: 1, size: 1, stride: 1}
	return b.weights(d, [2]window{one, one}, weights{d.Width, d.SigmaW, d.SigmaB, d.Law, d.ZeroBias})
}

func (c Conv) add(b *builder) error {
	win, err := b.windows(c, c.Window, c.Stride, Size{1, 1}, c.Pad)
	if err != nil {
		return err
	}
	return b.weights(c, win, weights{c.Width, c.SigmaW, c.SigmaB, c.Law, c.ZeroBias})
}

// windows returns both dimensions of a window.
func (b *builder) windows(l Layer, size, stride, strideOfZero Size, pad Padding) (win [2]window, err error) {
	if stride == (Size{}) {
		stride = strideOfZero
	}
	for i, in := range []int{b.h, b.w} {
		var ok bool
		if win[i], ok = newWindow(in, size[i], stride[i], pad); !ok {
			return win, fault(l, "a window of %v, stride %v, padding %v does not fit on %s", size, stride, pad, b.shape())
		}
	}
	return win, nil
}

// weights are what Dense and Conv have in common.
type weights struct {
	width          int
	sigmaW, sigmaB float64
	law            Law
	zeroBias       bool
}

// weights adds a Dense or Conv.
func (b *builder) weights(l Layer, win [2]window, w weights) error {
	for _, sigma := range []float64{w.sigmaW, w.sigmaB} {
		if !(sigma >= 0) || math.IsInf(sigma, 0) {
			return fault(l, "a deviation must be 0 or more, and finite")
		}
	}
	switch {
	case w.width < 0:
		return fault(l, "a width must not be negative")
	case w.law < Gaussian || w.law > DeltaOrthogonal:
		return fault(l, "unknown law of weights %d", int(w.law))
	case w.zeroBias && (b.parameters != Standard || w.sigmaB > 0):
		return fault(l, "ZeroBias is for a SigmaB of 0 and the standard parameterisation")
	case b.parameters == Standard && b.channels == 0:
		return fault(l, "the standard parameterisation needs the width of the layer before it")
	}
	a := &affine{win: win, scale: w.sigmaW * w.sigmaW, shift: w.sigmaB * w.sigmaB, central: w.law == DeltaOrthogonal}
	a.slopeScale, a.slopeShift = a.scale, a.shift
	if b.parameters == Standard {
		a.slopeScale, a.slopeShift = float64(b.channels*win[0].size*win[1].size), 0
		if w.sigmaB > 0 || w.zeroBias {
			a.slopeShift = 1
		}
	}
	if win[0].circular || win[1].circular {
		b.put(&ring{win: win, affine: a})
	} else {
		b.put(a)
	}
	b.channels, b.normal, b.input, b.fresh, b.trains = w.width, true, false, true, true
	return nil
}

func (a Activation) add(b *builder) error {
	if a.dual == nil {
		return fault(a, "an Activation that was not made by this package")
	}
	if !b.normal {
		return fault(a, "its input is not normal in the limit of many channels: put a Dense or Conv between it and what is before")
	}
	_, series := a.dual.(*series)
	b.put(&activate{b.grid, a.dual, b.part(series)})
	b.normal, b.fresh = false, false
	return nil
}

func (l LayerNorm) add(b *builder) error {
	switch {
	case !b.normal:
		return fault(l, "its input is not normal in the limit of many channels: put it after a Dense or Conv")
	case !(l.Eps >= 0) || math.IsInf(l.Eps, 0):
		return fault(l, "Eps must be 0 or more, and finite")
	}
	b.put(&normalize{b.grid, l.Eps, l.Whole, b.part(false), l.String()})
	return nil
}

func (p AvgPool) add(b *builder) error {
	win, err := b.windows(p, p.Window, p.Stride, p.Window, p.Pad)
	switch {
	case err != nil:
		return err
	case p.Inside && (p.Sum || p.Pad == Circular):
		return fault(p, "Inside is for means with zeros around the image")
	case p.Pad > 0 && (int(p.Pad) >= p.Window[0] || int(p.Pad) >= p.Window[1]):
		return fault(p, "more zeros than a window has positions")
	case win[0].circular || win[1].circular:
		b.put(&ring{win: win, sum: p.Sum})
	default:
		b.put(&pool{win, p.Sum, p.Inside})
	}
	return nil
}

func (f Flatten) add(b *builder) error {
	if b.size() > 1 {
		b.channels *= b.size()
		b.put(flatten{b.grid})
		b.normal = false // not of one variance
	}
	return nil
}

func (g GlobalAvgPool) add(b *builder) error {
	if b.size() > 1 {
		b.put(global{b.grid, g.Sum})
	}
	return nil
}

func (s Sum) add(b *builder) error {
	if len(s) == 0 {
		return fault(s, "a sum of no branches")
	}
	var branches []builder
	shared := 0 // branches without weights of their own
	for i, l := range s {
		if l == nil {
			return fault(s, "branch %d is nil", i+1)
		}
		c := builder{parameters: b.parameters, parts: b.parts, state: b.state}
		c.fresh = false
		if err := l.add(&c); err != nil {
			return err
		}
		if !c.fresh {
			shared++
		}
		switch first := branches; {
		case c.input && len(s) > 1:
			return fault(s, "branch %d is of the few inputs of the network, and has no limit: put a Dense or Conv before the sum", i+1)
		case len(first) > 0 && (c.grid != first[0].grid || c.channels > 0 && first[0].channels > 0 && c.channels != first[0].channels):
			return fault(s, "branch %d gives %s, branch 1 %s", i+1, c.shape(), first[0].shape())
		}
		branches = append(branches, c)
	}
	if shared > 1 {
		return fault(s, "%d branches have no weights of their own: they are not independent", shared)
	}
	b.join(branches)
	return nil
}

// join adds the sum of branches.
func (b *builder) join(branches []builder) {
	in, out := b.grid, branches[0].grid
	after := state{grid: out, normal: true, fresh: true}
	t := &total{in: in, out: out, step: apart{}}
	s := &split{in: in, out: out}
	together := true
	for _, c := range branches {
		step := apart{1, 1}
		var list []local
		for _, n := range c.nodes {
			l, ok := n.(local)
			if !ok {
				together = false
				break
			}
			list = append(list, l)
			step[0], step[1] = step[0]*l.stride()[0], step[1]*l.stride()[1]
		}
		together = together && (t.step == apart{} || t.step == step)
		t.step, t.branches = step, append(t.branches, list)
		s.branches = append(s.branches, newProgram(in, c.nodes))
		if c.needed > 0 {
			b.needed = len(b.nodes) + 1
		}
		after.channels = max(after.channels, c.channels)
		after.normal, after.trains = after.normal && c.normal, after.trains || c.trains
		after.fresh = after.fresh && c.fresh
		after.input = after.input || c.input
	}
	if together {
		b.put(t)
	} else {
		b.put(s)
	}
	b.state = after
}
