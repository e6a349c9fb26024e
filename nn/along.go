package nn

import (
	"fmt"

	"breakeven/tensor"
)

// The losses of single examples along a line θ + tv. With ẏ and ÿ the first two
// derivatives in t, ȳ the adjoints and z the outputs,
//
//	L̇ = ⟨z̄, ż⟩        L̈ = żᵀ(∂²L/∂z²)ż + ⟨z̄, z̈⟩
//
// ⟨z̄, z̈⟩ is a sum over the operations y = f(x, w): each adds its second derivative
// along its tangents, ⟨ȳ, f"[(ẋ, ẇ), (ẋ, ẇ)]⟩. For a product of weights and inputs
// that is twice the product of their tangents. No gradient of a single example is
// needed.

// ExampleSlopes computes dst[i] = scale · ⟨g_i, v⟩ for the gradients g_i of the losses
// of the examples of the current batch and the v of SetTangent, after Forward.
func (p *Plan) ExampleSlopes(dst []float64, scale float64) {
	p.along(dst)
	p.scale = scale
	p.overLosses(p.adjointTask) // in the cotangents, so that the tape stays as it is
	for i := range dst {
		dst[i] = p.alongOutputs(i)
	}
}

// ExampleCurvatures computes dst[i] = scale · vᵀH_i v for the Hessians H_i of the losses
// of the examples of the current batch and the v of SetTangent, after Adjoints with the
// same scale. It costs as much as a gradient.
func (p *Plan) ExampleCurvatures(dst []float64, scale float64) {
	p.mustPerExample()
	p.mustHaveAdjointsAt(scale)
	p.along(dst)
	p.scale = scale
	p.overLosses(p.hessianTask)
	for i := range dst {
		dst[i] = p.alongOutputs(i)
	}
	p.curvatures = dst
	p.run(p.alongPass)
	p.curvatures = nil
}

// ExampleGaussNewtons computes dst[i] = scale · vᵀG_i v for the Gauss-Newton matrices G_i of
// the losses of the examples of the current batch and the v of SetTangent, after Forward.
func (p *Plan) ExampleGaussNewtons(dst []float64, scale float64) {
	p.along(dst)
	p.scale = scale
	p.overLosses(p.convexTask)
	for i := range dst {
		dst[i] = p.alongOutputs(i)
	}
}

// along computes the tangents of the current batch, for a result in dst.
func (p *Plan) along(dst []float64) {
	p.mustPerExample()
	p.mustHaveTargets()
	p.mustHaveTangent()
	if len(dst) != p.cur.n {
		panic(fmt.Sprintf("nn: %d results for %d examples", len(dst), p.cur.n))
	}
	p.run(p.tangentPass)
}

// addSecond adds scale·⟨ȳ_i, s_i⟩ for the examples lo … hi-1, with one s_i after the
// other in s.
func (p *Plan) addSecond(y arg, scale float64, s []float32, lo, hi int) {
	for i := lo; i < hi; i++ {
		p.curvatures[i] += scale * tensor.Dot(y.example(adjoints, i), s[(i-lo)*y.size:(i-lo+1)*y.size])
	}
}
