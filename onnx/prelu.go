package onnx

import "breakeven/nn"

// prelu is max(0, x) + a·min(0, x) with a weight a, one number or one for each channel (He et al. 2015): relu(x) − a·relu(−x).
func prelu(b *builder, n *node) value {
	if b.input(n, 0).constant != nil {
		failf("it is supported on activations")
	}
	x, slope := b.viewed(n, b.reads(n, 0)), b.input(n, 1).constant
	if slope == nil || slope.count() != 1 && !b.alongAll(n, slope, x) {
		failf("its slope %q is no constant with one number, or with one for each channel of %s", n.in[1], sized(x.dims()))
	}
	part := func(name string) *node { return &node{name: n.path() + "." + name} }
	whole, minus := b.closed(x), nn.Scaled{Scale: -1, NoBias: true}
	below := b.add(part("below"), nn.ReLU{}, b.add(part("opposite"), minus, whole))
	scaled := b.withChannels(n, slope, nn.LayerScale{}, x.onView(below).activation)
	return x.onView(b.add(part("sum"), nn.Residual{}, b.add(part("above"), nn.ReLU{}, whole), b.add(part("negative"), minus, b.closed(scaled.activation))))
}
