package onnx

import (
	"math"
	"slices"

	"breakeven/nn"
)

// A pooled activation is a sequence whose steps a mask weighs, and then their sum or maximum. When something else reads it, it
// becomes the mean, the sum or the maximum over the steps that count: the factors say which, and that they do nothing else.
type pooled struct {
	of      nn.Node
	axes    [][]piece // of the graph's tensor
	factors []factor
	fill    float64 // what takes the place of a step that does not count: 0 or, before a maximum, a low number
	by      *node   // that sums or takes the maximum; nil: nothing yet
}

// A factor is what a sequence, or the sum over its steps, is multiplied by: f of each number of a deferred value.
type factor struct {
	*deferred
	f    func(x float64) float64
	axes [][]piece // of what is multiplied
	row  bool      // it is a row that a matrix of the steps is multiplied by, and has them along its last axis
}

// weighed is an activation times what depends on a mask, or divided by it; ok is false if a node is something else.
func (b *builder) weighed(n *node) (v value, ok bool) {
	x, w := b.raw(n, 0), b.raw(n, 1)
	if n.op == "Mul" && x.deferred != nil {
		x, w = w, x
	}
	if n.op != "Mul" && n.op != "Div" || x.activation == nil || w.deferred == nil || w.mask == "" {
		return v, false
	}
	return b.times(n, x.activation, 0, factor{deferred: w.deferred, f: func(x float64) float64 {
		if n.op == "Div" {
			return 1 / x
		}
		return x
	}}), true
}

// mixed is the product of a row that depends on a mask and the steps of a sequence, which is a sum over them; ok is false if a node is
// something else.
func (b *builder) mixed(n *node) (v value, ok bool) {
	w, x := b.raw(n, 0), b.raw(n, 1)
	if w.deferred == nil || w.mask == "" || x.activation == nil {
		return v, false
	}
	v = b.times(n, x.activation, 0, factor{deferred: w.deferred, f: func(x float64) float64 { return x }, row: true})
	return v.pooled.reduced(n, []int64{-2}), true
}

// filled puts a number in the place of the steps of an activation for which a condition that depends on a mask is true, or false.
func (b *builder) filled(n *node, x *activation, number float64, condition *deferred, when bool) value {
	if number != 0 && !(number <= hiddenBelow) {
		failf("it puts %v in the place of the steps that a mask hides: supported are 0 before a sum over the steps, and %v and less before a maximum", number, hiddenBelow)
	}
	return b.times(n, x, number, factor{deferred: condition, f: func(x float64) float64 {
		if (x != 0) == when {
			return 0
		}
		return 1
	}})
}

// times multiplies an activation by a factor.
func (b *builder) times(n *node, x *activation, fill float64, by factor) value {
	b.readsMask(by.deferred)
	p := pooled{}
	if x.pooled != nil {
		p = *x.pooled
	} else {
		if x = b.viewed(n, x); x.laid != nil || x.scores != nil || x.shape().T < 2 {
			failf("it reads the mask %q and an activation of the shape %s: means, sums and maxima over the steps that a mask shows are supported of whole sequences", by.mask, sized(x.dims()))
		}
		l := b.layoutOf(x)
		p.of, p.axes = l.of, l.axes
	}
	if len(p.factors) > 0 && fill != p.fill {
		failf("it takes %v for a step that the mask %q hides, and a node before it %v", fill, by.mask, p.fill)
	}
	if len(p.factors) == longest {
		failf("it is the last of more than %d nodes by which a mask weighs a sequence", longest)
	}
	by.axes, p.fill = p.axes, fill
	p.factors = append(slices.Clip(p.factors), by)
	return p.value()
}

// value returns a copy as an activation.
func (p pooled) value() value {
	a := &activation{axes: plainAxes(p.shape()), pooled: &p}
	if plain := axesOf(p.shape(), a.axes); !slices.EqualFunc(p.axes, plain, slices.Equal) {
		a.view = p.axes
	}
	return value{activation: a}
}

// shape returns the shape of an example.
func (p *pooled) shape() nn.Shape {
	if p.by != nil {
		return p.of.Shape().Step()
	}
	return p.of.Shape()
}

// reduced is the sum or the maximum over the steps of a sequence that a mask weighs.
func (p pooled) reduced(n *node, axes []int64) value {
	if len(axes) != 1 || p.by != nil || (n.op == "ReduceMax") != (p.fill < 0) {
		failf("supported are the sum over the steps of a sequence where a mask is 1, and the maximum if %v or less takes the place of the others", hiddenBelow)
	}
	at := within(axes[0], len(p.axes))
	if !isSteps(&layout{of: p.of}, p.axes[at]) {
		failf("it reduces axis %d of %s, of which a mask weighs the steps: sums and maxima are supported over these", axes[0], sized((&layout{axes: p.axes}).dims()))
	}
	p.axes = slices.Delete(slices.Clone(p.axes), at, at+1)
	if n.int("keepdims", 1) != 0 {
		p.axes = slices.Insert(p.axes, at, []piece(nil))
	}
	p.by = n
	return p.value()
}

