package onnx

import (
	"cmp"
	"slices"
)

// A deferred value is one that depends on the size of the batch, on an input which is a mask or on which of the tokens
// are equal to a constant, and on nothing else that is not constant. It is computed for examples that are made up, when it is known what
// it is there for.
type deferred struct {
	node   *node   // that makes it; nil: it is an input
	mask   string  // the input that it depends on, a mask or tokens; "": none
	kind   kind    // of an input
	extent []int64 // if it is known: that of an input, and of what has as many numbers
	depth  int     // of nodes
}

// deepest is how many nodes may follow each other in a deferred value.
const deepest = 1000

// deferring returns the output of a node as a deferred value, nil if it is none.
func (b *builder) deferring(n *node) *deferred {
	if _, ok := pure[n.op]; !ok || b.tableOf(n) >= 0 {
		return nil
	}
	d, found := &deferred{node: n}, b.sizedByBatch(n)
	for k := range n.in {
		if !n.has(k) {
			continue
		}
		v := b.values[n.in[k]]
		switch {
		case v.deferred != nil:
			found, d.depth = true, max(d.depth, v.deferred.depth+1)
			d.dependsOn(v.mask)
		case comparison(n, v):
			found = true
			d.dependsOn(v.tokens)
			d.extent = []int64{batchSize, int64(v.shape().T)}
		case v.constant == nil:
			return nil
		}
	}
	if d.depth > deepest {
		failf("it is the last of more than %d nodes that compute a mask", deepest)
	}
	if !found || b.picksRows(n) || d.mask == "" && n.op == "Shape" {
		return nil
	}
	if first := b.values[n.in[0]].deferred; first != nil {
		switch n.op {
		case "Shape":
			if first.extent != nil {
				return nil
			}
		case "Cast", "Identity", "Not":
			d.extent = first.extent
		}
	}
	for _, name := range n.in {
		b.pinned[name] = true
	}
	return d
}

// dependsOn notes an input that the value depends on; "": none.
func (d *deferred) dependsOn(input string) {
	if d.mask != "" && input != "" && d.mask != input {
		failf("it depends on the two inputs %q and %q", d.mask, input)
	}
	d.mask = cmp.Or(d.mask, input)
}

// picksRows reports whether a node picks rows of a weight.
func (b *builder) picksRows(n *node) bool {
	from := b.values[n.in[0]].constant
	return n.op == "Gather" && from != nil && !from.made && !from.kind.integer() && len(from.dims) == 2
}

// sizedByBatch reports whether a node of constants makes something as large as the batch.
func (b *builder) sizedByBatch(n *node) bool {
	at := map[string]int{"Range": 1, "Expand": 1, "Tile": 1, "ConstantOfShape": 0}
	k, ok := at[n.op]
	if !ok || !n.has(k) {
		return false
	}
	t, first := b.values[n.in[k]].constant, b.values[n.in[0]].constant
	if t == nil || first == nil || !t.kind.integer() {
		return false
	}
	dims := b.ints(t)
	if slices.ContainsFunc(dims, func(d int64) bool { return d >= batchSize && d%batchSize == 0 }) {
		return true
	}
	// A graph that was exported for some examples repeats a weight for each of them.
	return (n.op == "Expand" || n.op == "Tile") && len(dims) == 3 && dims[0] == b.batch && dims[1] == 1 && len(first.dims) == 3 && first.count() == first.dims[2] && !first.made && !first.kind.integer()
}

// An evaluation computes deferred values for a batch of some size, with masks that are made up.
type evaluation struct {
	*builder
	batch int64
	mask  *array
	done  map[string]*array // values that several nodes read
}

// evaluation returns the one for a batch and a mask: one of the last two if it is the same, since all layers of a network
// read one mask.
func (b *builder) evaluation(batch int64, mask *array) *evaluation {
	for _, e := range b.last {
		if e.batch == batch && (e.mask == nil) == (mask == nil) && (mask == nil || e.mask.equals(mask)) {
			return e
		}
	}
	e := &evaluation{b, batch, mask, map[string]*array{}}
	b.last = append(b.last[max(0, len(b.last)-1):], e)
	return e
}

func (e *evaluation) deferred(d *deferred) *array {
	if d.node == nil {
		return e.made(d.mask)
	}
	in := make([]*array, len(d.node.in))
	for k, name := range d.node.in {
		if d.node.has(k) {
			in[k] = e.named(name)
		}
	}
	return e.compute(d.node, in)
}

// made returns the input that was made up.
func (e *evaluation) made(input string) *array {
	if e.mask == nil {
		failf("it depends on the input %q", input)
	}
	return e.mask
}

func (e *evaluation) named(name string) *array {
	if a, ok := e.done[name]; ok {
		return a
	}
	v := e.values[name]
	var a *array
	switch {
	case v.deferred != nil:
		a = e.deferred(v.deferred)
	case v.activation != nil:
		a = e.made(v.tokens)
	default:
		a = e.array(v.constant)
		if v.constant.made && a.kind == int64s {
			a = e.scaled(a)
		}
	}
	if e.uses[name] > 1 {
		e.done[name] = a
	}
	return a
}

// scaled replaces the size of the batch in shapes by that of the evaluation.
func (e *evaluation) scaled(a *array) *array {
	out := &array{kind: a.kind, dims: a.dims, ints: slices.Clone(a.ints)}
	for i, d := range out.ints {
		if d >= batchSize && d%batchSize == 0 {
			out.ints[i] = d / batchSize * e.batch
		}
	}
	return out
}

// someExamples is how many examples are made up to learn what a deferred value is.
func (b *builder) someExamples() int64 {
	if b.batch > 0 {
		return b.batch
	}
	return 3
}

// forEach returns what a deferred value without a mask is for one example, if it is the same for
// all of them: an array without the axis of the batch, or with one of length 1.
func (b *builder) forEach(d *deferred) *array {
	n := max(2, b.batch)
	return b.same(b.evaluation(n, nil).deferred(d), n)
}

// same returns what an array is for one of n examples, if it is the same for all of them.
func (b *builder) same(a *array, n int64) *array {
	if len(a.dims) == 0 || a.dims[0] != n {
		return a
	}
	dims := slices.Clone(a.dims)
	dims[0] = 1
	one := a.taken(dims, strides(a.dims), 0)
	for i := range a.size() {
		if a.real(i) != one.real(i%one.size()) {
			failf("its input differs from example to example, and depends on no input")
		}
	}
	return one
}

// deferredDims returns the shape of a deferred value without a mask, with batchSize for the batch.
func (b *builder) deferredDims(d *deferred) []int64 {
	n := b.someExamples()
	few, more := b.evaluation(n, nil).deferred(d).dims, b.evaluation(n+1, nil).deferred(d).dims
	dims := slices.Clone(few)
	for k := range dims {
		switch {
		case len(more) != len(few):
			failf("the number of its axes depends on that of the examples")
		case few[k] == more[k]:
		case few[k]%n == 0 && more[k] == few[k]/n*(n+1):
			dims[k] = few[k] / n * batchSize
		default:
			failf("its shape depends on the number of examples in another way than as a multiple of it")
		}
	}
	return dims
}
