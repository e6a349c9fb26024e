package nn

import (
	"fmt"

	"breakeven/tensor"
)

// batchData is what a tape keeps of its batch besides activations: copies of integers,
// lengths and targets.
type batchData struct {
	in     []Values // without float numbers
	target []Target // weights by row
}

// newBatchData allocates it for n examples.
func (p *Plan) newBatchData(n int) batchData {
	var h batchData
	for _, in := range p.net.Inputs() {
		v := Values{}
		if in.Below > 0 {
			v.I = make([]int32, 0, n*in.Shape.Size())
		}
		if in.Shape.T > 0 {
			v.Steps = make([]int32, 0, n)
		}
		h.in = append(h.in, v)
	}
	for _, d := range p.heads {
		rows := n * d.rows
		t := Target{Vector: make([]float32, 0, rows*d.width), Weight: make([]float32, 0, rows)}
		if d.classes > 0 {
			t.Labels = make([]int32, 0, rows)
		}
		h.target = append(h.target, t)
	}
	return h
}

// batchBytes returns the bytes of a batchData for n examples, and of losses and their memos.
func (p *Plan) batchBytes(n int) int64 {
	numbers := 2 // float64 losses
	for _, in := range p.net.Inputs() {
		if in.Below > 0 {
			numbers += in.Shape.Size()
		}
		if in.Shape.T > 0 {
			numbers++
		}
	}
	for _, d := range p.heads {
		numbers += d.out.size + d.rows*(1+d.width)
		if d.classes > 0 {
			numbers += d.rows
		}
	}
	return 4 * int64(numbers) * int64(n)
}

// set copies a batch to the tape.
func (t *tape) set(b Batch, heads []head) {
	for k, v := range b.In {
		own := &t.own.in[k]
		t.in[k] = Values{I: refill(&own.I, v.I), Steps: refill(&own.Steps, v.Steps), Sparse: v.Sparse}
	}
	t.setTargets(b, heads)
}

// setTargets copies the targets of a batch.
func (t *tape) setTargets(b Batch, heads []head) {
	for k := range t.target {
		t.target[k] = Target{}
		if k >= len(b.Target) {
			continue
		}
		own, x := &t.own.target[k], b.Target[k]
		t.target[k] = Target{Labels: refill(&own.Labels, x.Labels), Vector: refill(&own.Vector, x.Vector), Padded: x.Padded}
		switch rows := heads[k].rows; {
		case b.Nodes != nil:
			t.target[k].Weight = x.among(own.Weight[:0], b)
		case len(x.Weight) == b.N && rows > 1:
			t.target[k].Weight = spread(own.Weight[:0], x.Weight, rows)
		default:
			t.target[k].Weight = refill(&own.Weight, x.Weight)
		}
	}
}

// among appends the weight of each node: 0 unless it is one of those that count.
func (t Target) among(dst []float32, b Batch) []float32 {
	dst = dst[:b.N]
	clear(dst)
	for _, node := range b.Nodes {
		dst[node] = 1
		if t.Weight != nil {
			dst[node] = t.Weight[node]
		}
	}
	return dst
}

// refill copies x into the memory of own and returns the copy, or nil for nil.
func refill[T any](own *[]T, x []T) []T {
	if x == nil {
		return nil
	}
	*own = append((*own)[:0], x...)
	return *own
}

// checkBatch panics unless a batch fits the plan.
func (p *Plan) checkBatch(b Batch) {
	if b.N < 1 || b.N > p.cur.most || len(b.In) != len(p.net.inputs) {
		panic(fmt.Sprintf("nn: batch of %d examples with %d inputs for a tape for %d and %d inputs", b.N, len(b.In), p.cur.most, len(p.net.inputs)))
	}
	for k, v := range b.In {
		p.checkInput(k, v, b.N)
	}
	p.checkTargets(b)
	p.checkGraph(b)
}

// checkGraph panics unless the graph of a batch fits the plan.
func (p *Plan) checkGraph(b Batch) {
	switch {
	case p.onGraph && b.Graph == nil:
		panic("nn: an operation reads a graph, and the batch has none")
	case b.Graph != nil && b.Graph.Nodes() != b.N:
		panic(fmt.Sprintf("nn: batch of %d examples on a graph of %d nodes", b.N, b.Graph.Nodes()))
	case b.Nodes != nil && (b.Graph == nil || p.lossRows > 1):
		panic("nn: the nodes that count are chosen, and the batch has no graph, or an output is a sequence")
	}
	for _, node := range b.Nodes {
		if node < 0 || int(node) >= b.N {
			panic(fmt.Sprintf("nn: node %d of %d", node, b.N))
		}
	}
}

