package onnx

import (
	"slices"

	"breakeven/nn"
)

// inLines returns the layout of a tensor [examples, pixels, channels], or [pixels, examples, channels], as that of a sequence: its
// steps are all pixels of an image, its columns or its rows. The other pixels of a column or a row are channels then. ok is false if a layout is
// something else.
func (b *builder) inLines(n *node, l *layout) (out *layout, ok bool) {
	s := l.of.Shape()
	if s.T > 0 || s.H*s.W == 1 || len(l.axes) != 3 || l.scale != 1 || !l.complete() {
		return nil, false
	}
	all := trimmed([]piece{{'H', int64(s.H), 1}, {'W', int64(s.W), 1}})
	for at, axis := range l.axes[:2] {
		switch {
		case slices.Equal(axis, all):
			return l.stepped(b.add(n, nn.PixelSteps{}, l.of), at, 1), true
		case len(axis) == 1 && axis[0].axis == 'W':
			columns := b.lines(n, l.of, s.W, s.H, func(column, row int) int { return row*s.W + column })
			return l.stepped(columns, at, int64(s.H)), true
		case len(axis) == 1 && axis[0].axis == 'H':
			rows := b.lines(n, l.of, s.H, s.W, func(row, column int) int { return row*s.W + column })
			return l.stepped(rows, at, int64(s.W)), true
		}
	}
	return nil, false
}

// lines returns the sequence of the columns or the rows of an image, so many of length pixels: channel c·length + k of a step
// is channel c of pixel k of its line.
func (b *builder) lines(n *node, x nn.Node, count, length int, pixel func(line, k int) int) nn.Node {
	b.checkPixels(x.Shape().C, count, length)
	u := nn.Unfold{H: 1, W: count}
	for line := range count {
		var read nn.Window
		for k := range length {
			read = append(read, pixel(line, k))
		}
		u.Read = append(u.Read, read)
	}
	return b.add(n, nn.PixelSteps{}, b.add(&node{name: n.path() + ".lines"}, u, x))
}

// stepped returns a layout of an image as that of a sequence of its lines, which are the axis at. Their pixels have become channels, so many
// for each of the image's.
func (l *layout) stepped(x nn.Node, at int, pixels int64) *layout {
	out := &layout{of: x, scale: 1}
	for k, axis := range l.axes {
		var pieces []piece
		for _, p := range axis {
			switch {
			case k == at:
				p = piece{'T', int64(x.Shape().T), 1}
			case p.axis == 'C':
				p.stride *= pixels
			case p.axis == 'H' || p.axis == 'W':
				p.axis = 'C'
			}
			pieces = append(pieces, p)
		}
		if k == at {
			pieces = pieces[:1]
		}
		out.axes = append(out.axes, trimmed(pieces))
	}
	return out
}
