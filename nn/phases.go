package nn

import (
	"slices"

	"breakeven/tensor"
)

// A phase is a piece of work. It consists of independent tasks or, if it is local, of one
// call for each strip of examples, which touches no other example. Consecutive local phases
// are fused: they run strip by strip while the data are in the cache. The strips of a shard
// run in order, so that a sum over its examples may continue from one to the next.
type phase struct {
	node  int // the node whose rule it belongs to; -1: several
	local func(lo, hi, shard, worker int)
	tasks func() int
	run   func(task, worker int)
}

// rules are the compiled rules of one operation.
type rules struct {
	pack        []phase // after the parameters have changed
	packTangent []phase // after the tangent of the parameters has changed
	prepare     []phase // before the values of a batch
	forward     []phase
	tangent     []phase
	adjoint     func(l lane) []phase              // reads ȳ of lane l, writes x̄ of lane l
	second      []phase                           // adds the second-order terms to the cotangents
	fusedSecond []phase                           // adjoint(cotangents) and second in one, if not nil
	gradient    func(l lane, second bool) []phase // writes the parameters' gradient
	rereads     bool                              // gradient reads ȳ
	keeps       func(l lane) []arg                // the activations whose lane l later passes read
	along       []phase                           // adds the second derivatives along the tangents: see ExampleCurvatures
	example     exampler                          // nil: not defined
	factors     []factored                        // blocks of the parameters that have Kronecker factors
	reads       []arg                             // the activations whose adjoints example reads; nil: the node's own
	batchState  func(momentum float64)            // updates running statistics
}

// A step is one phase, or several fused local phases, ready to run.
type step struct {
	tasks func() int
	run   func(task, worker int)
}

// assemble joins the rules of all operations into the passes.
func (p *Plan) assemble() {
	var pack, packTangent, prepare, forward, tangent, along []phase
	reaches := p.reaching()
	for id, r := range p.rules {
		prepare = append(prepare, r.prepare...)
		pack = append(pack, r.pack...)
		packTangent = append(packTangent, r.packTangent...)
		forward = append(forward, of(id, r.forward)...)
		if p.settings.Tangents {
			tangent = append(tangent, of(id, r.tangent)...)
			if reaches[id] { // else ȳ = 0
				along = append(along, of(id, r.along)...)
			}
		}
	}
	forward = slices.Concat(independent(prepare), p.read(), forward)
	p.packPass = p.fuse(append(p.gatherViews(&p.theta), independent(pack)...))
	p.packTangentPass = p.fuse(append(p.gatherViews(&p.v), independent(packTangent)...))
	p.forwardPass, p.tangentPass, p.alongPass = p.fuse(forward), p.fuse(tangent), p.fuse(along)
	p.reserveZeros()
	p.assignSlots(values, forward)
	p.assignSlots(tangents, tangent)
	if p.settings.Evaluate {
		return
	}
	adjoint, second := p.backwards(cotangents)
	kept, _ := p.backwards(adjoints)
	p.assignSlots(cotangents, adjoint, kept, second, along)
	p.adjointPass[cotangents], p.gradientPass[cotangents] = p.fuse(adjoint), p.fuse(p.gradients(cotangents, false))
	p.secondPass = p.fuse(append(second, p.gradients(cotangents, true)...))
	if p.settings.keeps() {
		p.adjointPass[adjoints], p.gradientPass[adjoints] = p.fuse(kept), p.fuse(p.gradients(adjoints, false))
	}
}

// backwards joins the adjoint rules in a lane: alone, and with the second-order terms.
func (p *Plan) backwards(l lane) (adjoint, second []phase) {
	for id := len(p.rules) - 1; id >= 0; id-- {
		r := p.rules[id]
		if r.adjoint == nil {
			continue
		}
		own := of(id, r.adjoint(l))
		adjoint = append(adjoint, own...)
		if l == adjoints && p.gradsKept[id] {
			adjoint = append(adjoint, of(id, []phase{p.makeRows(id)})...)
		}
		if r.fusedSecond != nil {
			second = append(second, of(id, r.fusedSecond)...)
		} else {
			second = append(append(second, own...), of(id, r.second)...)
		}
	}
	return adjoint, second
}

