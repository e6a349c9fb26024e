package nn

import "breakeven/tensor"

// A lane is one of the four numbers that each activation can have.
type lane int

const (
	values     lane = iota
	adjoints        // ȳ that is kept on the tape
	tangents        // ẏ
	cotangents      // what a backward pass propagates: ȳ, or its tangent
)

// A tape holds the results of the passes over one batch.
type tape struct {
	n        int     // examples
	counted  int     // those that count: see Batch.Len
	most     int     // examples that there is memory for
	values   int     // number of the parameters of the values: see Plan.params
	adjoints int     // the same of the adjoints; 0: there are none
	scale    float64 // of the adjoints
	buf      [2][][]float32
	index    [][]uint8   // of max-pooling
	stats    [][]float64 // of batch norm
	in       []Values    // integers, lengths and sparse matrices
	graph    *Graph      // of the batch
	target   []Target    // by output, weights by row
	own      batchData   // memory of these
	memo     [][]float32 // by output: of the loss, for each number
	loss     []float64   // per example
}

// A layout is the memory that operations ask for while they are compiled.
type layout struct {
	index    []int    // bytes per tape and example
	stats    []int    // numbers per tape
	scratch  int      // numbers per worker
	reserved int      // of cotangents that stay 0, per example of a batch
	whole    int      // of these and of all slots for a batch, per example
	strip    int      // of all slots for a strip, per example and worker
	bytes    int64    // allocated by operations themselves
	later    []func() // allocates them
}

// has reports whether a node has a lane.
func (p *Plan) has(l lane, id int) bool {
	switch {
	case !p.net.nodes[id].dense():
		return false
	case l == values:
		return true
	case p.settings.Evaluate, l == adjoints && !p.settings.keeps(), l == tangents && !p.settings.Tangents:
		return false
	}
	return p.net.nodes[id].active
}

// buffers calls f with the size of each buffer of a lane that is kept, by node, for n
// examples; nodes that share one are skipped.
func (p *Plan) buffers(l lane, n int, f func(id, size int)) {
	if l != values {
		n = min(n, p.settings.Curved)
	}
	for id, nd := range p.net.nodes {
		if p.kept[l][id] && p.root(l, id) == id {
			f(id, nd.shape.Size()*n)
		}
	}
	if l == adjoints && p.settings.Adjoints {
		for _, ex := range p.examples() {
			if p.gradsKept[ex.id] {
				f(ex.id, ex.size*n)
			}
		}
	}
}

// Bytes returns the memory that the plan's buffers take.
func (p *Plan) Bytes() int64 {
	tapes := int64(p.settings.Tapes-1)*p.tapeBytes(p.settings.Batch) + p.tapeBytes(p.settings.Last)
	shared := 4 * int64(p.need.whole*p.settings.Batch)
	p.buffers(tangents, p.settings.Batch, func(_, size int) { shared += 4 * int64(size) })
	worker := 4 * int64(p.need.scratch+p.need.strip*p.strip)
	return tapes + shared + p.need.bytes + 4*p.vectors() + worker*int64(tensor.Workers())
}

// tapeBytes returns the memory that a tape for n examples takes.
func (p *Plan) tapeBytes(n int) int64 {
	bytes := p.batchBytes(n)
	add := func(_, size int) { bytes += 4 * int64(size) }
	p.buffers(values, n, add)
	p.buffers(adjoints, n, add)
	for _, k := range p.need.index {
		bytes += int64(k * n)
	}
	for _, k := range p.need.stats {
		bytes += 8 * int64(k)
	}
	return bytes
}

func (p *Plan) allocate() {
	p.takeWorkers()
	for _, f := range p.need.later {
		f()
	}
	p.state = p.net.InitialState()
	p.allocateVectors()
	for k := range p.settings.Tapes {
		p.tapes = append(p.tapes, p.newTape(p.Room(k)))
	}
	p.cur = p.tapes[0]
	p.tangents = p.lane(tangents, p.settings.Batch)
	p.whole, p.worker = make([]float32, p.need.whole*p.settings.Batch), make([]int, p.maxShards())
}

// newTape returns a tape for n examples.
func (p *Plan) newTape(n int) *tape {
	t := &tape{most: n, in: make([]Values, len(p.net.inputs)), target: make([]Target, len(p.heads)), own: p.newBatchData(n), loss: make([]float64, n)}
	for _, h := range p.heads {
		t.memo = append(t.memo, make([]float32, n*h.out.size))
	}
	t.buf[values], t.buf[adjoints] = p.lane(values, n), p.lane(adjoints, n)
	for _, k := range p.need.index {
		t.index = append(t.index, make([]uint8, k*n))
	}
	for _, k := range p.need.stats {
		t.stats = append(t.stats, make([]float64, k))
	}
	return t
}

// lane returns the buffers of a lane that are kept, for n examples.
func (p *Plan) lane(l lane, n int) [][]float32 {
	b := make([][]float32, len(p.rules))
	p.buffers(l, n, func(id, size int) { b[id] = make([]float32, size) })
	return b
}

// rows returns examples lo … hi-1 of the activations of a node in the current
// batch.
func (p *Plan) rows(l lane, id, lo, hi int) []float32 {
	size, root := p.net.nodes[id].shape.Size(), p.root(l, id)
	switch {
	case !p.kept[l][root] && l == adjoints:
		return p.transient(cotangents, id, lo, hi)
	case !p.kept[l][root]:
		return p.transient(l, id, lo, hi)
	case l == tangents:
		return p.tangents[root][lo*size : hi*size]
	}
	return p.cur.buf[l][root][lo*size : hi*size]
}
