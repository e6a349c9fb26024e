package onnx

import (
	"slices"

	"breakeven/nn"
)

// A signal is a tensor [examples, channels, length], which convolutions in one dimension read. It is an image of one row, and the
// axes of its activation are CW.

// isGrid reports whether an activation is an image or a signal whose axes stand in their order.
func (a *activation) isGrid() bool { return (a.axes == "CHW" || a.axes == "CW") && a.view == nil }

// allPixels reports whether a list of axes is that of all pixels of an image or a signal.
func (a *activation) allPixels(list []int64) bool {
	return a.isGrid() && a.spans(list, a.axes[1:])
}

// grid returns the first input of a node as an image or a signal, which sequences and vectors are turned to.
func (b *builder) grid(n *node) *activation {
	x := b.reads(n, 0)
	if y := b.gridOf(n, x); y != nil {
		return y
	}
	failf("it is supported on images [channels, height, width] and signals [channels, length], and its input has the shape %s", sized(x.dims()))
	return nil
}

// gridOf returns an activation as an image or a signal; nil: it cannot be one.
func (b *builder) gridOf(n *node, x *activation) *activation {
	if x.isGrid() {
		return x
	}
	if rank := len(x.dims()); rank < 3 || rank > 4 || x.scores != nil || x.moment != nil {
		return nil
	}
	part := &node{name: n.path() + ".pixels"} // the name of n is that of its weights
	l := b.unscaled(part, b.layoutOf(x))
	order := trimmed(slices.Concat(slices.Concat(l.axes[2:]...), l.axes[1]))
	s, of := l.of.Shape(), l.of
	switch inOrder := slices.Equal(order, trimmed([]piece{{'T', int64(s.Steps()), 1}, {'H', int64(s.H), 1}, {'W', int64(s.W), 1}, {'C', int64(s.C), 1}})); {
	case !slices.Equal(l.axes[0], []piece{{'N', batchSize, 1}}):
		return nil
	case s.T == 0 && s.H*s.W == 1 && isChannels(order):
		of = b.channels(part, l, order)
	case s.T == 0 && s.H*s.W == 1:
		return nil
	case !inOrder || !l.complete():
		return nil
	}
	if s.T > 0 {
		b.along = n.String()
	}
	dims := l.dims()
	r, axes := nn.Raster{C: int(dims[1]), H: 1, W: int(dims[len(dims)-1])}, "CW"
	if len(dims) == 4 {
		r.H, axes = int(dims[2]), "CHW"
	}
	return on(axes, b.add(part, r, of)).activation
}

// signal reports whether the graph reads an input [examples, *, *] as a signal: its first operation that tells
// channels from steps has the channels before these.
func (f *File) signal(p port) bool {
	if !p.rank || len(p.dims) != 3 {
		return false
	}
	axes := map[string][]int{p.name: {0, 1, 2}} // which axis of the input each axis of a value is
	for _, n := range f.live {
		k := slices.IndexFunc(n.in, func(in string) bool { return axes[in] != nil })
		if k < 0 || len(n.out) == 0 {
			continue
		}
		at := axes[n.in[k]]
		switch {
		case slices.Contains([]string{"Conv", "BatchNormalization", "InstanceNormalization", "MaxPool", "AveragePool", "GlobalMaxPool", "GlobalAveragePool"}, n.op):
			return at[1] == 1
		case slices.Contains([]string{"MatMul", "LSTM", "GRU", "LayerNormalization"}, n.op):
			return at[2] == 1
		case n.op == "Transpose":
			if perm := n.ints("perm", nil); len(perm) == 3 && slices.Max(perm) < 3 && slices.Min(perm) >= 0 {
				axes[n.out[0]] = []int{at[perm[0]], at[perm[1]], at[perm[2]]}
			}
		case functions[n.op] != nil || slices.Contains([]string{"Identity", "Cast", "Dropout", "Pad", "Slice", "Concat", "Add", "Sub", "Mul", "Div"}, n.op):
			axes[n.out[0]] = at
		}
	}
	return false
}
