package nn

import (
	"fmt"

	"breakeven/tensor"
)

// Settings say what a plan must be able to do.
type Settings struct {
	// Batch is the largest number of examples in a batch.
	Batch int
	// Loss is the loss on the network's output. Nil means CrossEntropy.
	Loss Loss
	// Inference makes batch norm use its running statistics.
	Inference bool
	// Tangents adds the memory for tangents: JacVec, HessVec, GaussNewtonVec.
	Tangents bool
	// Tapes is how many batches the plan can hold at a time, with their values
	// and adjoints. Zero means 1.
	Tapes int
}

// A lane is one of the four numbers that belong to each activation.
type lane int

const (
	values   lane = iota
	adjoints      // ȳ
	tangents      // ẏ
	curves        // tangent of the adjoint
)

// A phase is a piece of work: tasks side by side or, if it is local, one call
// for each strip of examples, which touches no other example. Consecutive local
// phases run strip by strip while the data are in the cache; the strips of a
// shard run in order, so that sums over its examples may go on from one to the
// next.
type phase struct {
	local func(lo, hi, shard, worker int)
	tasks func() int
	run   func(task, worker int)
}

// rules are the compiled rules of one operation.
type rules struct {
	pack        []phase // after the parameters have changed
	packTangent []phase // after the tangent of the parameters has changed
	value       []phase
	tangent     []phase
	adjoint     func(l lane) []phase              // reads ȳ of lane l, writes x̄ of lane l
	bend        []phase                           // adds to the curves lane what bends
	hess        []phase                           // adjoint(curves) and bend in one, if not nil
	finish      func(l lane, second bool) []phase // writes the parameters' gradient
	example     exampler                          // nil: not defined
	batchState  func(momentum float64)            // updates running statistics
}

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

// A Plan is a network compiled for batches of up to Settings.Batch examples.
type Plan struct {
	net      *Network
	settings Settings
	shard    int // most examples in a shard, whose sums are made in order
	strip    int // examples that local phases work on at a time
	rules    []rules
	root     [4][]int // by lane: node whose buffer holds this node's activations
	lastUser []int
	absorbed []bool // nodes whose work their input does

	theta, v []float32 // current parameters and their tangent
	dst      []float32 // where parameter gradients go; nil: they are not wanted
	acc      bool      // add to dst instead of overwriting
	state    []float32 // running statistics

	tapes   []*tape
	cur     *tape
	shared  [2][][]float32 // tangents and curves, by node
	need    layout
	scratch [][]float32 // by worker
	gram    *gram       // the last one, whose memory may serve again

	packing, packingTangent, valuing, tangenting []step
	adjointing, finishing, bending, pushing      []step
}

// layout is the memory that operations ask for while they are compiled.
type layout struct {
	index   []int    // bytes per tape
	stats   []int    // numbers per tape
	scratch int      // numbers per worker
	bytes   int64    // allocated by operations themselves
	later   []func() // allocates them
}

// step is a phase ready to run: fused if it was local.
type step struct {
	tasks func() int
	run   func(task, worker int)
}

// Compile makes a plan and allocates its memory.
func (n *Network) Compile(s Settings) *Plan {
	p := n.lay(s)
	p.allocate()
	return p
}

// Memory returns the bytes that a plan with these settings needs.
func (n *Network) Memory(s Settings) int64 {
	p := n.lay(s)
	return p.Bytes()
}

func (n *Network) lay(s Settings) *Plan {
	if s.Batch < 1 {
		panic(fmt.Sprintf("nn: batch of %d examples", s.Batch))
	}
	if out := n.Output(); len(n.nodes) < 2 || out != Vec(out.C) {
		panic(fmt.Sprintf("nn: network of %d operations with output %v: want a vector", len(n.nodes)-1, out))
	}
	if s.Loss == nil {
		s.Loss = CrossEntropy{}
	}
	s.Tapes = max(1, s.Tapes)
	p := &Plan{net: n, settings: s, shard: examplesOf(n, 1<<18, 16), strip: examplesOf(n, 1<<16, 16), state: n.InitialState()}
	p.lastUser = make([]int, len(n.nodes))
	p.absorbed = make([]bool, len(n.nodes))
	for l := range p.root {
		p.root[l] = make([]int, len(n.nodes))
	}
	for id, nd := range n.nodes {
		for _, in := range nd.in {
			p.lastUser[in] = id
		}
		for l := range p.root {
			p.root[l][id] = id
			if p.overwrites(id, lane(l)) {
				p.root[l][id] = p.root[l][nd.in[0]]
			}
		}
	}
	p.rules = make([]rules, len(n.nodes))
	for id, nd := range n.nodes {
		if nd.op != nil {
			p.rules[id] = nd.op.compile(&binding{plan: p, id: id, node: nd})
		}
	}
	p.assemble()
	return p
}

// examplesOf returns how many examples, from 1 to most, have about size numbers
// in the largest activation. It is a property of the network alone: shards of so
// many examples do not depend on the machine.
func examplesOf(n *Network, size, most int) int {
	largest := 1
	for _, nd := range n.nodes {
		largest = max(largest, nd.shape.Size())
	}
	return min(most, max(1, size/largest))
}

