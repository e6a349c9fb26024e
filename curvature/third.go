package curvature

import "breakeven/tensor"

// Third sets dst to the third derivative of the mean loss twice along v, ∇³L[v, v, ·], by the
// central difference (H(θ+hv)v − H(θ−hv)v)/2h of step h. For an eigenvector v of unit length with a
// simple eigenvalue it is the gradient of the eigenvalue. It costs four gradients and products; v
// must not be dst. What it is off by: h²/6 times a fifth derivative, and the rounding of a product over h.
func (p *Problem) Third(dst, v []float32, h float64) error {
	theta, back := make([]float32, len(v)), make([]float32, len(v))
	shifted := func(dst []float32, by float64) error {
		copy(theta, p.theta)
		tensor.Axpy(theta, float32(by), v)
		return p.productAt(dst, theta, v)
	}
	if err := shifted(dst, h); err != nil {
		return err
	}
	if err := shifted(back, -h); err != nil {
		return err
	}
	tensor.Axpy(dst, -1, back)
	tensor.Scale(dst, float32(1/(2*h)))
	return nil
}

// ThirdBytes returns the memory that Third takes for that many parameters.
func ThirdBytes(dim int) int64 { return 8 * int64(dim) }

// productAt sets dst to the product of v and the Hessian at other parameters. The problem's stay
// what they are.
func (p *Problem) productAt(dst, theta, v []float32) error {
	p.lend(p.chunks[0].Len())
	p.plan.With(theta, func() {
		p.plan.SetTangent(v)
		for c, set := range p.chunks {
			if p.stopped() != nil {
				return
			}
			p.plan.Forward(set)
			p.plan.Adjoints(nil, p.scale(), false)
			p.plan.HessVec(dst, p.scale(), c > 0)
		}
	})
	return p.stopped()
}
