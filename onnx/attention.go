package onnx

import (
	"math"
	"slices"

	"breakeven/nn"
)

// scores are the products of all queries with all keys of each head, and after a softmax the weights
// of the keys. They become an operation with the product with the values.
type scores struct {
	q, k     *layout
	lead     [][]piece // the axes before the last two: the batch, the windows and the heads
	window   int64     // queries and keys of so many steps see each other alone; 0: all do
	scale    float64
	bias     []float64 // 1 or heads × queries × keys, or windows × queries × keys; nil: none
	soft     bool
	drop     float64 // the rate of dropout after the softmax
	seesMask bool    // it has a bias that a mask among the inputs decides
	isNaN    bool    // it is the truth value whether a weight is no number

	hidden   []float64 // the biases where the mask is 0; nil: it hides nothing
	replaced bool      // finite numbers took the place of scores
	truths   bool      // they are chosen by truth values
	table    *tensor   // a weight whose numbers are added; nil: none
	places   []int32   // which, heads × queries × keys
	guarded  bool      // the weights of a query without a key are 0, and not NaN
}

func (s *scores) dims() []int64 {
	var dims []int64
	for _, axis := range s.lead {
		dims = append(dims, sizeOf(axis))
	}
	rows, cols := s.square()
	return append(dims, rows, cols)
}

// square returns how many queries and keys there are.
func (s *scores) square() (rows, cols int64) {
	if s.window > 0 {
		return s.window, s.window
	}
	return int64(s.q.of.Shape().T), int64(s.k.of.Shape().T)
}

// heads returns the heads of queries, keys or values: what the axes before the last two have beside the batch, the
// slowest first. If there is one head they are none.
func heads(lead [][]piece) []piece {
	all := slices.DeleteFunc(slices.Concat(lead...), func(p piece) bool { return p.axis == 'T' })
	if len(all) == 0 || all[0].axis != 'N' || !isChannels(all[1:]) {
		failf("products of activations are supported in attention, on tensors of batch, heads, steps and numbers of a head")
	}
	return all[1:]
}

// oneByOne returns axes whose channels follow each other, in blocks of so many: those of an operation that has one
// head after the other.
func oneByOne(axes [][]piece, size int64) [][]piece {
	out := slices.Clone(axes)
	for k := len(out) - 1; k >= 0; k-- {
		out[k] = slices.Clone(out[k])
		for i, p := range slices.Backward(out[k]) {
			if p.axis == 'C' {
				out[k][i].stride = size
				size *= p.size
			}
		}
	}
	return out
}

// product is the product of two activations: queries and keys, or weights and values.
func (b *builder) product(n *node, x, y *activation) value {
	if x.scores != nil {
		return b.attention(n, x.scores, b.unscaled(n, b.layoutOf(y)))
	}
	q, k := b.layoutOf(x), b.layoutOf(y)
	if len(q.axes) < 3 || len(q.axes) != len(k.axes) {
		failf("the product of the shapes %s and %s is not supported", sized(q.dims()), sized(k.dims()))
	}
	last := len(q.axes) - 1
	lead := q.axes[:last-1]
	numbersQ, numbersK := q.axes[last], k.axes[last-1]
	window, ok := q.window(lead, q.axes[last-1])
	other, ok2 := k.window(k.axes[:last-1], k.axes[last])
	fits := ok && ok2 && window == other && isChannels(numbersQ) && isChannels(numbersK) &&
		sizeOf(numbersQ) == sizeOf(numbersK) && sizeOf(heads(lead)) == sizeOf(heads(k.axes[:last-1]))
	if !fits {
		failf("the product of the shapes %s and %s is supported as that of queries and keys only", sized(q.dims()), sized(k.dims()))
	}
	return value{activation: &activation{scores: &scores{q: q, lead: lead, window: window, scale: q.scale * k.scale,
		k: k.with(append(slices.Clone(k.axes[:last-1]), k.axes[last], numbersK))}}}
}

// window returns how many steps an axis has, of windows that follow each other along the axes before it: 0 if it has all steps. ok
// is false if it has something else.
func (l *layout) window(lead [][]piece, axis []piece) (size int64, ok bool) {
	windows := slices.DeleteFunc(slices.Concat(lead...), func(p piece) bool { return p.axis != 'T' })
	switch {
	case len(windows) == 0:
		return 0, isSteps(l, axis)
	case len(windows) > 1 || len(axis) != 1 || axis[0].axis != 'T' || axis[0].stride != 1:
		return 0, false
	}
	size = axis[0].size
	return size, windows[0].stride == size && windows[0].size*size == int64(l.of.Shape().T)
}