// overwrites reports whether node id may keep its numbers of a lane in its first
// input's buffers: it is the only reader, and it is a ReLU or a sum whose input's
// own rules do not read their output, or a batch norm whose ȳ nothing reads after
// x̄ has been made of it.
func (p *Plan) overwrites(id int, l lane) bool {
	nd := p.net.nodes[id]
	if len(nd.in) == 0 || p.net.nodes[nd.in[0]].uses != 1 || !p.net.nodes[nd.in[0]].active {
		return false
	}
	switch nd.op.(type) {
	case ReLU, Residual:
		switch p.net.nodes[nd.in[0]].op.(type) {
		case Conv2D, Linear, BatchNorm, Residual:
			return true
		}
	case BatchNorm:
		s := p.settings
		return !s.Inference && (l == curves || l == adjoints && !s.Tangents)
	}
	return false
}

// inPlace reports whether node id works in its first input's buffers.
func (p *Plan) inPlace(id int) bool { return p.root[values][id] != id }

// assemble chains the rules of all operations into the passes.
func (p *Plan) assemble() {
	var pack, packTangent, value, tangent, adjoint, hess, ggn []phase
	for _, r := range p.rules {
		pack = append(pack, r.pack...)
		packTangent = append(packTangent, r.packTangent...)
		value = append(value, r.value...)
		if p.settings.Tangents {
			tangent = append(tangent, r.tangent...)
		}
	}
	for id := len(p.rules) - 1; id >= 0; id-- {
		r := p.rules[id]
		if r.adjoint == nil {
			continue
		}
		adjoint = append(adjoint, r.adjoint(adjoints)...)
		if p.settings.Tangents {
			push := r.adjoint(curves)
			ggn = append(ggn, push...)
			if r.hess != nil {
				hess = append(hess, r.hess...)
			} else {
				hess = append(append(hess, push...), r.bend...)
			}
		}
	}
	p.packing, p.packingTangent = p.fuse(independent(pack)), p.fuse(independent(packTangent))
	p.valuing, p.tangenting = p.fuse(value), p.fuse(tangent)
	p.adjointing, p.finishing = p.fuse(adjoint), p.fuse(p.finish(adjoints, false))
	if p.settings.Tangents {
		p.bending = p.fuse(append(hess, p.finish(curves, true)...))
		p.pushing = p.fuse(append(ggn, p.finish(curves, false)...))
	}
}

func (p *Plan) finish(l lane, second bool) []phase {
	var all []phase
	for _, r := range p.rules {
		if r.finish != nil {
			all = append(all, r.finish(l, second)...)
		}
	}
	return independent(all)
}

// independent joins phases that do not depend on each other into one, so that
// their tasks run side by side.
func independent(ps []phase) []phase {
	if len(ps) == 0 {
		return nil
	}
	return []phase{{
		tasks: func() int {
			n := 0
			for _, p := range ps {
				n += p.tasks()
			}
			return n
		},
		run: func(task, worker int) {
			for _, p := range ps {
				n := p.tasks()
				if task < n {
					p.run(task, worker)
					return
				}
				task -= n
			}
		},
	}}
}

// fuse joins runs of local phases.
func (p *Plan) fuse(ps []phase) []step {
	var steps []step
	for i := 0; i < len(ps); {
		if ps[i].local == nil {
			steps = append(steps, step{ps[i].tasks, ps[i].run})
			i++
			continue
		}
		j := i
		for j < len(ps) && ps[j].local != nil {
			j++
		}
		group := ps[i:j:j]
		steps = append(steps, step{p.shards, func(shard, worker int) {
			first, end := p.extent(shard)
			for lo := first; lo < end; lo += p.strip {
				for _, ph := range group {
					ph.local(lo, min(lo+p.strip, end), shard, worker)
				}
			}
		}})
		i = j
	}
	return steps
}

func (p *Plan) run(steps []step) {
	p.work()
	for i := range steps {
		tensor.Parallel(steps[i].tasks(), steps[i].run)
	}
}

// work makes sure that each worker has its scratch memory.
func (p *Plan) work() {
	for len(p.scratch) < tensor.Workers() {
		p.scratch = append(p.scratch, make([]float32, p.need.scratch))
	}
}

// fewShards is how many shards a batch has that is too small for larger ones.
const fewShards = 8

// perShard returns the number of examples in the shards of the current batch, a
// property of network and batch alone.
func (p *Plan) perShard() int { return min(p.shard, (p.cur.n+fewShards-1)/fewShards) }

// shards returns the number of shards in the current batch.
func (p *Plan) shards() int { return (p.cur.n + p.perShard() - 1) / p.perShard() }

// maxShards returns the largest number of shards that a batch can have.
func (p *Plan) maxShards() int {
	return max(min(p.settings.Batch, fewShards), (p.settings.Batch+p.shard-1)/p.shard)
}

// first reports whether a strip that begins with example lo begins its shard.
func (p *Plan) first(lo int) bool { return lo%p.perShard() == 0 }

// extent returns the examples lo … hi-1 of a shard.
func (p *Plan) extent(shard int) (lo, hi int) {
	lo = shard * p.perShard()
	return lo, min(lo+p.perShard(), p.cur.n)
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
