package curvature

import "breakeven/tensor"

// Blocks cuts the set, in order, into parts of equal size, least of them or more, none larger
// than a chunk. It drops the remainder, and returns nil if there are fewer examples.
func (p *Problem) Blocks(least int) []Set {
	if p.set.Len() < least {
		return nil
	}
	return Parts(p.set, max(least, (p.set.Len()+p.chunk-1)/p.chunk))
}

// batch makes a batch current that is no chunk.
func (p *Problem) batch(set Set) {
	p.lend(set.N)
	p.plan.Forward(set)
}

// BatchCurvature returns vᵀH_B v for the mean loss of one batch B of no more examples
// than Settings say. If v is nil, v is the batch's own gradient and the result is divided by ‖v‖²: the
// sharpness of the batch. If single examples have a curvature the result is the mean of
// theirs, which costs less than a product with H_B.
func (p *Problem) BatchCurvature(b Set, v []float32) (float64, error) {
	p.batch(b)
	norm, scale := 1.0, 1/p.net.Weight(b)
	if v == nil {
		v = p.vector(&p.own)
		p.plan.Adjoints(v, scale, false)
		p.decayed(v, p.theta)
		norm = tensor.Dot(v, v)
	} else {
		p.plan.Adjoints(nil, scale, false)
	}
	p.plan.SetTangent(v)
	if p.PerExample() {
		sum, each := 0.0, make([]float64, b.N)
		p.plan.ExampleCurvatures(each, scale)
		for _, c := range each {
			sum += c
		}
		return (sum + p.bent(v)) / norm, p.stopped()
	}
	hv := p.vector(&p.hv)
	p.plan.HessVec(hv, scale, false)
	return (tensor.Dot(v, hv) + p.bent(v)) / norm, p.stopped()
}

// BatchSlope returns ⟨g_B, v⟩, with g_B the gradient of the mean loss of one batch B of no more
// examples than Settings say.
func (p *Problem) BatchSlope(b Set, v []float32) (float64, error) {
	p.batch(b)
	g := p.vector(&p.own)
	p.plan.Gradient(g, 1/p.net.Weight(b), false)
	return tensor.Dot(g, v) + p.sloping(v), p.stopped()
}

// BatchGaussNewton returns vᵀG_B v, with G_B the Gauss-Newton matrix of the mean loss of one
// batch B of no more examples than Settings say.
func (p *Problem) BatchGaussNewton(b Set, v []float32) (float64, error) {
	p.batch(b)
	p.plan.SetTangent(v)
	gv := p.vector(&p.hv)
	p.plan.GaussNewtonVec(gv, 1/p.net.Weight(b), false)
	return tensor.Dot(v, gv) + p.bent(v), p.stopped()
}

// vector returns a vector that is allocated when it is first needed.
func (p *Problem) vector(v *[]float32) []float32 {
	if *v == nil {
		*v = make([]float32, p.net.Dim())
	}
	return *v
}
