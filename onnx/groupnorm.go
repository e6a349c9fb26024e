package onnx

import (
	"slices"

	"breakeven/nn"
)

// instanceNorm normalises the pixels of each channel, with weight and bias. Exporters write group norm by it, on an image whose
// channels were joined with the pixels group by group: the weights are 1 and 0 there, and those of the channels follow once the
// image has its shape again.
func instanceNorm(b *builder, n *node) value {
	x := b.viewed(n, b.reads(n, 0))
	if x.laid != nil || x.scores != nil || x.moment != nil || len(x.dims()) < 3 {
		failf("it is supported on images, and its input has the shape %s", sized(x.dims()))
	}
	of, view := b.closed(x), x.view
	axes := x.axes
	if view != nil {
		axes = plainAxes(of.Shape())
	}
	m := &moment{stage: normalised, node: of, of: on(axes, of).activation, eps: n.float("epsilon", 1e-5), last: n, groups: x.dims()[1]}
	if !(m.eps > 0) {
		failf("its epsilon is %v", m.eps)
	}
	if view == nil {
		m.weight = b.weight(n, 1, m.groups)
		return m.of.onView(b.groupNorm(m, b.weight(n, 2, m.groups)))
	}
	if !inGroups(of.Shape(), view) {
		failf("it normalises the shape %s, made of the image %v: supported are all pixels of each channel, or of each group of channels that follow each other", sized(x.dims()), of.Shape())
	}
	for k, number := range []float64{1, 0} {
		c := b.input(n, k+1).constant
		if c == nil || slices.ContainsFunc(b.floats(c), func(x float64) bool { return x != number }) {
			failf("the weights of groups of channels are 1 and 0 in what exporters write for group norm, and %q are others", n.in[k+1])
		}
	}
	return value{activation: &activation{axes: x.axes, view: view, moment: m}}
}

// inGroups reports whether a tensor of an image has groups of channels that follow each other along its first axis behind that of
// the batch, and all numbers of a group along the next ones.
func inGroups(s nn.Shape, view [][]piece) bool {
	plain := axesOf(s, plainAxes(s))
	for _, p := range view[1] {
		if p.axis != 'C' {
			return false
		}
	}
	return slices.Equal(view[0], plain[0]) && slices.Equal(trimmed(slices.Concat(view[1:]...)), trimmed(slices.Concat(plain[1:]...)))
}

// inShape is a group norm without its weights once the image has its shape again; ok is false if an activation is something else.
func (a *activation) inShape(to []int64) (v value, ok bool) {
	m := a.moment
	if m == nil || m.groups == 0 || a.view == nil {
		return v, false
	}
	for _, axes := range []string{m.of.axes, "CW"} {
		if of := on(axes, m.node).activation; slices.Equal(of.dims(), to) {
			shaped := *m
			shaped.of = of
			return value{activation: &activation{axes: axes, moment: &shaped}}, true
		}
	}
	return v, false
}

// groupNorm adds a group norm that has its weights.
func (b *builder) groupNorm(m *moment, bias *tensor) nn.Node {
	if m.weight == nil || bias == nil {
		failf("group norm and instance norm are supported with weight and bias (affine=True)")
	}
	if s := m.node.Shape(); s.T > 0 {
		failf("group norm and instance norm are supported on images, and not on sequences of %v", s)
	}
	named := *m.last
	if named.module != "" { // the exporter may have left nothing of the names of weights
		named.name = named.module
	}
	return b.addWith(&named, nn.GroupNorm{Groups: int(m.groups), Eps: m.eps}, map[string]source{weightName: {tensor: m.weight}, biasName: {tensor: bias}}, m.node)
}