// reshaped cuts and joins axes, or puts in some of length 1; ok is false if that is not supported.
func (p pooled) reshaped(to []int64) (v value, ok bool) {
	l, ok := (&layout{axes: p.axes}).reshaped(to)
	if !ok {
		return v, false
	}
	p.axes = l.axes
	return p.value(), true
}

// pool adds the operation that a pooled activation is.
func (b *builder) pool(p *pooled) nn.Node {
	mask := p.factors[0].mask
	if p.by == nil {
		failf("it reads a sequence that was multiplied by the mask %q: supported is the sum over its steps, or the maximum if a low number hides them", mask)
	}
	in := []nn.Node{p.of}
	if b.holes() {
		in = append(in, b.masking)
	}
	return b.add(p.by, b.poolingBy(p, mask), in...)
}

// poolingBy returns the operation that weighs the steps of masks that are made up as a graph does.
func (b *builder) poolingBy(p *pooled, mask string) nn.Op {
	dims, steps := b.maskDims(mask), int64(p.of.Shape().T)
	if len(dims) != 2 || dims[1] != steps {
		failf("%v: a mask of the shape %s weighs the %d steps of a sequence: supported is a number for each of them", p.by, sized(dims), steps)
	}
	tried := ends
	if b.holes() {
		tried = slices.Concat(patterns[:1], patterns[2:]) // a mask has one 1 at least
	}
	sum, mean := true, true
	b.tried(mask, tried, func(in *array, _ func(i int64) int) {
		weights := b.weights(p, in)
		for k, w := range weights {
			count, first := 0.0, int64(k)/steps*steps
			for t := range steps {
				count += in.real(int(first + t))
			}
			want := in.real(k)
			sum, mean = sum && math.Abs(w-want) < 1e-6, mean && math.Abs(w-want/count) < 1e-6/count
		}
	})
	switch {
	case sum && p.fill < 0:
		return nn.MaxSteps{}
	case sum:
		return nn.SumSteps{}
	case mean && p.fill == 0:
		return nn.MeanSteps{}
	}
	failf("%v: what the graph makes of the mask %q weighs the steps of a sequence otherwise than their mean, sum or maximum where it is 1", p.by, mask)
	return nil
}

// weights returns what the steps of examples with a mask are multiplied by, [examples, steps].
func (b *builder) weights(p *pooled, mask *array) []float64 {
	all := slices.Repeat([]float64{1}, mask.size())
	for _, by := range p.factors {
		a := b.computed(by.deferred, mask)
		if rank := len(a.dims); by.row {
			if rank < 2 || a.dims[rank-2] != 1 {
				failf("%v: it multiplies a sequence by what depends on the mask %q, of the shape %s: one row for each example is supported", p.by, by.mask, sized(a.dims))
			}
			a = a.shaped(append(slices.Clone(a.dims[:rank-2]), a.dims[rank-1], 1))
		}
		for k, x := range by.each(a, &layout{of: p.of}, mask.dims) {
			all[k] *= x
		}
	}
	return all
}

// each returns the numbers of a factor, [examples, steps], which are the same for all channels.
func (by factor) each(a *array, l *layout, shape []int64) []float64 {
	dims, axes := make([]int64, len(by.axes)), make([]byte, len(by.axes))
	for k, axis := range by.axes {
		own := len(a.dims) - len(dims) + k
		switch {
		case slices.Equal(axis, []piece{{'N', batchSize, 1}}):
			dims[k], axes[k] = shape[0], 'N'
		case isSteps(l, axis):
			dims[k], axes[k] = shape[1], 'T'
		case !isChannels(axis):
			failf("it multiplies a tensor whose batch and steps are one axis by a mask")
		case own < 0:
			dims[k] = 1
		default:
			dims[k] = a.dims[own]
		}
	}
	a = a.expanded(dims)
	out, place := slices.Repeat([]float64{math.NaN()}, int(shape[0]*shape[1])), strides(dims)
	for k := range a.size() {
		first, count := int64(0), shape[1]
		for d, axis := range axes {
			switch at := int64(k) / place[d] % dims[d]; axis {
			case 'N':
				first += at * shape[1]
			case 'T':
				first, count = first+at, 1
			}
		}
		x := by.f(a.real(k))
		for at := first; at < first+count; at++ {
			if out[at] != x && !math.IsNaN(out[at]) {
				failf("what the graph makes of the mask %q weighs the numbers of a step differently", by.mask)
			}
			out[at] = x
		}
	}
	return out
}
