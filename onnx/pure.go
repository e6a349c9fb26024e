package onnx

import (
	"math"
)

// pure are the operators that are computed on constants.
var pure map[string]func(b *builder, n *node, in []*array) *array

func makePure() {
	pure = map[string]func(b *builder, n *node, in []*array) *array{
		"Cast":     func(_ *builder, n *node, in []*array) *array { return in[0].as(kind(n.int("to", 0))) },
		"CastLike": func(_ *builder, _ *node, in []*array) *array { return in[0].as(in[1].kind) },
		"Identity": func(_ *builder, _ *node, in []*array) *array { return in[0] },
		"Where":    chosen,
		"Not":      eachTruth(func(x float64) bool { return x == 0 }),
		"IsNaN":    eachTruth(func(x float64) bool { return x != x }),
		"Expand": func(_ *builder, _ *node, in []*array) *array {
			return in[0].expanded(common(in[0].dims, in[1].whole()))
		},
		"Tile": func(_ *builder, _ *node, in []*array) *array { return in[0].tiled(in[1].whole()) },
		"Reshape": func(_ *builder, n *node, in []*array) *array {
			return in[0].shaped(reshapedDims(in[0].dims, in[1].whole(), n.int("allowzero", 0) != 0))
		},
		"Squeeze": func(_ *builder, _ *node, in []*array) *array {
			return in[0].shaped(squeezedDims(in[0].dims, optional(in, 1)))
		},
		"Unsqueeze": func(_ *builder, _ *node, in []*array) *array {
			return in[0].shaped(unsqueezedDims(in[0].dims, in[1].whole()))
		},
		"MatMul": multiplied, "Flatten": flattened, "Concat": joined, "Slice": cut, "Gather": gathered, "GatherND": gatheredND, "GatherElements": gatheredElements,
		"Transpose": turned, "Trilu": triangle, "Range": counted, "ConstantOfShape": filled, "CumSum": summed,
		"ReduceSum": totalled, "ReduceL2": normed, "ScatterND": scattered, "Clip": clipped, "Pad": padded,
		"Shape": func(_ *builder, n *node, in []*array) *array { return shapeArray(n, in[0].dims) },
	}
	for _, op := range []string{"Add", "Sub", "Mul", "Div", "Pow", "Mod", "Max", "Min"} {
		pure[op] = combined
	}
	for op, f := range truths {
		pure[op] = compared(f)
	}
	for op := range functions {
		if pure[op] == nil {
			pure[op] = mapped
		}
	}
}

// truths are the operators with a truth value of two numbers.
var truths = map[string]func(x, y float64) bool{
	"Equal":          func(x, y float64) bool { return x == y },
	"Less":           func(x, y float64) bool { return x < y },
	"LessOrEqual":    func(x, y float64) bool { return x <= y },
	"Greater":        func(x, y float64) bool { return x > y },
	"GreaterOrEqual": func(x, y float64) bool { return x >= y },
	"And":            func(x, y float64) bool { return x != 0 && y != 0 },
	"Or":             func(x, y float64) bool { return x != 0 || y != 0 },
	"Xor":            func(x, y float64) bool { return (x != 0) != (y != 0) },
}

// compute applies an operator to arrays. Those that a node has not are nil.
func (b *builder) compute(n *node, in []*array) *array {
	f, ok := pure[n.op]
	if !ok {
		failf("it is not supported on constants")
	}
	least := map[string]int{"Where": 3, "Range": 3, "CastLike": 2, "Expand": 2, "Tile": 2, "Reshape": 2, "Unsqueeze": 2, "Gather": 2,
		"Pad": 2, "GatherND": 2, "MatMul": 2, "GatherElements": 2, "CumSum": 2, "Slice": 3, "ScatterND": 3}[n.op]
	if _, two := truths[n.op]; two {
		least = 2
	}
	for k := range max(1, least) {
		if k >= len(in) || in[k] == nil {
			failf("it has no input %d", k)
		}
	}
	return f(b, n, in)
}

// whole returns integers.
func (a *array) whole() []int64 {
	if !a.kind.integer() {
		failf("it reads numbers of %v where integers are wanted", a.kind)
	}
	return a.ints
}

