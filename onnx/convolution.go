package onnx

import (
	"slices"
	"strings"

	"breakeven/nn"
)

// Limits of convolutions in groups, unless there is one for each channel, and of windows that are listed: how many
// groups one has, and how many groups, weights in groups and pixels of windows all of a network have.
const (
	mostGroups  = 256
	mostViews   = 1 << 16
	mostInViews = 1 << 26
	mostPixels  = 1 << 24
)

// A listed is how many of these a network has so far.
type listed struct {
	views   int
	inViews int64
	pixels  int
	ordered int64 // steps
	placed  int64 // numbers of tables, for scores
}

// convolution is a convolution of an image, or of a signal.
func convolution(b *builder, n *node) value {
	x := b.grid(n)
	c, groups := int64(x.shape().C), n.int("group", 1)
	if groups < 1 || c%groups != 0 {
		failf("it has %d groups of %d channels", groups, c)
	}
	w := b.weight(n, 1, append([]int64{-1, c / groups}, slices.Repeat([]int64{-1}, len(x.axes)-1)...)...)
	l := &layer{node: n, weight: source{tensor: w}, units: w.dims[0]}
	g := n.window(x, w.dims[2:])
	l.signal = x.axes == "CW"
	if groups == c && l.units == c && c > 1 && (g.uniform() || l.signal && g.w.dilation == 1) {
		in, pad := b.padded(n, x, g)
		op := nn.Depthwise2D{K: g.w.k, Stride: g.w.stride, Pad: pad, Row: l.signal}
		l.in, l.biased, op.NoBias = in, op, true
		l.op = op
	} else {
		b.convolve(l, x, g, int(groups))
	}
	if !n.has(2) {
		return value{activation: &activation{axes: x.axes, open: l}}
	}
	bias := b.weight(n, 2, l.units)
	if bias.made && b.zero(bias) {
		bias = nil
	}
	if n.folded() {
		b.note(foldedNorm)
	}
	return on(x.axes, b.close(l, bias))
}

// convolve completes a layer that is a convolution. Windows that are not square, or dilated, become channels
// of an image before it, of which it reads single pixels.
func (b *builder) convolve(l *layer, x *activation, g window, groups int) {
	if l.units%int64(groups) != 0 || groups > mostGroups {
		failf("its %d filters are in %d groups: up to %d are supported, of the same size, or one for each channel", l.units, groups, mostGroups)
	}
	op := nn.Conv2D{Filters: int(l.units), K: 1}
	if g.uniform() {
		op.K, op.Stride = g.h.k, g.h.stride
		l.in, op.Pad = b.padded(l.node, x, g)
	} else {
		l.in = b.unfolded(l.node, x, g)
	}
	l.biased, op.NoBias = op, true
	l.op = op
	if groups > 1 || !g.uniform() && !l.signal {
		l.groups = groups
	}
}

// padded returns an image with the padding of a window that a convolution does not add itself, and how much it adds on
// every side.
func (b *builder) padded(n *node, x *activation, g window) (in nn.Node, pad int) {
	if in = b.whole(x); g.even() {
		return in, g.h.before
	}
	s := in.Shape()
	b.checkPixels(s.C, s.H+g.h.before+g.h.after, s.W+g.w.before+g.w.after)
	single := func(s span) span { return span{k: 1, stride: 1, dilation: 1, before: s.before, after: s.after} }
	h, w, read := window{single(g.h), single(g.w)}.lists(s)
	return b.net.Add(b.free(n.path()+".padded"), nn.Windows{H: h, W: w, Read: read}, in), 0
}

// unfolded returns an image with the pixels of each window of another one as channels.
func (b *builder) unfolded(n *node, x *activation, g window) nn.Node {
	in := b.whole(x)
	b.checkPixels(in.Shape().C, g.h.out(in.Shape().H), g.w.out(in.Shape().W), g.h.k, g.w.k)
	h, w, read := g.lists(in.Shape())
	return b.net.Add(b.free(n.path()+".windows"), nn.Unfold{H: h, W: w, Read: read}, in)
}

// foldedNorm is the note on networks whose batch norm was folded.
const foldedNorm = "the exporter has folded batch norm into the layers before it: outputs are those of the network in evaluation mode, but gradients and curvature are those of the folded weights, and no batch norm is left; to keep it, export with training=torch.onnx.TrainingMode.PRESERVE, or with dynamo=True and optimize=False"

// convMade begins the names of what PyTorch's older exporter has computed for convolutions.
const convMade = "onnx::Conv_"

// folded reports whether a convolution has weights and a bias under the names that PyTorch's exporters give to
// those into which they have folded batch norm.
func (n *node) folded() bool {
	weight, bias := n.in[1], n.in[2]
	return bias == weight+"_bias" || strings.HasPrefix(weight, convMade) && strings.HasPrefix(bias, convMade)
}

// grouped adds a convolution whose parameters are read through views.
func (b *builder) grouped(l *layer, op nn.Conv2D, tensors map[string]source) nn.Node {
	b.views, b.inViews = b.views+l.groups, b.inViews+l.weight.count()
	if b.views > mostViews || b.inViews > mostInViews {
		failf("the convolutions in groups, or with windows that are not square or dilated, have more than %d groups or %d weights in all", mostViews, mostInViews)
	}
	base, params := b.convolved(l, l.groups, tensors)
	return b.net.AddGroups(base, op, l.groups, params[weightName], params[biasName], l.in)
}

// convolved returns the name of a convolution in groups, and the parameters that its initializers are, with their shapes.
func (b *builder) convolved(l *layer, groups int, tensors map[string]source) (base string, params map[string]string) {
	base, params = b.free(prefix(l.node, tensors)), map[string]string{}
	d := l.weight.dims
	area := int(product(d[2:]))
	for _, own := range []string{weightName, biasName} {
		src, ok := tensors[own]
		if !ok {
			continue
		}
		p := nn.Param{}
		if own == weightName {
			p.FanIn, p.FanOut = int(d[1])*area, int(d[0])/groups*area
		}
		for _, size := range src.dims {
			p.Shape = append(p.Shape, int(size))
		}
		params[own] = b.param(base, own, src, p)
	}
	return base, params
}