// of returns phases marked as those of a node.
func of(id int, ps []phase) []phase {
	ps = slices.Clone(ps)
	for i := range ps {
		ps[i].node = id
	}
	return ps
}

// reaching returns which nodes the outputs depend on.
func (p *Plan) reaching() []bool {
	reaches := make([]bool, len(p.net.nodes))
	for _, h := range p.heads {
		reaches[h.out.id] = true
	}
	for id := len(reaches) - 1; id >= 0; id-- {
		for _, in := range p.net.nodes[id].in {
			reaches[in] = reaches[in] || reaches[id]
		}
		if of := p.net.nodes[id].of; of >= 0 {
			reaches[of] = reaches[of] || reaches[id]
		}
	}
	for id, nd := range p.net.nodes { // an operation that reaches an output uses all its parts
		for _, part := range nd.parts {
			reaches[part] = reaches[id]
		}
	}
	return reaches
}

// gradients joins the phases that write the parameters' gradients. Operations that share a
// parameter write one after the other.
func (p *Plan) gradients(l lane, second bool) []phase {
	var all []phase
	for turn := range p.sharing.turns {
		var now []phase
		for id, r := range p.rules {
			if r.gradient != nil && p.sharing.turn[id] == turn {
				now = append(now, r.gradient(l, second)...)
			}
		}
		all = append(all, independent(now)...)
	}
	return append(all, p.scatterViews()...)
}

// independent joins phases that do not depend on each other into one, so that their tasks
// run at the same time.
func independent(ps []phase) []phase {
	if len(ps) == 0 {
		return nil
	}
	return []phase{{
		node: -1,
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

// fuse makes one step of each run of consecutive local phases.
func (p *Plan) fuse(ps []phase) []step {
	var steps []step
	for i := 0; i < len(ps); {
		if ps[i].local == nil {
			steps = append(steps, step{ps[i].tasks, p.unlessStopped(ps[i].run)})
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
			p.worker[shard] = worker
			for lo := first; lo < end && !p.stopped(); lo += p.strip {
				for _, ph := range group {
					ph.local(lo, min(lo+p.strip, end), shard, worker)
				}
			}
		}})
		i = j
	}
	return steps
}

// run runs the steps of a pass. The number of workers is asked once for all of them.
func (p *Plan) run(steps []step) {
	p.takeWorkers()
	for i := range steps {
		tensor.ParallelOn(p.workers, steps[i].tasks(), steps[i].run)
	}
}

// takeWorkers asks for the number of workers that there are now, and allocates the memory
// that they need.
func (p *Plan) takeWorkers() {
	p.workers = tensor.Workers()
	for len(p.scratch) < p.workers {
		p.scratch = append(p.scratch, make([]float32, p.need.scratch))
		p.strips = append(p.strips, make([]float32, p.need.strip*p.strip))
	}
}

// fewShards is the number of shards of a batch that is too small for full ones.
const fewShards = 8

// inFewShards returns the number of examples in each of so few shards.
func inFewShards(n int) int { return (n + fewShards - 1) / fewShards }

// perShard returns the number of examples in a shard of the current batch. It depends on
// the network and the size of the batch alone.
func (p *Plan) perShard() int { return min(p.shard, inFewShards(p.cur.n)) }

// shards returns the number of shards in the current batch.
func (p *Plan) shards() int { return (p.cur.n + p.perShard() - 1) / p.perShard() }

// maxShards returns the largest number of shards that a batch can have.
func (p *Plan) maxShards() int {
	return max(min(p.settings.Batch, fewShards), (p.settings.Batch+p.shard-1)/p.shard)
}

// first reports whether a strip that begins with example lo is the first of its shard.
func (p *Plan) first(lo int) bool { return lo%p.perShard() == 0 }

// extent returns the examples lo … hi-1 of a shard.
func (p *Plan) extent(shard int) (lo, hi int) {
	lo = shard * p.perShard()
	return lo, min(lo+p.perShard(), p.cur.n)
}
