package onnx

import (
	"slices"
	"strings"

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
}

// close adds a layer with a bias, or without if it is nil.
func (b *builder) close(l *layer, bias *tensor) nn.Node {
	tensors := map[string]source{weightName: l.weight}
	if bias == nil {
		return b.addWith(l.node, l.op, tensors, l.in)
	}
	tensors[biasName] = source{tensor: bias}
	return b.addWith(l.node, l.biased, tensors, l.in)
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
	if b.input(n, 0).constant != nil && b.input(n, 1).constant != nil {
		return b.fold(n)
	}
	x := b.reads(n, 0)
	if y := b.input(n, 1); y.activation != nil {
		return b.product(n, x, y.activation)
	}
	x = b.viewed(n, x)
	if !x.endsInChannels() {
		failf("dense layers are supported on vectors and on sequences of them, and its input has the shape %s", sized(x.dims()))
	}
	w := b.matrix(n, true, []int64{int64(x.shape().C), -1})
	return value{activation: b.denseOn(x, dense(n, b.closed(x), w))}
}

// convolution is a convolution in two dimensions.
func convolution(b *builder, n *node) value {
	x := b.reads(n, 0)
	if x.axes != "CHW" {
		failf("convolutions are supported on images, in two dimensions")
	}
	c, l := int64(x.shape().C), &layer{node: n}
	switch groups := n.int("group", 1); {
	case groups == 1:
		l.weight.tensor = b.weight(n, 1, -1, c, -1, -1)
		g := n.window(x, l.weight.dims[2:])
		op := nn.Conv2D{Filters: int(l.weight.dims[0]), K: g.k, Stride: g.stride, Pad: g.pad}
		l.biased, op.NoBias = op, true
		l.op = op
	case groups == c:
		l.weight.tensor = b.weight(n, 1, c, 1, -1, -1)
		g := n.window(x, l.weight.dims[2:])
		op := nn.Depthwise2D{K: g.k, Stride: g.stride, Pad: g.pad}
		l.biased, op.NoBias = op, true
		l.op = op
	default:
		failf("%d groups of %d channels are not supported: 1 group is, and one for each channel", groups, c)
	}
	l.in, l.units = b.whole(x), l.weight.dims[0]
	if !n.has(2) {
		return value{activation: &activation{axes: x.axes, open: l}}
	}
	bias := b.weight(n, 2, l.units)
	if bias.made && b.zero(bias) {
		bias = nil
	}
	if n.folded() {
		b.note("the exporter has folded batch norm into the convolutions before it: outputs are those of the network in evaluation mode, but gradients and curvature are those of the folded weights, and no batch norm is left; to keep it, export with training=torch.onnx.TrainingMode.PRESERVE, or with dynamo=True and optimize=False")
	}
	return on(x.axes, b.close(l, bias))
}

// folded reports whether a convolution has weights and a bias under the names that PyTorch's exporters give to
// those into which they have folded batch norm.
func (n *node) folded() bool {
	const made = "onnx::Conv_"
	weight, bias := n.in[1], n.in[2]
	return bias == weight+"_bias" || strings.HasPrefix(weight, made) && strings.HasPrefix(bias, made)
}

// A window is the geometry of a convolution or a pooling.
type window struct{ k, stride, pad int }

// window returns the geometry of a node, for which kernel holds its height and width.
func (n *node) window(x *activation, kernel []int64) window {
	s := x.shape()
	const largest = 1 << 15
	strides, pads := n.ints("strides", []int64{1, 1}), n.ints("pads", []int64{0, 0, 0, 0})
	if len(kernel) != 2 || len(strides) != 2 || len(pads) != 4 || min(kernel[0], kernel[1], strides[0], strides[1]) < 1 ||
		max(kernel[0], kernel[1], strides[0], strides[1]) > largest {
		failf("its window has the shape %v, strides %v and pads %v: two dimensions are supported", kernel, strides, pads)
	}
	switch auto := n.text("auto_pad", "NOTSET"); auto {
	case "NOTSET":
	case "VALID":
		pads = []int64{0, 0, 0, 0}
	case "SAME_UPPER", "SAME_LOWER":
		for i, size := range []int{s.H, s.W} {
			whole := (int64(size) + strides[i] - 1) / strides[i]
			total := max(0, (whole-1)*strides[i]+kernel[i]-int64(size))
			pads[i], pads[i+2] = total/2, total-total/2
		}
	default:
		failf("auto_pad %q is not known", auto)
	}
	if d := n.ints("dilations", nil); len(d) > 0 && (d[0] != 1 || d[len(d)-1] != 1) {
		failf("dilated windows are not supported")
	}
	if kernel[0] != kernel[1] || strides[0] != strides[1] {
		failf("its window is %d×%d with strides %d and %d: only square ones are supported", kernel[0], kernel[1], strides[0], strides[1])
	}
	for _, p := range pads {
		if p != pads[0] || p < 0 || p > largest {
			failf("its pads are %v: only the same ones on all sides are supported", pads)
		}
	}
	return window{int(kernel[0]), int(strides[0]), int(pads[0])}
}

func maxPool(b *builder, n *node) value {
	x := b.image(n)
	g := n.window(x, n.ints("kernel_shape", nil))
	return on(x.axes, b.add(n, nn.MaxPool{K: g.k, Stride: g.stride, Pad: g.pad, Ceil: n.int("ceil_mode", 0) != 0}, b.whole(x)))
}

func averagePool(b *builder, n *node) value {
	x := b.image(n)
	g := n.window(x, n.ints("kernel_shape", nil))
	if g == (window{k: 1, stride: 1}) {
		return value{activation: x}
	}
	return on(x.axes, b.add(n, nn.AvgPool{K: g.k, Stride: g.stride, Pad: g.pad, Inside: n.int("count_include_pad", 0) == 0, Ceil: n.int("ceil_mode", 0) != 0}, b.whole(x)))
}

func globalAveragePool(b *builder, n *node) value {
	x := b.image(n)
	return on(x.axes, b.add(n, nn.AvgPool{}, b.whole(x)))
}

// image returns the first input of a node, which must be an image.
func (b *builder) image(n *node) *activation {
	x := b.reads(n, 0)
	if x.axes != "CHW" {
		failf("it is supported on images, and its input has the shape %s", sized(x.dims()))
	}
	return x
}

// batchNorm normalises by statistics of each batch, or of several, whatever training_mode says.
func batchNorm(b *builder, n *node) value {
	x := b.reads(n, 0)
	if x.axes != "CHW" && x.axes != "C" {
		failf("batch norm is supported on images and vectors")
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
