package nn

import "fmt"

// ready panics unless derivatives of the current batch can go to dst.
func (p *Plan) ready(dst []float32) {
	p.check(dst)
	p.loaded()
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

// loaded panics unless there is a batch.
func (p *Plan) loaded() {
	if p.cur.n == 0 {
		panic("nn: no batch: Forward comes first")
	}
}

// readyTangent panics unless there are a batch and a tangent.
func (p *Plan) readyTangent() {
	if p.cur.n == 0 || p.v == nil {
		panic("nn: no batch or no tangent: Forward and SetTangent come first")
	}
}

func (p *Plan) checkLabels(labels []int32) {
	classes := int32(p.net.Output().Size())
	for i, c := range labels {
		if c < 0 || c >= classes {
			panic(fmt.Sprintf("nn: label %d of example %d among %d classes", c, i, classes))
		}
	}
}

func (p *Plan) check(theta []float32) {
	if len(theta) != p.net.dim {
		panic(fmt.Sprintf("nn: vector of length %d for %d parameters", len(theta), p.net.dim))
	}
}
