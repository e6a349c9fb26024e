package onnx

import (
	"slices"

	"breakeven/nn"
)

// reduceMean is the mean over all pixels, or over all steps.
func reduceMean(b *builder, n *node) value {
	if v, ok := b.responding(n); ok {
		return v
	}
	x, keep := b.inSteps(n, b.reads(n, 0)), n.int("keepdims", 1) != 0
	list := b.integers(n, 1, "axes", nil)
	if v, ok := b.overSteps(n, x, list, keep, nn.MeanSteps{}); ok {
		return v
	}
	if v, ok := b.means(n, x, list, keep); ok {
		return v
	}
	if x.allPixels(list) {
		return x.overPixels(b.add(n, nn.AvgPool{}, b.whole(x)), keep)
	}
	if g, ok := x.line(list); ok {
		return b.overLine(n, b.meansOf(n, x, g, true), x.axis(list[0]), keep)
	}
	if v, ok := b.meanOfSteps(n, x, list, keep); ok {
		return v
	}
	failf("means are supported over height and width of images, over the length of signals, or over the steps of sequences")
	return value{}
}

// overPixels is one number for each channel of an image or a signal, which keeps its axes or is a vector.
func (a *activation) overPixels(x nn.Node, keep bool) value {
	if keep {
		return on(a.axes, x)
	}
	return on("C", x)
}

// meanOfSteps is the mean over all steps whose axes are listed; ok is false if these are something else.
func (b *builder) meanOfSteps(n *node, x *activation, list []int64, keep bool) (v value, ok bool) {
	if x.scores != nil || x.moment != nil || x.turn != nil || x.laid == nil && x.view == nil {
		return v, false
	}
	l := b.layoutOf(x)
	axes, ok := l.without(list, 'T')
	if !ok || l.of.Shape().T < 2 {
		return v, false
	}
	if !keep {
		var kept [][]piece
		for k, axis := range axes {
			if !slices.ContainsFunc(list, func(at int64) bool { return within(at, len(axes)) == k }) {
				kept = append(kept, axis)
			}
		}
		axes = kept
	}
	out := *l
	b.along, out.of = n.String(), b.add(n, nn.MeanSteps{}, l.of)
	return b.settled(n, out.with(axes)), true
}
