package onnx

import "math"

// arithmetic computes with two constants of the same shape, or of one number.
func (b *builder) arithmetic(n *node, in []*tensor) *tensor {
	if len(in) != 2 {
		failf("it has %d inputs", len(in))
	}
	x, y := in[0], in[1]
	if x.count() == 1 && y.count() > 1 {
		x = y
	}
	if in[0].count() != in[1].count() && min(in[0].count(), in[1].count()) != 1 {
		failf("the shapes %v and %v do not fit", in[0].dims, in[1].dims)
	}
	size := int(x.count())
	if n.op == "Pow" && in[0].kind.integer() {
		failf("powers of integers are not supported")
	}
	if in[0].kind.integer() && in[1].kind.integer() {
		out := make([]int64, size)
		u, v := b.ints(in[0]), b.ints(in[1])
		for i := range out {
			out[i] = wholeOf(n.op, u[i%len(u)], v[i%len(v)])
		}
		return integers(n.out[0], x.dims, out)
	}
	out := make([]float64, size)
	u, v := b.floats(in[0]), b.floats(in[1])
	for i := range out {
		out[i] = realOf(n.op, u[i%len(u)], v[i%len(v)])
	}
	return reals(n.out[0], x.dims, out)
}

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
	}
	if y == 0 {
		failf("it divides by 0")
	}
	return x / y
}

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
	}
	return x / y
}
