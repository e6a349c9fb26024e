package nn

import (
	"cmp"
	"slices"
)

// The cotangents of an activation live from the pass's writing of ȳ to its last
// reading, and no longer: their memory serves again. Where all of that happens
// while one strip of examples goes through consecutive local phases, a buffer for
// one strip and worker is enough, and stays in the cache; else the batch has one,
// which it shares with those that live at other steps.

// A slot is where the cotangents of a buffer lie.
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

// lives returns the lives of the cotangents' buffers in a pass, by node: phases of
// a node read its own and write those of its inputs, the first step finds those of
// the output, and what is read again, or never written, has to stay to the end.
func (p *Plan) lives(pass []phase) []life {
	lives, reaches := make([]life, len(p.rules)), p.reaching()
	touch := func(id, phase, step int, whole bool) {
		if p.net.nodes[id].active {
			lives[p.root[cotangents][id]].touch(phase, step, whole)
		}
	}
	step := 1
	for i, ph := range pass {
		if i > 0 && (ph.local == nil || pass[i-1].local == nil) {
			step++
		}
		for _, id := range append([]int{ph.node}, p.net.nodes[ph.node].in...) {
			touch(id, i+1, step, ph.local == nil)
		}
	}
	end := len(pass) + 1
	touch(len(p.rules)-1, 0, 0, true)
	for id, r := range p.rules {
		if !reaches[id] {
			touch(id, 0, 0, true)
		}
		if !reaches[id] || r.rereads {
			touch(id, end, step+1, true)
		}
	}
	return lives
}

// arrange chooses the places of all cotangents for the passes that use them: the
// largest buffers first, each as low as those allow that live with it.
func (p *Plan) arrange(passes ...[]phase) {
	lives := make([][]life, len(passes))
	for i, pass := range passes {
		lives[i] = p.lives(pass)
	}
	p.slots = make([]slot, len(p.rules))
	var ids []int
	p.buffers(cotangents, func(id, _ int) {
		ids = append(ids, id)
		p.slots[id].strip = !slices.ContainsFunc(lives, func(l []life) bool { return l[id].whole })
	})
	slices.SortStableFunc(ids, func(a, b int) int { return cmp.Compare(p.space(b), p.space(a)) })
	for k, id := range ids {
		var beside []int
		for _, o := range ids[:k] {
			together := func(l []life) bool { return l[id].meets(l[o], p.slots[id].strip) }
			if p.slots[o].strip == p.slots[id].strip && slices.ContainsFunc(lives, together) {
				beside = append(beside, o)
			}
		}
		p.fit(id, beside)
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

// fit slots a buffer at the lowest gap between others.
func (p *Plan) fit(id int, others []int) {
	slices.SortFunc(others, func(a, b int) int { return cmp.Compare(p.slots[a].at, p.slots[b].at) })
	at := 0
	for _, o := range others {
		if at+p.space(id) <= p.slots[o].at {
			break
		}
		at = max(at, p.slots[o].at+p.space(o))
	}
	p.slots[id].at = at
	end := &p.need.whole
	if p.slots[id].strip {
		end = &p.need.strip
	}
	*end = max(*end, at+p.space(id))
}

// space returns the numbers that a node's activations take, for each example: as
// many as to begin with a line of the cache.
func (p *Plan) space(id int) int { return (p.net.nodes[id].shape.Size() + 15) / 16 * 16 }

// cotangents returns examples lo … hi-1 of the cotangents of a node: within a local
// phase those of its strip.
func (p *Plan) cotangents(id, lo, hi int) []float32 {
	size, w := p.net.nodes[id].shape.Size(), p.slots[p.root[cotangents][id]]
	if !w.strip {
		at := w.at*p.settings.Batch + lo*size
		return p.whole[at : at+(hi-lo)*size]
	}
	shard := lo / p.perShard()
	at := w.at*p.strip + (lo-shard*p.perShard())%p.strip*size
	return p.strips[p.worker[shard]][at : at+(hi-lo)*size]
}
