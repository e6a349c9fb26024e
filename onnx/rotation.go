package onnx

import (
	"math"
	"slices"

	"breakeven/nn"
)

// rotary adds the operation that computes a turn, and returns where its numbers stand.
func (b *builder) rotary(t *turn) *layout {
	own := t.channels()
	op := t.operation(own)
	if !rotates(op) {
		failf("it multiplies the channels by constants that are no cosines and sines of rotary embeddings, which alone are supported")
	}
	x, width := b.pick(t.node, t.all(own), t.of), int64(len(own))
	axes := append(oneByOne(t.lead, width), []piece{{'C', width, 1}})
	return (&layout{of: b.add(t.node, b.once(op), x), scale: 1}).with(axes)
}

// channels returns those of a head that a turn reads.
func (t *turn) channels() (own []int32) {
	for _, list := range t.numbers {
		for _, x := range list {
			own = append(own, x.channel)
		}
	}
	slices.Sort(own)
	if own = slices.Compact(own); len(own) != len(t.numbers) {
		failf("it makes %d numbers of %d, and rotary embeddings turn as many as they read", len(t.numbers), len(own))
	}
	return own
}

// operation returns a turn of the given channels of each head as an operation.
func (t *turn) operation(own []int32) nn.Rotary {
	steps, width := t.of.Shape().T, len(own)
	op := nn.Rotary{Pair: make([]int32, width), Own: make([]float32, steps*width), Other: make([]float32, steps*width)}
	for j, list := range t.numbers {
		op.Pair[j] = int32(j)
		for _, x := range list {
			to := op.Own
			if x.channel != own[j] {
				if op.Pair[j] != int32(j) {
					failf("it adds two other numbers of a head in place of number %d, and rotary embeddings have that and one other", j)
				}
				op.Pair[j], to = int32(slices.Index(own, x.channel)), op.Other
			}
			for s := range steps {
				to[s*width+j] = float32(x.times[s%len(x.times)])
			}
		}
	}
	return op
}

// once returns an operation with the memory of one before that has the same coefficients, as those of all layers have.
func (b *builder) once(op nn.Rotary) nn.Rotary {
	numbers := len(op.Own)
	for _, known := range b.turns {
		if slices.Equal(known.Pair, op.Pair) && slices.Equal(known.Own, op.Own) && slices.Equal(known.Other, op.Other) {
			return known
		}
		numbers += len(known.Own)
	}
	if numbers > mostHeld {
		failf("it is one of rotary embeddings with more than %d coefficients together", mostHeld)
	}
	b.turns = append(b.turns, op)
	return op
}

// rotates reports whether an operation turns pairs of numbers: it is orthogonal but for a factor that is the same at every
// step.
func rotates(op nn.Rotary) bool {
	width := len(op.Pair)
	for k, own := range op.Own {
		j, first := k%width, k-k%width
		p := int(op.Pair[j])
		if int(op.Pair[p]) != j || p != j && (op.Own[first+p] != own || op.Other[first+p] != -op.Other[k]) {
			return false
		}
		length := math.Hypot(float64(own), float64(op.Other[k]))
		if start := math.Hypot(float64(op.Own[j]), float64(op.Other[j])); !(math.Abs(length-start) <= 1e-4*start) || start == 0 {
			return false
		}
	}
	return true
}

// all returns the channels of all heads, of which each has the given ones.
func (t *turn) all(own []int32) (list []int32) {
	var heads []piece
	for _, p := range slices.Concat(t.lead...) {
		if p.axis == 'C' {
			heads = append(heads, p)
		}
	}
	for _, first := range (&layout{}).places(heads) {
		for _, c := range own {
			list = append(list, first+c)
		}
	}
	return list
}
