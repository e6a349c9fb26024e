package nn

import (
	"cmp"
	"slices"
)

// Memory within a pass. A buffer that no later pass reads is needed only until it is read
// for the last time within its pass; then its memory is used for others. Cotangents are
// never kept; the other lanes are kept if a rule says that it reads them later. A buffer
// that is only used while one strip of examples goes through consecutive local phases
// needs no more memory than one strip for each worker, and stays in the cache. Other
// buffers have memory for the whole batch, which they share with buffers that are used at
// other steps.

// A slot is the memory of a buffer that is not kept.
type slot struct {
	strip bool // in a worker's memory, for one strip; else for the whole batch
	at    int  // offset in that memory, in numbers for each example
}

// A lifetime is the range of phases and of steps in which a buffer is in use within a pass.
type lifetime struct {
	phase, lastPhase int
	step, lastStep   int
	whole            bool // not only by the local phases of one step
}

// touch extends a lifetime to a phase.
func (l *lifetime) touch(phase, step int, whole bool) {
	if *l == (lifetime{}) {
		*l = lifetime{phase, phase, step, step, whole}
		return
	}
	l.phase, l.lastPhase = min(l.phase, phase), max(l.lastPhase, phase)
	l.step, l.lastStep = min(l.step, step), max(l.lastStep, step)
	l.whole = l.whole || whole || l.step != l.lastStep
}

// lifetimes returns the lifetimes of a lane's buffers in a pass, by node. The phases of a
// node use its own buffer, those of its parts and those of its inputs.
func (p *Plan) lifetimes(l lane, pass []phase) []lifetime {
	lifetimes := make([]lifetime, len(p.rules))
	touch := func(id, phase, step int, whole bool) {
		if p.has(l, id) {
			lifetimes[p.root(l, id)].touch(phase, step, whole)
		}
	}
	step := 1
	for i, ph := range pass {
		if i > 0 && (ph.local == nil || pass[i-1].local == nil) {
			step++
		}
		if ph.node < 0 {
			continue
		}
		nd := p.net.nodes[ph.node]
		for _, id := range slices.Concat([]int{ph.node}, nd.in, nd.parts) {
			touch(id, i+1, step, ph.local == nil)
		}
	}
	if l != cotangents {
		return lifetimes
	}
	for _, h := range p.heads { // those of the outputs are set before
		touch(h.out.id, 0, 0, true)
	}
	for id, r := range p.rules {
		if r.rereads {
			touch(id, len(pass)+1, step+1, true)
		}
	}
	return lifetimes
}

// reserveZeros gives cotangents of their own to nodes that the outputs do not depend on:
// nothing writes them, and they must stay 0.
func (p *Plan) reserveZeros() {
	p.slots[cotangents] = make([]slot, len(p.rules))
	for id, reaches := range p.reaching() {
		if !reaches && p.has(cotangents, id) && p.root(cotangents, id) == id {
			p.slots[cotangents][id] = slot{at: p.need.reserved}
			p.need.reserved += p.space(id)
		}
	}
	p.need.whole = p.need.reserved
}

// assignSlots chooses the slots of a lane for the passes that use it: the largest buffers
// first, each at the lowest place that overlaps no other lifetime.
func (p *Plan) assignSlots(l lane, passes ...[]phase) {
	lifetimes := make([][]lifetime, len(passes))
	for i, pass := range passes {
		lifetimes[i] = p.lifetimes(l, pass)
	}
	if l != cotangents {
		p.slots[l] = make([]slot, len(p.rules))
	}
	slots, reaches := p.slots[l], p.reaching()
	var ids []int
	for id := range p.rules {
		if p.has(l, id) && p.root(l, id) == id && !p.kept[l][id] && (l != cotangents || reaches[id]) {
			ids = append(ids, id)
			slots[id].strip = !slices.ContainsFunc(lifetimes, func(l []lifetime) bool { return l[id].whole })
		}
	}
	slices.SortStableFunc(ids, func(a, b int) int { return cmp.Compare(p.space(b), p.space(a)) })
	for k, id := range ids {
		var beside []int
		for _, o := range ids[:k] {
			together := func(l []lifetime) bool { return l[id].overlaps(l[o], slots[id].strip) }
			if slots[o].strip == slots[id].strip && slices.ContainsFunc(lifetimes, together) {
				beside = append(beside, o)
			}
		}
		p.fit(slots, id, beside)
	}
}

