package onnx

import (
	"slices"

	"breakeven/nn"
)

// A layer is a dense layer or a convolution whose bias may be the next node of the graph.
type layer struct {
	node   *node
	in     nn.Node
	op     nn.Op // without bias
	biased nn.Op
	weight source
	units  int64
	groups int  // of a convolution that reads its parameters through views; 0: it is one operation
	signal bool // its weight has one dimension less than the operation's
}

// close adds a layer with a bias, or without if it is nil.
func (b *builder) close(l *layer, bias *tensor) nn.Node {
	tensors, op := map[string]source{weightName: l.weight}, l.op
	if bias != nil {
		tensors[biasName], op = source{tensor: bias}, l.biased
	}
	if l.groups > 0 {
		return b.grouped(l, op.(nn.Conv2D), tensors)
	}
	if l.signal {
		base, params := b.convolved(l, 1, tensors)
		return b.net.AddSharing(base, op, params, l.in)
	}
	return b.addWith(l.node, op, tensors, l.in)
}

// dense returns a dense layer.
func dense(n *node, x nn.Node, weight source) *layer {
	units := weight.dims[0]
	if weight.turned {
		units = weight.dims[1]
	}
	op := nn.Linear{Units: int(units), Pixels: true}
	l := &layer{node: n, in: x, weight: weight, units: units, biased: op}
	op.NoBias = true
	l.op = op
	return l
}

// gemm is y = x·w + c.
func gemm(b *builder, n *node) value {
	x := b.viewed(n, b.reads(n, 0))
	if x.order() != "C" {
		failf("its input %q is no matrix of batch and features", n.in[0])
	}
	if n.int("transA", 0) != 0 || n.float("alpha", 1) != 1 || n.has(2) && n.float("beta", 1) != 1 {
		failf("it is supported without transA, and with alpha and beta 1")
	}
	turned, dims := n.int("transB", 0) == 0, []int64{-1, int64(x.shape().C)}
	if turned {
		dims[0], dims[1] = dims[1], dims[0]
	}
	l := dense(n, b.closed(x), b.matrix(n, turned, dims))
	open := b.denseOn(x, l)
	if !n.has(2) {
		return value{activation: open}
	}
	bias := b.biasOf(n, l.units)
	if bias.made && b.zero(bias) {
		bias = nil
	}
	return open.onView(b.close(l, bias))
}

// biasOf returns input 2 of a node, a number for each unit, which may be a row of them.
func (b *builder) biasOf(n *node, units int64) *tensor {
	c := b.input(n, 2).constant
	if c == nil || !slices.Equal(c.dims, []int64{1, units}) {
		return b.weight(n, 2, units)
	}
	flat := *b.weight(n, 2, 1, units)
	flat.dims = []int64{units}
	return &flat
}

// matrix returns input 1 of a node, the matrix of a dense layer: of the shape [in, out] if it is turned.
func (b *builder) matrix(n *node, turned bool, dims []int64) source {
	w := b.weight(n, 1, dims...)
	if w.flip != nil {
		return source{tensor: w.flip, turned: !turned}
	}
	return source{tensor: w, turned: turned}
}

// denseOn returns the output of a dense layer that is open.
func (b *builder) denseOn(x *activation, l *layer) *activation {
	y := &activation{axes: x.axes, open: l}
	if x.view != nil {
		last := len(x.view) - 1
		y.view = append(slices.Clone(x.view[:last]), trimmed([]piece{{'C', l.units, 1}}))
	}
	return y
}

// matmul is a dense layer on vectors, or on the steps of sequences.
func matmul(b *builder, n *node) value {
	if v, ok := b.mixed(n); ok {
		return v
	}
	if b.input(n, 0).constant != nil && b.input(n, 1).constant != nil {
		return b.fold(n)
	}
	x := b.reads(n, 0)
	if y := b.input(n, 1); y.activation != nil {
		return b.product(n, x, y.activation)
	}
	x = b.inSteps(n, x)
	if !x.endsInChannels() {
		failf("dense layers are supported on vectors and on sequences of them, and its input has the shape %s", sized(x.dims()))
	}
	w := b.matrix(n, true, []int64{int64(x.shape().C), -1})
	return value{activation: b.denseOn(x, dense(n, b.closed(x), w))}
}

// batchNorm normalises by statistics of each batch, or of several, whatever training_mode says.
func batchNorm(b *builder, n *node) value {
	x := b.reads(n, 0)
	if x.axes != "C" || x.view != nil {
		x = b.grid(n)
	}
	b.settle(x)
	tensors, c := map[string]source{}, int64(x.shape().C)
	for k, name := range []string{weightName, biasName, meanName, varName} {
		tensors[name] = source{tensor: b.weight(n, k+1, c)}
	}
	eps := n.float("epsilon", 1e-5)
	if !(eps > 0) {
		failf("its epsilon is %v", eps)
	}
	return on(x.axes, b.addWith(n, nn.BatchNorm{Eps: eps}, tensors, x.parts...))
}
