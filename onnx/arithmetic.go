package onnx

import (
	"math"
	"slices"
)

// wholeOf computes with two integers.
func wholeOf(op string, x, y int64) int64 {
	switch op {
	case "Add":
		return x + y
	case "Sub":
		return x - y
	case "Mul":
		if x != 0 && (x*y/x != y || x == -1 && y == math.MinInt64) {
			failf("%d times %d is too large", x, y)
		}
		return x * y
	case "Max":
		return max(x, y)
	case "Min":
		return min(x, y)
	case "Pow":
		return power(x, y)
	}
	switch {
	case y == 0:
		failf("it divides by 0")
	case op == "Mod" && (x%y < 0) != (y < 0) && x%y != 0:
		return x%y + y
	case op == "Mod", op == "Fmod":
		return x % y
	}
	return x / y
}

// power is x to the power y.
func power(x, y int64) int64 {
	switch {
	case y < 0:
		failf("%d to the power %d is no integer", x, y)
	case -1 <= x && x <= 1: // else the loop ends soon, with a number that is too large
		y = min(y, 2-y%2)
	}
	p := int64(1)
	for range y {
		p = wholeOf("Mul", p, x)
	}
	return p
}

// realOf computes with two real numbers.
func realOf(op string, x, y float64) float64 {
	switch op {
	case "Pow":
		return math.Pow(x, y)
	case "Add":
		return x + y
	case "Sub":
		return x - y
	case "Mul":
		return x * y
	case "Max":
		return max(x, y)
	case "Min":
		return min(x, y)
	case "Mod":
		m := math.Mod(x, y)
		if m != 0 && (m < 0) != (y < 0) {
			m += y
		}
		return m
	case "Fmod":
		return math.Mod(x, y)
	}
	return x / y
}

// multiplied is the product of matrices. Axes before the last two are expanded to each other.
func multiplied(_ *builder, _ *node, in []*array) *array {
	x, y := in[0], in[1]
	u, v := len(x.dims)-2, len(y.dims)-2
	if u < 0 || v < 0 || x.kind.integer() || y.kind.integer() || x.dims[u+1] != y.dims[v] {
		failf("the product of constants of the shapes %s and %s is not supported", sized(x.dims), sized(y.dims))
	}
	lead, rows, inner, cols := common(x.dims[:u], y.dims[:v]), x.dims[u], y.dims[v], y.dims[v+1]
	x = x.expanded(slices.Concat(lead, []int64{rows, inner}))
	y = y.expanded(slices.Concat(lead, []int64{inner, cols}))
	out := newArray(x.kind, slices.Concat(lead, []int64{rows, cols}))
	if int64(out.size())*inner > largest {
		failf("the product of constants of the shapes %s and %s has more than %d terms", sized(x.dims), sized(y.dims), largest)
	}
	for i := range out.reals {
		row, col := int64(i)/cols, int64(i)%cols
		for k := range inner {
			out.reals[i] += x.reals[row*inner+k] * y.reals[(row/rows*inner+k)*cols+col]
		}
	}
	return out
}

// clipped limits each number. The upper limit counts if the two contradict each other.
func clipped(_ *builder, _ *node, in []*array) *array {
	out := in[0]
	for k, op := range []string{"Max", "Min"} {
		if k+1 < len(in) && in[k+1] != nil {
			out = combined(nil, &node{op: op}, []*array{out, in[k+1]})
		}
	}
	return out
}

// totalled is the sum over some axes, or over all if none is given.
func totalled(_ *builder, n *node, in []*array) *array {
	x, rank := in[0], len(in[0].dims)
	summed := slices.Repeat([]bool{len(optional(in, 1)) == 0 && n.int("noop_with_empty_axes", 0) == 0}, rank)
	for _, k := range optional(in, 1) {
		summed[within(k, rank)] = true
	}
	dims, kept := slices.Clone(x.dims), []int64{}
	for k := range dims {
		if summed[k] {
			dims[k] = 1
		}
		if !summed[k] || n.int("keepdims", 1) != 0 {
			kept = append(kept, dims[k])
		}
	}
	out, own, place := newArray(x.kind, dims), strides(dims), strides(x.dims)
	for i := range x.size() {
		at := int64(0)
		for k, step := range own {
			at += int64(i) / place[k] % x.dims[k] % dims[k] * step
		}
		if x.kind.integer() {
			out.ints[at] += x.ints[i]
		} else {
			out.reals[at] += x.reals[i]
		}
	}
	return out.shaped(kept)
}

// normed is the root of the sum of squares over some axes, or over all if none is given.
func normed(b *builder, n *node, in []*array) *array {
	if in[0].kind.integer() {
		failf("norms of integers are not supported")
	}
	squares := newArray(in[0].kind, in[0].dims)
	for i, x := range in[0].reals {
		squares.reals[i] = x * x
	}
	out := totalled(b, n, append([]*array{squares}, in[1:]...))
	for i, x := range out.reals {
		out.reals[i] = math.Sqrt(x)
	}
	return out
}
