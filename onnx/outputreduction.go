package onnx

import (
	"slices"
	"strings"
)

// A reduction is how an output comes of the numbers of all outputs of all examples.
type reduction struct {
	scale         float64
	over          []*node // ReduceMean and ReduceSum, the last one first
	examples, row string  // "mean", "sum", or "": not reduced
}

// peel follows an output back through what reduces and scales it.
func (r *lossReader) peel(name string, by *reduction) string {
	for {
		n := r.makers[name]
		if n == nil || len(n.in) == 0 {
			return name
		}
		switch n.op {
		case "Identity", "Cast", "Squeeze", "Unsqueeze":
			name = n.in[0]
			continue
		case "Reshape":
			if len(by.over) == 0 && !r.reduced(n.in[0]) {
				return name
			}
			name = n.in[0]
			continue
		case "Neg":
			by.scale, name = -by.scale, n.in[0]
			continue
		case "ReduceMean", "ReduceSum":
			by.over, name = append(by.over, n), n.in[0]
			continue
		case "Mul", "Div":
			if len(n.in) != 2 {
				return name
			}
			if c, ok := r.number(n.in[1]); ok && n.op == "Mul" {
				by.scale, name = by.scale*c, n.in[0]
				continue
			} else if ok {
				by.scale, name = by.scale/c, n.in[0]
				continue
			}
			if c, ok := r.number(n.in[0]); ok && n.op == "Mul" {
				by.scale, name = by.scale*c, n.in[1]
				continue
			}
		}
		return name
	}
}

// reduced reports whether a value is one of a reduction, at the end of operators that change no numbers.
func (r *lossReader) reduced(name string) bool {
	n := r.makers[name]
	return n != nil && (strings.HasPrefix(n.op, "Reduce") || strings.HasSuffix(n.op, "Loss"))
}

// constant returns what is a constant of the graph, nil for what is computed.
func (r *lossReader) constant(name string) *tensor {
	for _, t := range r.file.graph.tensors {
		if t.name == name {
			return t
		}
	}
	n := r.makers[name]
	switch {
	case n == nil:
	case n.op == "Constant" && len(n.out) > 0:
		return constant(nil, n).constant
	case slices.Contains([]string{"Cast", "CastLike", "Identity"}, n.op) && len(n.in) > 0:
		return r.constant(n.in[0])
	}
	return nil
}

// number returns a constant of one number.
func (r *lossReader) number(name string) (float64, bool) {
	if t := r.constant(name); t != nil {
		return single(t)
	}
	return 0, false
}

// perOutput returns a constant that has a number for each output of an example.
func (r *lossReader) perOutput(name string) ([]float64, bool) {
	t := r.constant(name)
	if t == nil || t.kind.integer() || t.count() < 2 || len(t.dims) > 2 || t.dims[len(t.dims)-1] != t.count() {
		return nil, false
	}
	all, err := t.floats("")
	if err != nil {
		return nil, false
	}
	if r.outputs != 0 && r.outputs != len(all) {
		failf("it reads constants of %d and of %d numbers", r.outputs, len(all))
	}
	r.outputs = len(all)
	return all, true
}

func single(t *tensor) (float64, bool) {
	if t.count() != 1 {
		return 0, false
	}
	if t.kind.integer() {
		x, err := t.ints("")
		return float64(append(x, 0)[0]), err == nil
	}
	x, err := t.floats("")
	return append(x, 0)[0], err == nil
}

// order finds over what a loss of numbers of that many dimensions is reduced.
func (by *reduction) order(r *lossReader, rank int) {
	if rank == 1 {
		by.row = "mean" // one number for each example
	}
	for _, n := range slices.Backward(by.over) {
		how := map[string]string{"ReduceMean": "mean", "ReduceSum": "sum"}[n.op]
		axes, all := r.axes(n)
		if !all && n.int("keepdims", 1) == 0 && by.examples != "" {
			failf("%v reduces what is left of the examples", n)
		}
		for _, axis := range axes {
			if axis < 0 {
				axis += int64(rank)
			}
			if axis != 0 && !(axis == 1 && rank == 2) {
				failf("%v is over axis %d of numbers of %d dimensions", n, axis, rank)
			}
			all = false
			if axis == 0 {
				by.examples = how
			} else {
				by.row = how
			}
		}
		if !all {
			continue
		}
		if by.examples == "" {
			by.examples = how
		}
		if by.row == "" {
			by.row = how
		}
	}
}

// axes returns those of a reduction, and whether it is over all.
func (r *lossReader) axes(n *node) (axes []int64, all bool) {
	if !n.has(1) {
		axes = n.ints("axes", nil)
		if n.int("noop_with_empty_axes", 0) != 0 {
			failf("%v reduces nothing", n)
		}
		return axes, len(axes) == 0
	}
	for _, t := range r.file.graph.tensors {
		if t.name == n.in[1] {
			x, err := t.ints("")
			if err != nil {
				failf("%v: its axes: %v", n, err)
			}
			return x, false
		}
	}
	if m := r.makers[n.in[1]]; m != nil && m.op == "Constant" && len(m.out) > 0 {
		t := constant(nil, m).constant
		x, err := t.ints("")
		if err == nil {
			return x, false
		}
	}
	failf("the axes of %v are computed", n)
	return nil, false
}
