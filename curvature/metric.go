package curvature

import (
	"breakeven/spectrum"
	"breakeven/tensor"
)

// Products returns the inner products ⟨g_i, Ag_j⟩ of the first n gradients of K in the metric of a
// symmetric matrix, n×n: with the Hessian, what steps along these gradients do to the loss to
// second order. It costs n products.
func (c *Covariance) Products(a spectrum.Operator, n int) ([]float64, error) {
	all, product := make([]float64, n*n), make([]float32, a.Dim())
	for j := range n {
		if err := a.MulVecTo(product, c.gradients[j]); err != nil {
			return nil, err
		}
		for i := range j + 1 {
			dot := tensor.Dot(c.gradients[i], product)
			all[i*n+j], all[j*n+i] = dot, dot
		}
	}
	return all, nil
}
