package onnx

import (
	"slices"
	"strings"

	"breakeven/nn"
)

// withTokens is a Concat of weights that are repeated for each example and a sequence: the class token before
// its steps, or several tokens. ok is false if it is none.
func (b *builder) withTokens(n *node) (v value, ok bool) {
	last := len(n.in) - 1
	if last < 1 || slices.Contains(n.in, "") {
		return v, false
	}
	x := b.raw(n, last)
	for k := range last {
		if token := b.raw(n, k); token.activation != nil || token.list != nil || token.deferred != nil && token.mask != "" {
			return v, false
		}
	}
	if x.activation == nil {
		return v, false
	}
	x.activation = b.viewed(n, x.activation)
	if x.laid != nil || x.scores != nil || x.view != nil || x.axes != "TC" || x.axis(n.int("axis", 0)) != 'T' {
		failf("a weight is put before the steps of sequences only, and its input has the shape %s", sized(x.dims()))
	}
	y := b.whole(x.activation)
	for k := last - 1; k >= 0; k-- {
		y = b.withToken(n, b.raw(n, k), y)
	}
	return on("TC", y), true
}

// withToken puts a weight that is repeated for each example before the steps of a sequence.
func (b *builder) withToken(n *node, token value, x nn.Node) nn.Node {
	w := b.first(token.constant)
	if w == nil {
		w = b.weightOf(token.deferred)
	}
	if w == nil || !slices.Equal(w.dims, []int64{1, 1, int64(x.Shape().C)}) || w.kind.integer() || w.made {
		failf("it joins a sequence of %d numbers a step with something that is not one weight for each example", x.Shape().C)
	}
	y := b.addRows(n, w, nn.Prepend{}, x)
	for k := int64(1); w.runs != nil && w.runs[0].of == token.constant && k < b.batch; k++ {
		once := mosaic(w.name, w.dims, run{token.constant, k * w.count(), w.count()})
		b.again[b.owner[w]] = append(b.again[b.owner[w]], source{tensor: once})
	}
	return y
}

// first returns what a constant is for the first example, if it is the same for each of those that a graph was
// exported for; nil: it is no such constant.
func (b *builder) first(c *tensor) *tensor {
	if c == nil || c.kind.integer() || len(c.dims) != 3 || c.dims[0] != b.batch {
		return nil
	}
	a := b.same(b.array(c), b.batch)
	if weightly(c) && c.of == nil && c.runs == nil && len(a.dims) == 3 && a.dims[0] == 1 {
		return mosaic(c.name, a.dims, run{c, 0, product(a.dims)})
	}
	return &tensor{name: c.name, kind: float64s, dims: a.dims, raw: reals("", nil, a.reals).raw}
}

// weightOf returns the weight that a deferred value repeats for each example, nil if it is something else.
func (b *builder) weightOf(d *deferred) *tensor {
	for d != nil && d.node != nil && (d.node.op == "Expand" || d.node.op == "Tile" || d.node.op == "Identity") {
		v := b.values[d.node.in[0]]
		if v.constant != nil {
			return v.constant
		}
		d = v.deferred
	}
	return nil
}

// addRows adds an operation with one parameter, which has the name and the shape of its initializer: the name need not end with
// that which the operation has for it.
func (b *builder) addRows(n *node, w *tensor, op nn.Op, in ...nn.Node) nn.Node {
	if of := w.whole(); of != nil { // w is it in another shape
		w = of
	}
	p := op.Params(in[0].Shape())[0]
	own := p.Name
	alone := own == weightName && strings.HasSuffix(w.name, "."+own) && len(w.dims) == len(p.Shape)
	if _, shared := b.owner[w]; shared || alone {
		return b.addWith(n, op, map[string]source{own: {tensor: w}}, in...)
	}
	return b.net.AddSharing(b.free(n.path()), op, map[string]string{own: b.addTensor(n, w, p)}, in...)
}

// addTensor adds the parameter p of a node that a tensor is, and returns its name. It has the name and the shape of the tensor, unless
// the exporter has computed that of one which had them.
func (b *builder) addTensor(n *node, w *tensor, p nn.Param) string {
	own := p.Name
	if p.Name = w.name; strings.Contains(w.name, "::") || w.name == "" {
		p.Name = n.path() + "." + own
	} else {
		p.Shape = nil
		for _, d := range w.dims {
			p.Shape = append(p.Shape, int(d))
		}
	}
	b.net.AddParam(p)
	b.register(p.Name, own, source{tensor: w})
	return p.Name
}

// splitToSequence cuts an activation into a list along an axis.
func splitToSequence(b *builder, n *node) value {
	dims, take := b.cutter(n)
	at := within(n.int("axis", 0), len(dims))
	size := dims[at]
	sizes := []int64{1}
	if n.has(1) {
		c := b.input(n, 1).constant
		if c == nil {
			failf("its input %q is computed: only a constant is supported there", n.in[1])
		}
		sizes = b.ints(c)
		if len(c.dims) == 0 && sizes[0] > 0 {
			sizes = slices.Repeat(sizes, int(min(largestJoin+1, (size+sizes[0]-1)/sizes[0])))
		}
	}
	if len(sizes) > largestJoin {
		failf("it makes more than %d parts", largestJoin)
	}
	v, lo := value{list: []value{}}, int64(0)
	for _, s := range sizes {
		s = min(s, size-lo)
		if s < 1 {
			failf("it cuts an axis of %d into %v", size, sizes)
		}
		v.list = append(v.list, take(at, lo, lo+s))
		lo += s
	}
	return v
}

// sequenceAt takes one part of a list.
func sequenceAt(b *builder, n *node) value {
	v, index := b.raw(n, 0), b.input(n, 1).constant
	if v.list == nil || index == nil || index.count() != 1 {
		failf("it is supported on the parts of an activation, by a constant")
	}
	k := b.ints(index)[0]
	if k < 0 {
		k += int64(len(v.list))
	}
	if k < 0 || k >= int64(len(v.list)) {
		failf("it takes part %d of %d", k, len(v.list))
	}
	return v.list[k]
}