// number returns the only integer.
func (a *array) number() int64 {
	if x := a.whole(); len(x) == 1 {
		return x[0]
	}
	failf("it reads a constant of the shape %s where one number is wanted", sized(a.dims))
	return 0
}

// optional returns the integers of input k, nil if there is none.
func optional(in []*array, k int) []int64 {
	if k < len(in) && in[k] != nil {
		return in[k].whole()
	}
	return nil
}

// shaped returns the same numbers in another shape.
func (a *array) shaped(dims []int64) *array {
	out := *a
	out.dims = dims
	return &out
}

// combined is an operator on two numbers, or on several.
func combined(_ *builder, n *node, in []*array) *array {
	out, op := in[0], n.op
	if op == "Mod" && n.int("fmod", 0) != 0 { // the sign is that of the first number
		op = "Fmod"
	}
	for _, y := range in[1:] {
		dims := common(out.dims, y.dims)
		x := out.expanded(dims)
		y = y.expanded(dims)
		k := x.kind // that of the result
		if k.integer() != y.kind.integer() {
			if op != "Pow" {
				failf("it computes with numbers of %v and of %v", k, y.kind)
			}
			x, y = x.as(float64s), y.as(float64s)
		}
		out = newArray(x.kind, dims)
		for i := range out.ints {
			out.ints[i] = wholeOf(op, x.ints[i], y.ints[i])
		}
		for i := range out.reals {
			out.reals[i] = realOf(op, x.reals[i], y.reals[i])
		}
		if out.kind != k {
			out = out.as(k)
		}
	}
	return out
}

// compared is a truth value of two numbers.
func compared(f func(x, y float64) bool) func(*builder, *node, []*array) *array {
	return func(_ *builder, _ *node, in []*array) *array {
		dims := common(in[0].dims, in[1].dims)
		x, y := in[0].expanded(dims), in[1].expanded(dims)
		out := newArray(bools, dims)
		for i := range out.ints {
			if f(x.real(i), y.real(i)) {
				out.ints[i] = 1
			}
		}
		return out
	}
}

// eachTruth is a truth value of each number.
func eachTruth(f func(x float64) bool) func(*builder, *node, []*array) *array {
	return func(_ *builder, _ *node, in []*array) *array {
		out := newArray(bools, in[0].dims)
		for i := range out.ints {
			if f(in[0].real(i)) {
				out.ints[i] = 1
			}
		}
		return out
	}
}

// mapped is a function of each number.
func mapped(b *builder, n *node, in []*array) *array {
	f, out := functions[n.op](b, n), newArray(in[0].kind, in[0].dims)
	for i := range out.reals {
		out.reals[i] = f(jet{v: in[0].reals[i]}).v
	}
	for i := range out.ints {
		y := f(jet{v: float64(in[0].ints[i])}).v
		if y != math.Trunc(y) || math.Abs(y) > 1<<53 {
			failf("it makes %v of the integer %d", y, in[0].ints[i])
		}
		out.ints[i] = int64(y)
	}
	return out
}

// chosen takes each number from one of two arrays.
func chosen(_ *builder, _ *node, in []*array) *array {
	dims := common(in[0].dims, in[1].dims, in[2].dims)
	which, x, y := in[0].expanded(dims), in[1].expanded(dims), in[2].expanded(dims)
	out := newArray(x.kind, dims)
	if x.kind.integer() != y.kind.integer() {
		failf("it chooses from numbers of %v and of %v", x.kind, y.kind)
	}
	for i := range out.size() {
		if which.real(i) != 0 {
			out.copy(i, x, i)
		} else {
			out.copy(i, y, i)
		}
	}
	return out
}

// triangle keeps the numbers on one side of a diagonal.
func triangle(_ *builder, n *node, in []*array) *array {
	k := int64(0)
	if len(in) > 1 && in[1] != nil {
		k = in[1].number()
	}
	x, rank := in[0], len(in[0].dims)
	if rank < 2 {
		failf("it reads a constant of the shape %s, and no matrix", sized(x.dims))
	}
	out, rows, cols := newArray(x.kind, x.dims), x.dims[rank-2], x.dims[rank-1]
	for i := range out.size() {
		row, col := int64(i)/cols%rows, int64(i)%cols
		if upper := n.int("upper", 1) != 0; upper && col-row >= k || !upper && col-row <= k {
			out.copy(i, x, i)
		}
	}
	return out
}