// checkInput panics unless values fit input k for n examples.
func (p *Plan) checkInput(k int, v Values, n int) {
	nd := &p.net.nodes[p.net.inputs[k]]
	numbers, integers := n*nd.shape.Size(), 0
	switch {
	case nd.sparse:
		if m := v.Sparse; m == nil || m.Rows != n || m.Cols != numbers/n {
			panic(fmt.Sprintf("nn: input %q needs a sparse matrix of %d rows and %d columns", nd.name, n, numbers/n))
		}
		numbers = 0
	case nd.below > 0:
		numbers, integers = integers, numbers
	}
	if len(v.F) != numbers || len(v.I) != integers || v.Steps != nil && (nd.shape.T == 0 || len(v.Steps) != n) {
		panic(fmt.Sprintf("nn: input %q has %d numbers, %d integers and %d lengths for %d examples of %v: want %d, %d and, of sequences, %d or none",
			nd.name, len(v.F), len(v.I), len(v.Steps), n, nd.shape, numbers, integers, n))
	}
	for at, i := range v.I {
		if i < 0 || int(i) >= nd.below {
			panic(fmt.Sprintf("nn: input %q has %d at place %d: want 0 to %d", nd.name, i, at, nd.below-1))
		}
	}
	for i, steps := range v.Steps {
		if steps < 0 || int(steps) > nd.shape.T {
			panic(fmt.Sprintf("nn: input %q: example %d has %d steps of %d", nd.name, i, steps, nd.shape.T))
		}
	}
}

// Forward reads a batch onto the current tape and computes the network and its loss.
func (p *Plan) Forward(b Batch) Eval {
	p.checkBatch(b)
	if p.theta.own == nil && p.net.dim > 0 {
		panic("nn: no parameters: SetParams comes first")
	}
	p.mustHaveMasks()
	p.masks.first = b.First
	t := p.cur
	t.n, t.values, t.adjoints = b.N, p.params, 0
	t.graph, t.counted = b.Graph, b.Len()
	t.set(b, p.heads)
	p.reading = b.In
	p.run(p.forwardPass)
	p.reading = nil
	return p.evalLosses()
}

// evalLosses computes the losses of the current batch.
func (p *Plan) evalLosses() Eval {
	p.overLosses(p.valueTask)
	e := Eval{Examples: p.cur.counted}
	for _, loss := range p.cur.loss[:p.cur.n] {
		e.Loss += loss
	}
	return e
}

// Retarget gives the current batch other targets, and weights, and computes their losses. The
// values of the network stay; all examples count. Adjoints on the tape are lost.
func (p *Plan) Retarget(targets []Target) Eval {
	p.mustHaveValues()
	b := Batch{N: p.cur.n, Target: targets}
	p.checkTargets(b)
	p.cur.adjoints, p.cur.counted = 0, b.N
	p.cur.setTargets(b, p.heads)
	return p.evalLosses()
}

// checkTargets panics unless the targets of a batch fit the plan.
func (p *Plan) checkTargets(b Batch) {
	if len(b.Target) > len(p.heads) {
		panic(fmt.Sprintf("nn: %d targets for %d outputs", len(b.Target), len(p.heads)))
	}
	for k, t := range b.Target {
		p.heads[k].checkTarget(t, b.N)
	}
}

// read returns the phases that copy float inputs to the tape, from C, H, W to H, W, C.
func (p *Plan) read() []phase {
	var all []phase
	for k, id := range p.net.inputs {
		if !p.net.nodes[id].dense() {
			continue
		}
		x := newArg(p, id)
		pixels, c := x.shape.H*x.shape.W, x.shape.C
		all = append(all, phase{node: id, local: func(lo, hi, _, _ int) {
			from := p.reading[k].F[lo*x.size : hi*x.size]
			to := x.rows(values, lo, hi)
			if pixels == 1 || c == 1 {
				copy(to, from)
				return
			}
			for at := 0; at < len(to); at += pixels * c {
				tensor.Transpose(to[at:at+pixels*c], from[at:at+pixels*c], c, pixels)
			}
		}})
	}
	return all
}
