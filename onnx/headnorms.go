package onnx

import (
	"slices"

	"breakeven/nn"
)

// width returns how many numbers are normalised together.
func (m *moment) width() int64 {
	if m.group > 0 {
		return m.group
	}
	return int64(m.node.Shape().C)
}

// normalisable returns how many channels that follow each other are the last axis of a tensor, 0 if they are all; ok is false if
// the axes of a list are something else.
func (b *builder) normalisable(n *node, x *activation, list []int64) (group int64, ok bool) {
	if len(list) != 1 || x.scores != nil || x.turn != nil {
		return 0, false
	}
	if within(list[0], len(x.dims())) == len(x.dims())-1 {
		b.inHeads(n, x)
		if group := x.group(); group > 0 {
			return group, true
		}
	}
	return 0, x.laid == nil && (x.view == nil || x.endsInChannels()) && x.axis(list[0]) == 'C'
}

// group returns how many channels the last axis of a tensor has, if they follow each other and are a part of all; else 0.
func (a *activation) group() int64 {
	if len(a.view) < 2 || a.axes != "C" && a.axes != "TC" {
		return 0
	}
	last := a.view[len(a.view)-1]
	if len(last) != 1 || last[0].axis != 'C' || last[0].stride != 1 || last[0].size == int64(a.shape().C) {
		return 0
	}
	for _, p := range slices.Concat(a.view[:len(a.view)-1]...) {
		if p.axis == 'C' && p.stride%last[0].size != 0 {
			return 0
		}
	}
	return last[0].size
}

// inHeads makes an operation of a part of the channels of another one, whose heads stand one after the other: queries and keys
// are such parts where one dense layer makes both.
func (b *builder) inHeads(n *node, a *activation) {
	l := a.laid
	if l == nil || l.complete() || len(l.axes) < 2 || l.of.Shape().T == 0 || !isChannels(l.axes[len(l.axes)-1]) {
		return
	}
	last := len(l.axes) - 1
	var heads []piece
	for _, p := range slices.Concat(l.axes[:last]...) {
		if p.axis == 'C' {
			heads = append(heads, p)
		}
	}
	part := &node{name: n.path() + ".heads"} // the name of n is that of the norm
	x := b.channels(part, b.unscaled(part, l), heads, l.axes[last])
	size := sizeOf(l.axes[last])
	axes := append(oneByOne(l.axes[:last], size), []piece{{'C', size, 1}})
	*a = activation{axes: plainAxes(x.Shape()), parts: []nn.Node{x}, view: l.with(axes).axes}
}