// overlaps reports whether two buffers are in use at the same time: in the same phase for
// buffers of a strip, in the same step for others.
func (l lifetime) overlaps(o lifetime, strip bool) bool {
	switch {
	case l == (lifetime{}) || o == (lifetime{}):
		return false
	case strip:
		return l.phase <= o.lastPhase && o.phase <= l.lastPhase
	}
	return l.step <= o.lastStep && o.step <= l.lastStep
}

// fit puts a buffer into the lowest gap between others.
func (p *Plan) fit(slots []slot, id int, others []int) {
	slices.SortFunc(others, func(a, b int) int { return cmp.Compare(slots[a].at, slots[b].at) })
	at, end := p.need.reserved, &p.need.whole
	if slots[id].strip {
		at, end = 0, &p.need.strip
	}
	for _, o := range others {
		if at+p.space(id) <= slots[o].at {
			break
		}
		at = max(at, slots[o].at+p.space(o))
	}
	slots[id].at = at
	*end = max(*end, at+p.space(id))
}

// space returns the numbers that a node's activations take for each example, rounded up to
// whole cache lines.
func (p *Plan) space(id int) int { return (p.net.nodes[id].shape.Size() + 15) / 16 * 16 }

// transient returns examples lo … hi-1 of a lane that a node does not keep, which in a
// local phase are those of its strip.
func (p *Plan) transient(l lane, id, lo, hi int) []float32 {
	size, s := p.net.nodes[id].shape.Size(), p.slots[l][p.root(l, id)]
	if !s.strip {
		at := s.at*p.settings.Batch + lo*size
		return p.whole[at : at+(hi-lo)*size]
	}
	shard := lo / p.perShard()
	at := s.at*p.strip + (lo-shard*p.perShard())%p.strip*size
	return p.strips[p.worker[shard]][at : at+(hi-lo)*size]
}

// findKept decides what is kept for later passes. If the gradients of single examples in a
// node's parameters are smaller than the adjoints that they are computed from, and nothing
// else needs those, the gradients are kept instead.
func (p *Plan) findKept() {
	for l := range p.kept {
		p.kept[l] = make([]bool, len(p.rules))
	}
	p.gradsKept = make([]bool, len(p.rules))
	keep := func(l lane, id int) { p.kept[l][p.root(l, id)] = p.has(l, id) }
	for _, h := range p.heads {
		keep(values, h.out.id)
		keep(tangents, h.out.id)
	}
	for _, r := range p.rules {
		if r.keeps == nil || p.settings.Evaluate {
			continue
		}
		for _, a := range r.keeps(values) {
			keep(values, a.id)
		}
		if p.settings.Tangents {
			for _, l := range []lane{adjoints, tangents} {
				for _, a := range r.keeps(l) {
					keep(l, a.id)
				}
			}
		}
	}
	if p.settings.Factors {
		for _, f := range p.blocks {
			keep(adjoints, f.y.id)
			for _, a := range f.reads {
				keep(values, a.id)
			}
		}
	}
	if !p.settings.Adjoints {
		return
	}
	for _, ex := range p.examples() {
		_, own := ex.exampler.(gramOwner) // it reads the adjoints themselves
		p.gradsKept[ex.id] = !p.settings.Tangents && !p.settings.Factors && !own && ex.size <= p.net.nodes[ex.id].shape.Size()
		if p.gradsKept[ex.id] {
			continue
		}
		if p.rules[ex.id].reads == nil {
			keep(adjoints, ex.id)
		}
		for _, a := range p.rules[ex.id].reads {
			keep(adjoints, a.id)
		}
	}
}
