package curvature

import "breakeven/tensor"

// penalty returns (λ/2)‖θ‖², what weight decay adds to the loss.
func (p *Problem) penalty(theta []float32) float64 {
	if p.decay == 0 {
		return 0
	}
	return p.decay / 2 * tensor.Dot(theta, theta)
}

// decayed adds λv to dst: to a gradient with v = θ, to a product with H or G of v.
func (p *Problem) decayed(dst, v []float32) {
	if p.decay != 0 {
		tensor.Axpy(dst, float32(p.decay), v)
	}
}

// bent returns λ‖v‖², what weight decay adds to the curvature along v.
func (p *Problem) bent(v []float32) float64 {
	if p.decay == 0 {
		return 0
	}
	return p.decay * tensor.Dot(v, v)
}

// sloping returns λ⟨θ, v⟩, what weight decay adds to the slope along v.
func (p *Problem) sloping(v []float32) float64 {
	if p.decay == 0 {
		return 0
	}
	return p.decay * tensor.Dot(p.theta, v)
}

// Undecayed returns the operator without the λI of weight decay.
func (o *Operator) Undecayed() *Operator {
	plain := *o
	plain.plain = true
	return &plain
}

// decayed adds the product of v with λI to dst.
func (o *Operator) decayed(dst, v []float32) {
	if !o.plain {
		o.p.decayed(dst, v)
	}
}
