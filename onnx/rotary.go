package onnx

import (
	"slices"

	"breakeven/nn"
)

// A turn is a part of rotary embeddings: a tensor of heads each of whose numbers is a sum of numbers of the same head and step,
// times constants. Exporters write them as halves of a head that are cut, negated and joined, products with cosines and
// sines, and a sum. Complete ones become nn.Rotary.
type turn struct {
	node    *node // of the graph, the last one
	of      nn.Node
	lead    [][]piece   // the axes before the last one
	numbers [][]summand // of a head: the last axis
	inner   []int64     // the axes that the numbers are, the slowest first; nil: one
}

// A summand is a channel, counted from those of its head, times a constant for each step, or one for all.
type summand struct {
	channel int32
	times   []float64
}

// widest is how many numbers a head may have that is turned.
const widest = 1 << 12

// turnOf returns an activation as a turn; nil: its last axis is none of channels.
func (b *builder) turnOf(n *node, a *activation) *turn {
	if a.turn != nil && a.turn.inner != nil {
		return nil
	}
	if a.turn != nil {
		return a.turn
	}
	return b.turnOfLast(n, a, 1)
}

// turnOfLast returns an activation as a turn whose numbers are its last axes; nil: these are none of channels.
func (b *builder) turnOfLast(n *node, a *activation, axes int) *turn {
	if a.scores != nil || a.moment != nil && a.moment.stage != normalised {
		return nil
	}
	l := b.layoutOf(a)
	last := len(l.axes) - axes
	if last < 1 || l.of.Shape().T == 0 {
		return nil
	}
	own := slices.Concat(l.axes[last:]...)
	if !isChannels(own) || sizeOf(own) > widest {
		return nil
	}
	t := &turn{node: n, of: l.of, lead: l.axes[:last]}
	if axes > 1 {
		t.inner = l.dims()[last:]
	}
	for _, c := range l.places(own) {
		t.numbers = append(t.numbers, []summand{{c, []float64{l.scale}}})
	}
	return t
}

// laidInParts reports whether an activation is a part of the numbers of an operation, as halves of heads are.
func (a *activation) laidInParts() bool { return a.turn != nil || a.laid != nil && !a.laid.complete() }

// angular reports whether a constant has the shape of cosines or sines for an activation: a number for each step or, as a rule, for
// each step and number of a head. Whether it is any is seen when the turn is complete.
func (b *builder) angular(a *activation, c *tensor) bool {
	if c.count() < 2 || c.kind.integer() || a.scores != nil || a.moment != nil {
		return false
	}
	dims := a.dims()
	own, at := len(dims)-len(c.dims), b.stepsAxis(a)
	if own < 0 || at < own || c.dims[at-own] != dims[at] {
		return false
	}
	for k, d := range c.dims {
		if k += own; d != 1 && k != at && k != len(dims)-1 {
			return false
		}
	}
	return true
}

// stepsAxis returns the axis of a tensor that is that of the steps, −1 if there is none.
func (b *builder) stepsAxis(a *activation) int {
	axes, s := [][]piece(nil), a.shape()
	switch {
	case s.T < 2:
		return -1
	case a.turn != nil:
		axes = a.turn.lead
	default:
		l := b.layoutOf(a)
		axes = l.axes[:len(l.axes)-1]
	}
	return slices.IndexFunc(axes, func(axis []piece) bool {
		return slices.Equal(axis, []piece{{'T', int64(s.T), 1}})
	})
}

// turnedTimes is a turn times a number and, unless it is nil, a constant with a number for each step.
func (b *builder) turnedTimes(n *node, a *activation, c *tensor, number float64) value {
	t := b.turnOf(n, a)
	if t == nil {
		failf("it computes with a part of the channels in a way that is supported in rotary embeddings only")
	}
	out := *t
	out.node, out.numbers = n, nil
	steps, width := t.of.Shape().T, len(t.numbers)
	var factors *array
	if c != nil {
		factors = b.array(c)
		dims := slices.Repeat([]int64{1}, len(t.lead)+1)
		dims[b.stepsAxis(a)], dims[len(t.lead)] = int64(steps), int64(width)
		factors = factors.expanded(dims)
	}
	for j, terms := range t.numbers {
		column := []float64{number}
		if factors != nil {
			column = make([]float64, steps)
			for s := range column {
				column[s] = number * factors.reals[s*width+j]
			}
		}
		var list []summand
		for _, x := range terms {
			list = append(list, summand{x.channel, byStep(x.times, column, func(x, y float64) float64 { return x * y })})
		}
		out.numbers = append(out.numbers, list)
	}
	return value{activation: &activation{turn: &out}}
}

// byStep combines numbers for each step, or for all.
func byStep(x, y []float64, f func(x, y float64) float64) []float64 {
	out := make([]float64, max(len(x), len(y)))
	for s := range out {
		out[s] = f(x[s%len(x)], y[s%len(y)])
	}
	return out
}

// turnedPlus is the sum of two turns.
func (b *builder) turnedPlus(n *node, x, y *activation) value {
	t, u := b.turnOf(n, x), b.turnOf(n, y)
	if t == nil || u == nil || !t.fits(u) || len(t.numbers) != len(u.numbers) {
		failf("the sum of the shapes %s and %s is not supported: rotary embeddings are sums of numbers of the same head", sized(x.dims()), sized(y.dims()))
	}
	out := *t
	out.node, out.numbers = n, nil
	for j, terms := range t.numbers {
		terms = slices.Clone(terms)
		for _, more := range u.numbers[j] {
			at := slices.IndexFunc(terms, func(x summand) bool { return x.channel == more.channel })
			if at < 0 {
				terms = append(terms, more)
				continue
			}
			terms[at].times = byStep(terms[at].times, more.times, func(x, y float64) float64 { return x + y })
		}
		if len(terms) > 2 {
			failf("it adds more than two numbers of a head, and rotary embeddings have two")
		}
		out.numbers = append(out.numbers, terms)
	}
	return value{activation: &activation{turn: &out}}
}

// fits reports whether turns are of the same heads.
func (t *turn) fits(u *turn) bool {
	return t.of == u.of && slices.EqualFunc(t.lead, u.lead, slices.Equal)
}

// count returns how many constants there are.
func (t *turn) count() (n int64) {
	for _, list := range t.numbers {
		for _, x := range list {
			n += int64(len(x.times))
		}
	}
	return n
}
