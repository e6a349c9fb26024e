package onnx

import (
	"slices"
	"strings"

	"breakeven/nn"
)

// complete reports whether the tensor has all numbers of the operation, each once.
func (l *layout) complete() bool {
	for _, p := range slices.Concat(l.axes...) {
		if p.stride == 0 {
			return false
		}
	}
	return l.first == 0 && product(l.dims())/batchSize == int64(l.of.Shape().Size())
}

// viewed returns a layout of all numbers of an operation as an activation that further operations read.
func (b *builder) viewed(n *node, a *activation) *activation {
	if a.turn != nil {
		b.layoutOf(a)
	}
	if a.laid != nil {
		a.laid = b.inItsOrder(a.laid)
	}
	l := a.laid
	if l == nil || !l.complete() {
		return a
	}
	x := b.unscaled(n, l).of
	return &activation{axes: plainAxes(x.Shape()), parts: []nn.Node{x}, view: l.axes}
}

// unscaled returns a layout whose scale is an operation, for what has no scale of its own.
func (b *builder) unscaled(n *node, l *layout) *layout {
	if l.scale == 1 {
		return l
	}
	out := *l
	out.of, out.scale = b.add(n, nn.Scaled{Scale: float32(l.scale), NoBias: true}, l.of), 1
	return &out
}

// plainAxes are the axes of an operation's output.
func plainAxes(s nn.Shape) string {
	switch {
	case s.T > 0:
		return "TC"
	case s.H*s.W > 1:
		return "CHW"
	}
	return "C"
}

// onView returns an activation of one operation whose numbers stand in the graph's tensor as they do in a.
func (a *activation) onView(x nn.Node) value {
	return value{activation: &activation{axes: a.axes, parts: []nn.Node{x}, view: a.view}}
}

// letters returns the letter of each axis of a view: '?' for what is no whole axis of the operation.
func (a *activation) letters() string {
	var all []byte
	plain := axesOf(a.shape(), a.axes)
	for _, axis := range a.view {
		at := slices.IndexFunc(plain, func(whole []piece) bool { return slices.Equal(whole, axis) })
		if at < 0 || len(axis) == 0 {
			all = append(all, '?')
			continue
		}
		all = append(all, ("N" + a.axes)[at])
	}
	return string(all)
}

// order returns the letter of each axis behind the first one.
func (a *activation) order() string {
	if a.view != nil {
		return a.letters()[1:]
	}
	return a.axes
}

// endsInChannels reports whether the last axis of the tensor is that of the channels.
func (a *activation) endsInChannels() bool {
	return a.laid == nil && a.scores == nil && strings.HasSuffix(a.order(), "C")
}
