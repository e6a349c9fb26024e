package nn

// A binding is a node's view of the plan while it is compiled.
type binding struct {
	plan *Plan
	id   int
	node node
}

// out returns the node's output.
func (b *binding) out() arg { return newArg(b.plan, b.id) }

// in returns the node's k-th input.
func (b *binding) in(k int) arg { return newArg(b.plan, b.node.in[k]) }

// accumulates reports whether the node must add to the adjoint of its k-th
// input, because a later node has written there before.
func (b *binding) accumulates(k int) bool {
	in := b.node.in[k]
	for _, other := range b.node.in[:k] {
		if other == in {
			return true
		}
	}
	return b.plan.lastUser[in] != b.id
}

// absorbReLU reports whether the only reader of the node's output is a ReLU that
// works in place, and leaves that ReLU to the node: it compiles to no phases.
// The node then has to
//
//   - write max(y, 0) in the value lane,
//   - write ẏ = 0 where y ≤ 0 in the tangent lane, where mustMaskTangents says that
//     the reader does not see to it,
//   - set the lane l of its output that adjoint(l) reads to 0 where y ≤ 0, in
//     place and before anything else reads it, where mustMask says that no
//     reader has done so; the rules of the second order and of the examples
//     read it later,
//
// to the same bits as tensor.ReLU and tensor.Mask after its own rules would.
func (b *binding) absorbReLU() bool {
	reader := b.plan.lastUser[b.id]
	_, relu := b.plan.net.nodes[reader].op.(ReLU)
	b.plan.absorbed[reader] = relu && b.plan.inPlace(reader)
	return b.plan.absorbed[reader]
}

// inPlace reports whether the node's output is in its first input's buffers.
func (b *binding) inPlace() bool { return b.plan.inPlace(b.id) }

// masks reports whether the node's input is that of an absorbed ReLU which nothing
// else reads, and undertakes that the node sets to 0 what it writes to x̄ where
// x ≤ 0, in all lanes: then the operation that absorbed the ReLU need not.
func (b *binding) masks() bool {
	in := b.node.in[0]
	ok := b.plan.absorbed[in] && b.plan.net.nodes[in].uses == 1
	b.plan.masked[in] = ok
	return ok
}

// hides undertakes, where masks has said true, that the node takes no tangent of x
// where x ≤ 0, either.
func (b *binding) hides() { b.plan.hidden[b.node.in[0]] = true }

// absorbed reports whether the node's input does the node's work.
func (b *binding) absorbed() bool { return b.plan.absorbed[b.id] }

// param returns the node's k-th parameter within a flat vector.
func (b *binding) param(k int) span {
	p := b.node.params[k]
	return span{p.Offset, p.Offset + p.Size()}
}

// index asks for a byte for each output number on each tape, and returns its
// number.
func (b *binding) index() int {
	n := &b.plan.need
	n.index = append(n.index, b.node.shape.Size()*b.plan.settings.Batch)
	return len(n.index) - 1
}

// stats asks for float64 numbers on each tape, and returns their number.
func (b *binding) stats(size int) int {
	n := &b.plan.need
	n.stats = append(n.stats, size)
	return len(n.stats) - 1
}

// scratch asks for numbers for each worker.
func (b *binding) scratch(size int) {
	b.plan.need.scratch = max(b.plan.need.scratch, size)
}

// owns counts memory that the operation allocates for itself.
func (b *binding) owns(bytes int64) { b.plan.need.bytes += bytes }

// later leaves to f what need not be allocated to know the plan's size.
func (b *binding) later(f func()) { b.plan.need.later = append(b.plan.need.later, f) }

// local returns a phase that runs f on the examples of each strip.
func (b *binding) local(f func(lo, hi, shard, worker int)) phase { return phase{local: f} }

// global returns a phase with a fixed number of tasks.
func (b *binding) global(tasks int, f func(task, worker int)) phase {
	return phase{tasks: func() int { return tasks }, run: f}
}

// A span is a range of a flat parameter vector.
type span struct{ lo, hi int }

func (s span) of(v []float32) []float32 { return v[s.lo:s.hi] }

// An arg is an activation that an operation reads or writes.
type arg struct {
	plan   *Plan
	id     int
	size   int // numbers in an example
	shape  Shape
	active bool // depends on parameters: has tangents and adjoints
}

func newArg(p *Plan, id int) arg {
	nd := p.net.nodes[id]
	return arg{p, id, nd.shape.Size(), nd.shape, nd.active}
}

// rows returns examples lo … hi-1: within a local phase those of its strip.
func (a arg) rows(l lane, lo, hi int) []float32 {
	return a.plan.rows(l, a.id, lo, hi)
}

// all returns the whole current batch.
func (a arg) all(l lane) []float32 { return a.rows(l, 0, a.plan.cur.n) }

// example returns one example.
func (a arg) example(l lane, i int) []float32 { return a.rows(l, i, i+1) }