// isSteps reports whether an axis is that of the steps.
func isSteps(l *layout, axis []piece) bool {
	s := l.of.Shape()
	return s.T > 0 && slices.Equal(axis, trimmed([]piece{{'T', int64(s.T), 1}}))
}

// attention is the product of weights with values.
func (b *builder) attention(n *node, s *scores, v *layout) value {
	last := len(v.axes) - 1
	fits := last >= 2 && len(v.axes) == len(s.lead)+2 && isChannels(v.axes[last])
	if fits {
		window, ok := v.window(v.axes[:last-1], v.axes[last-1])
		fits = ok && window == s.window && sizeOf(heads(v.axes[:last-1])) == sizeOf(heads(s.lead))
	}
	if !fits {
		failf("its values have the shape %s, and its queries %s", sized(v.dims()), sized(s.q.dims()))
	}
	if !s.soft || s.isNaN {
		failf("the product of queries, keys and values is supported with a softmax over the keys only")
	}
	if sizeOf(v.axes[last]) != sizeOf(s.q.axes[last]) {
		failf("heads of %d numbers with values of %d are not supported", sizeOf(s.q.axes[last]), sizeOf(v.axes[last]))
	}
	size := sizeOf(v.axes[last])
	in := make([]nn.Node, 3)
	for k, l := range []*layout{s.q, s.k, v} {
		in[k] = b.channels(n, l, heads(l.axes[:last-1]), l.axes[last])
	}
	if times := s.scale * math.Sqrt(float64(size)); !(math.Abs(times-1) <= 1e-6) {
		f := &formula{of: in[0], f: func(x jet) jet { return x.scaled(times) }}
		in[0] = b.add(n, f.operation(), in[0])
	}
	op := nn.Attention{Heads: int(sizeOf(heads(s.lead))), Dropout: s.drop, Window: int(s.window)}
	switch rows, cols := s.square(); {
	case s.window > 0:
		op.Bias = b.sameBias(biases(s.bias, int64(len(s.bias))))
	case s.hidden != nil:
		s.checkHidden(int(rows), int(cols), b.masking.Shape().C > 1)
		op.Bias, op.Masked = b.biasesOf(s, rows*cols)
		in = append(in, b.masking)
	case causal(s.bias, rows, cols):
		op.Causal = true
	default:
		op.Bias = biases(s.bias, rows*cols)
	}
	if !s.seesMask && !op.Causal {
		b.along = n.String()
	}
	out := &layout{of: b.attend(n, s, op, in...), scale: 1}
	axes := oneByOne(s.lead, size)
	rows, _ := s.square()
	steps := trimmed([]piece{{'T', rows, 1}})
	return b.settled(n, out.with(append(axes, steps, []piece{{'C', size, 1}})))
}

// scaled returns an activation of attention times a number; nil: it is none.
func scaled(n *node, a *activation, c float64) *activation {
	if n.op == "Div" {
		c = 1 / c
	}
	switch {
	case n.op != "Mul" && n.op != "Div":
		return nil
	case a.laid != nil:
		l := *a.laid
		l.scale *= c
		return &activation{laid: &l}
	case a.view != nil && len(a.parts) == 1 && a.open == nil && a.moment == nil && a.formula == nil:
		return &activation{laid: &layout{of: a.parts[0], axes: a.view, scale: c}}
	case a.scores != nil && !a.scores.soft && a.scores.bias != nil && !(c > 0):
		failf("scores with a mask are multiplied by %v", c)
	case a.scores != nil && !a.scores.soft && a.scores.table != nil:
		failf("scores with a bias that is learned are multiplied by %v", c)
	case a.scores != nil && !a.scores.soft:
		s := *a.scores
		s.scale *= c
		s.bias, s.hidden = timesEach(s.bias, c), timesEach(s.hidden, c)
		return &activation{scores: &s}
	}
	return nil
}

// timesEach returns numbers times c.
func timesEach(x []float64, c float64) []float64 {
	out := slices.Clone(x)
	for i := range out {
		out[i] *= c
	}
	return out
}

// softmaxOf makes weights of scores.
func softmaxOf(n *node, a *activation) value {
	rank := int64(len(a.dims()))
	if axis := n.int("axis", -1); axis != -1 && axis != rank-1 || a.scores.soft {
		failf("the softmax in attention is supported over the keys")
	}
	s := *a.scores
	s.soft = true
	return value{activation: &activation{scores: &s}}
}
