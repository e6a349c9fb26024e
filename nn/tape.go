package nn

import "breakeven/tensor"

// A lane is one of the four numbers that belong to each activation.
type lane int

const (
	values   lane = iota
	adjoints      // ȳ
	tangents      // ẏ
	curves        // tangent of the adjoint
)

// A tape is what the passes over one batch leave behind.
type tape struct {
	n       int // examples
	buf     [2][][]float32
	index   [][]uint8   // of max-pooling
	stats   [][]float64 // of batch norm
	labels  []int32
	prob    []float32 // softmax of the outputs, or the outputs
	loss    []float64 // per example
	correct int
}

// layout is the memory that operations ask for while they are compiled.
type layout struct {
	index   []int    // bytes per tape
	stats   []int    // numbers per tape
	scratch int      // numbers per worker
	bytes   int64    // allocated by operations themselves
	later   []func() // allocates them
}

// buffers calls f with the size of each activation buffer of a lane, by node;
// nodes that share a buffer, or have no such lane, are skipped.
func (p *Plan) buffers(l lane, f func(id, size int)) {
	for id, nd := range p.net.nodes {
		if p.root[l][id] == id && (l == values || nd.active) {
			f(id, nd.shape.Size()*p.settings.Batch)
		}
	}
}

// Bytes returns the memory that the plan's buffers take.
func (p *Plan) Bytes() int64 {
	var perTape, shared int64
	p.buffers(values, func(_, size int) { perTape += 4 * int64(size) })
	p.buffers(adjoints, func(_, size int) { perTape += 4 * int64(size) })
	for _, k := range p.need.index {
		perTape += int64(k)
	}
	for _, k := range p.need.stats {
		perTape += 8 * int64(k)
	}
	if p.settings.Tangents {
		p.buffers(tangents, func(_, size int) { shared += 4 * int64(size) })
		p.buffers(curves, func(_, size int) { shared += 4 * int64(size) })
	}
	return int64(p.settings.Tapes)*perTape + shared + p.need.bytes + 4*int64(p.need.scratch*tensor.Workers())
}

func (p *Plan) allocate() {
	p.work()
	for _, f := range p.need.later {
		f()
	}
	nodes, out, batch := len(p.net.nodes), p.net.Output().Size(), p.settings.Batch
	lanes := func(l lane) [][]float32 {
		b := make([][]float32, nodes)
		p.buffers(l, func(id, size int) { b[id] = make([]float32, size) })
		return b
	}
	for range p.settings.Tapes {
		t := &tape{labels: make([]int32, batch), prob: make([]float32, batch*out), loss: make([]float64, batch)}
		t.buf[values], t.buf[adjoints] = lanes(values), lanes(adjoints)
		for _, k := range p.need.index {
			t.index = append(t.index, make([]uint8, k))
		}
		for _, k := range p.need.stats {
			t.stats = append(t.stats, make([]float64, k))
		}
		p.tapes = append(p.tapes, t)
	}
	p.cur = p.tapes[0]
	if p.settings.Tangents {
		p.shared[0], p.shared[1] = lanes(tangents), lanes(curves)
	}
}

// buffer returns the activations of a node in the current batch.
func (p *Plan) buffer(l lane, id int) []float32 {
	id = p.root[l][id]
	if l == values || l == adjoints {
		return p.cur.buf[l][id]
	}
	return p.shared[l-tangents][id]
}
