package nn

import (
	"cmp"
	"slices"
)

// What a pass writes and no later pass reads lives until its last reading within
// the pass, and no longer: its memory serves again. Cotangents are all so; the other
// lanes are where no rule says that it needs them later. Where a buffer lives while
// one strip of examples goes through consecutive local phases, one for a strip and
// worker is enough, and stays in the cache; else the batch has one, which it shares
// with those that live at other steps.

// A slot is where a buffer that is not kept lies.
type slot struct {
	strip bool // in the memory of a worker, for one strip; else for the batch
	at    int  // numbers before it in that memory, for each example
}

// A life is when a buffer is in use within a pass: phases and steps, first to
// last.
type life struct {
	phase, lastPhase int
	step, lastStep   int
	whole            bool // not by local phases alone
}

// touch extends a life to a phase.
func (l *life) touch(phase, step int, whole bool) {
	if *l == (life{}) {
		*l = life{phase, phase, step, step, whole}
		return
	}
	l.phase, l.lastPhase = min(l.phase, phase), max(l.lastPhase, phase)
	l.step, l.lastStep = min(l.step, step), max(l.lastStep, step)
	l.whole = l.whole || whole || l.step != l.lastStep
}

// lives returns the lives of a lane's buffers in a pass, by node: the phases of a
// node touch its own, those of its parts and those of its inputs.
func (p *Plan) lives(l lane, pass []phase) []life {
	lives := make([]life, len(p.rules))
	touch := func(id, phase, step int, whole bool) {
		if p.has(l, id) {
			lives[p.root(l, id)].touch(phase, step, whole)
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
		return lives
	}
	for _, h := range p.heads { // the outputs' are there before
		touch(h.out.id, 0, 0, true)
	}
	for id, r := range p.rules {
		if r.rereads {
			touch(id, len(pass)+1, step+1, true)
		}
	}
	return lives
}

// reserve gives cotangents of their own to nodes that the output does not depend
// on: nothing writes them, and they have to stay 0.
func (p *Plan) reserve() {
	p.slots[cotangents] = make([]slot, len(p.rules))
	for id, reaches := range p.reaching() {
		if !reaches && p.has(cotangents, id) && p.root(cotangents, id) == id {
			p.slots[cotangents][id] = slot{at: p.need.reserved}
			p.need.reserved += p.space(id)
		}
	}
	p.need.whole = p.need.reserved
}

// arrange chooses the slots of a lane for the passes that use it: the largest
// buffers first, each as low as those allow that live with it.
func (p *Plan) arrange(l lane, passes ...[]phase) {
	lives := make([][]life, len(passes))
	for i, pass := range passes {
		lives[i] = p.lives(l, pass)
	}
	if l != cotangents {
		p.slots[l] = make([]slot, len(p.rules))
	}
	slots, reaches := p.slots[l], p.reaching()
	var ids []int
	for id := range p.rules {
		if p.has(l, id) && p.root(l, id) == id && !p.kept[l][id] && (l != cotangents || reaches[id]) {
			ids = append(ids, id)
			slots[id].strip = !slices.ContainsFunc(lives, func(l []life) bool { return l[id].whole })
		}
	}
	slices.SortStableFunc(ids, func(a, b int) int { return cmp.Compare(p.space(b), p.space(a)) })
	for k, id := range ids {
		var beside []int
		for _, o := range ids[:k] {
			together := func(l []life) bool { return l[id].meets(l[o], slots[id].strip) }
			if slots[o].strip == slots[id].strip && slices.ContainsFunc(lives, together) {
				beside = append(beside, o)
			}
		}
		p.fit(slots, id, beside)
	}
}

// meets reports whether two buffers are in use at the same time, which is counted
// in phases for buffers of a strip.
func (l life) meets(o life, strip bool) bool {
	switch {
	case l == (life{}) || o == (life{}):
		return false
	case strip:
		return l.phase <= o.lastPhase && o.phase <= l.lastPhase
	}
	return l.step <= o.lastStep && o.step <= l.lastStep
}

// fit places a buffer at the lowest gap between others.
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

// space returns the numbers that a node's activations take, for each example: as
// many as to begin with a line of the cache.
func (p *Plan) space(id int) int { return (p.net.nodes[id].shape.Size() + 15) / 16 * 16 }

// passing returns examples lo … hi-1 of what a lane of a node does not keep: within
// a local phase those of its strip.
func (p *Plan) passing(l lane, id, lo, hi int) []float32 {
	size, s := p.net.nodes[id].shape.Size(), p.slots[l][p.root(l, id)]
	if !s.strip {
		at := s.at*p.settings.Batch + lo*size
		return p.whole[at : at+(hi-lo)*size]
	}
	shard := lo / p.perShard()
	at := s.at*p.strip + (lo-shard*p.perShard())%p.strip*size
	return p.strips[p.worker[shard]][at : at+(hi-lo)*size]
}

// keeping finds what stays for later passes. Gradients of examples that are smaller
// than the adjoints that they are made of stay in their place, where nothing else
// needs these.
func (p *Plan) keeping() {
	for l := range p.kept {
		p.kept[l] = make([]bool, len(p.rules))
	}
	p.rowed = make([]bool, len(p.rules))
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
	if !p.settings.Adjoints {
		return
	}
	for _, ex := range p.examples() {
		_, own := ex.exampler.(gramOwner) // which reads the adjoints themselves
		p.rowed[ex.id] = !p.settings.Tangents && !own && ex.size <= p.net.nodes[ex.id].shape.Size()
		if p.rowed[ex.id] {
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
