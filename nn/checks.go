package nn

import "fmt"

// mustDerive panics unless the plan can compute a derivative into dst.
func (p *Plan) mustDerive(dst []float32) {
	p.check(dst)
	p.mustHaveValues()
	if p.settings.Evaluate {
		panic("nn: plan was compiled for evaluation, without derivatives")
	}
	if p.net.dim == 0 {
		panic("nn: a network without parameters has no derivatives")
	}
}

// mustKeep panics unless the plan keeps what the functions of single examples need.
func (p *Plan) mustKeep() {
	if !p.settings.Adjoints {
		panic("nn: plan was compiled without the adjoints of single examples")
	}
}

// mustHaveMasks panics if there is dropout and SetMasks was not called.
func (p *Plan) mustHaveMasks() {
	if len(p.masks.names) > 0 && !p.masks.set {
		panic("nn: no masks for dropout: SetMasks comes first")
	}
}

// mustHaveValues panics unless the current tape holds the values of a batch at the current
// parameters.
func (p *Plan) mustHaveValues() {
	switch {
	case p.cur.n == 0:
		panic("nn: no batch on this tape: Forward comes first")
	case p.cur.values != p.params:
		panic("nn: the values on this tape are those of other parameters: Forward comes first")
	}
}

// mustHaveAdjoints panics unless the current tape holds the adjoints of its batch.
func (p *Plan) mustHaveAdjoints() {
	p.mustHaveValues()
	if p.cur.adjoints != p.params {
		panic("nn: no adjoints of this batch on this tape: Adjoints comes first")
	}
}

// mustHaveAdjointsAt panics unless the tape holds the adjoints of the losses times scale.
func (p *Plan) mustHaveAdjointsAt(scale float64) {
	p.mustHaveAdjoints()
	if p.cur.scale != scale {
		panic(fmt.Sprintf("nn: the adjoints on this tape have the scale %v, not %v: Adjoints comes first", p.cur.scale, scale))
	}
}

// mustHaveTangent panics unless there are a batch and a tangent.
func (p *Plan) mustHaveTangent() {
	p.mustHaveValues()
	p.mustBeCurved()
	if p.v.own == nil {
		panic("nn: no tangent: SetTangent comes first")
	}
}

// mustBeCurved panics unless there is memory for adjoints and tangents of the current
// batch.
func (p *Plan) mustBeCurved() {
	if p.cur.n > p.settings.Curved {
		panic(fmt.Sprintf("nn: adjoints or tangents of %d examples, in a plan with memory for those of %d", p.cur.n, p.settings.Curved))
	}
}

// mustHaveTargets panics unless the batch on the current tape has targets.
func (p *Plan) mustHaveTargets() {
	p.mustHaveValues()
	for _, t := range p.cur.target {
		if !t.empty() {
			return
		}
	}
	panic("nn: the batch on this tape has no targets, so that there is no loss")
}

func (p *Plan) check(theta []float32) {
	if len(theta) != p.net.dim {
		panic(fmt.Sprintf("nn: vector of length %d for %d parameters", len(theta), p.net.dim))
	}
}
