package nn

import "slices"

// A binding is what an operation sees of the plan while it is compiled.
type binding struct {
	plan *Plan
	id   int
	node node
}

// out returns the node's output.
func (b *binding) out() arg { return newArg(b.plan, b.id) }

// part returns the node's k-th further activation.
func (b *binding) part(k int) arg { return newArg(b.plan, b.node.parts[k]) }

// seeded reports whether the adjoint of an activation has been written, by an operation
// that reads it or by a loss, before the node's own adjoint rule runs.
func (b *binding) seeded(a arg) bool { return b.plan.net.nodes[a.id].uses > 0 || b.plan.isOutput(a.id) }

// in returns the node's k-th input.
func (b *binding) in(k int) arg { return newArg(b.plan, b.node.in[k]) }

// input returns the number of the network's input that the node's k-th input is.
func (b *binding) input(k int) int { return slices.Index(b.plan.net.inputs, b.node.in[k]) }

// accumulates reports whether the node must add to the adjoint of its k-th input,
// because a later node or a loss has written it before.
func (b *binding) accumulates(k int) bool {
	in := b.node.in[k]
	for _, other := range b.node.in[:k] {
		if other == in {
			return true
		}
	}
	return b.plan.fusions[in].lastReader != b.id || b.plan.isOutput(in)
}

// fusion returns how the node is fused with its neighbours.
func (b *binding) fusion() fusion { return b.plan.fusions[b.id] }

// param returns the node's k-th parameter within a flat vector.
func (b *binding) param(k int) span {
	p := b.node.params[k]
	s := span{plan: b.plan, lo: p.Offset, hi: p.Offset + p.Size(), frozen: p.Frozen, shared: b.plan.sharing.adds[b.id] != nil && b.plan.sharing.adds[b.id][k]}
	if p.view > 0 {
		s.view = &b.plan.net.views[p.view-1]
	}
	return s
}

// index asks for a byte for each output number on each tape, and returns the index of
// that memory.
func (b *binding) index() int {
	n := &b.plan.need
	n.index = append(n.index, b.node.shape.Size())
	return len(n.index) - 1
}

// stats asks for float64 numbers on each tape, and returns the index of that memory.
func (b *binding) stats(size int) int {
	n := &b.plan.need
	n.stats = append(n.stats, size)
	return len(n.stats) - 1
}

// scratch asks for that many numbers of scratch for each worker.
func (b *binding) scratch(size int) {
	b.plan.need.scratch = max(b.plan.need.scratch, size)
}

// owns counts memory that the operation allocates itself.
func (b *binding) owns(bytes int64) { b.plan.need.bytes += bytes }

// later defers to f all allocation that is not needed to know the plan's size.
func (b *binding) later(f func()) { b.plan.need.later = append(b.plan.need.later, f) }

// local returns a phase that runs f on the examples of each strip.
func (b *binding) local(f func(lo, hi, shard, worker int)) phase { return phase{local: f} }

// global returns a phase with a fixed number of tasks.
func (b *binding) global(tasks int, f func(task, worker int)) phase {
	return phase{tasks: func() int { return tasks }, run: f}
}

// A span is where a parameter lies in a flat vector, in that of the views or in that of what is frozen.
type span struct {
	plan   *Plan
	lo, hi int
	shared bool  // an earlier operation has written its gradient
	view   *view // nil: it is none
	frozen bool
}

func (s span) of(v vector) []float32 {
	switch {
	case s.view != nil:
		return v.viewed[s.lo:s.hi]
	case s.frozen:
		return v.frozen[s.lo:s.hi]
	}
	return v.own[s.lo:s.hi]
}

// part returns the numbers lo … hi−1 of the parameter.
func (s span) part(lo, hi int) span {
	s.lo, s.hi = s.lo+lo, s.lo+hi
	return s
}

// in returns the numbers of running statistics in the state vector.
func (s span) in(state []float32) []float32 { return state[s.lo:s.hi] }

// acc reports whether the gradient is added to dst.
func (s span) acc() bool { return s.shared || s.plan.acc && s.view == nil && !s.frozen }

// sumRows sets the gradient of the parameter to the sum of the rows of y in a lane, or adds
// it: the gradient of a bias.
func (s span) sumRows(y arg, l lane) {
	dst := s.of(s.plan.dst)
	if !s.acc() {
		clear(dst)
	}
	addColumns(dst, y.all(l))
}

// places sets dst to the places in the flat vector of the consecutive numbers that begin with at.
func (s span) places(dst []int, at int) {
	for j := range dst {
		dst[j] = s.place(at + j)
	}
}

// place returns the place in the flat vector of number i, −1 if it is frozen.
func (s span) place(i int) int {
	switch {
	case s.frozen || s.view != nil && s.view.of.Frozen:
		return -1
	case s.view != nil:
		return s.view.of.Offset + int(s.view.index[s.lo-s.view.Offset+i])
	}
	return s.lo + i
}

// An arg is an activation that an operation reads or writes.
type arg struct {
	plan   *Plan
	id     int
	size   int // numbers in an example
	shape  Shape
	active bool // depends on parameters: has tangents and adjoints
	time   axis
}

func newArg(p *Plan, id int) arg {
	nd := p.net.nodes[id]
	return arg{p, id, nd.shape.Size(), nd.shape, nd.active, nd.time}
}

// rows returns examples lo … hi-1, which in a local phase are those of its strip.
func (a arg) rows(l lane, lo, hi int) []float32 {
	return a.plan.rows(l, a.id, lo, hi)
}

// all returns the whole current batch.
func (a arg) all(l lane) []float32 { return a.rows(l, 0, a.plan.cur.n) }

// steps returns the length of example i's sequence.
func (a arg) steps(i int) int { return a.time.steps(a.plan.cur.in, i, a.shape.Steps()) }

// example returns one example.
func (a arg) example(l lane, i int) []float32 { return a.rows(l, i, i+1) }
