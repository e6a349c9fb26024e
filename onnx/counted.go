package onnx

import (
	"math"
	"slices"
)

// counted is a list of numbers in equal steps.
func counted(_ *builder, _ *node, in []*array) *array {
	from, to, step := in[0], in[1], in[2]
	for _, a := range in[:3] {
		if a.size() != 1 || a.kind.integer() != from.kind.integer() {
			failf("its limits are no three numbers of one kind")
		}
	}
	count := math.Ceil((to.real(0) - from.real(0)) / step.real(0))
	if !(count <= small) {
		failf("it counts from %v to %v in steps of %v: up to %d numbers are supported", from.real(0), to.real(0), step.real(0), small)
	}
	out := newArray(from.kind, []int64{int64(max(0, count))})
	for i := range out.ints {
		out.ints[i] = from.ints[0] + int64(i)*step.ints[0]
	}
	for i := range out.reals {
		out.reals[i] = from.reals[0] + float64(i)*step.reals[0]
	}
	return out
}

// filled is an array of one number.
func filled(b *builder, n *node, in []*array) *array {
	value := &array{kind: float32s, reals: []float64{0}}
	if a, ok := n.attributes["value"]; ok && a.t != nil {
		value = b.array(a.t)
	}
	if value.size() != 1 {
		failf("its value is no single number")
	}
	out := newArray(value.kind, slices.Clone(in[0].whole()))
	for i := range out.size() {
		out.copy(i, value, 0)
	}
	return out
}

// summed are the sums of the numbers so far along an axis.
func summed(_ *builder, n *node, in []*array) *array {
	if n.int("exclusive", 0) != 0 || n.int("reverse", 0) != 0 {
		failf("it is supported from the first number on, with each itself")
	}
	axis := within(in[1].number(), len(in[0].dims))
	out, step := newArray(in[0].kind, in[0].dims), int(strides(in[0].dims)[axis])
	for i := range out.size() {
		out.copy(i, in[0], i)
		if int64(i/step)%in[0].dims[axis] == 0 {
			continue
		}
		if out.kind.integer() {
			out.ints[i] += out.ints[i-step]
		} else {
			out.reals[i] += out.reals[i-step]
		}
	}
	return out
}
