package nn

import (
	"fmt"

	"breakeven/tensor"
)

// The losses of single examples along a line θ + tv: with ẏ and ÿ the first two
// derivatives in t, and ȳ the adjoints,
//
//	L̇ = ⟨z̄, ż⟩        L̈ = żᵀ(∂²L/∂z²)ż + ⟨z̄, z̈⟩
//
// for the outputs z. In ⟨z̄, z̈⟩ each operation y = f(x, w) adds what its second
// derivative makes of its tangents, ⟨ȳ, f"[(ẋ, ẇ), (ẋ, ẇ)]⟩: for a product of
// weights and inputs twice the product of their tangents. So no gradient of a
// single example is needed.

// ExampleSlopes computes dst[i] = ⟨g_i, v⟩ for the gradients of the losses of the
// examples of the current batch, times scale, where v was given to SetTangent,
// after Forward.
func (p *Plan) ExampleSlopes(dst []float64, scale float64) {
	p.along(dst)
	p.scale = scale
	p.overLosses(p.adjointTask) // in the cotangents, not to disturb the tape
	for i := range dst {
		dst[i] = p.alongOutputs(i)
	}
}

// ExampleCurvatures computes dst[i] = vᵀH_i v for the Hessians of the losses of
// the examples of the current batch, times scale, where v was given to
// SetTangent, after Adjoints with the same scale. It costs the
// products of a gradient.
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

// addSecond adds scale·⟨ȳ_i, s_i⟩ for the examples lo … hi-1, whose s follow each
// other.
func (p *Plan) addSecond(y arg, scale float64, s []float32, lo, hi int) {
	for i := lo; i < hi; i++ {
		p.curvatures[i] += scale * tensor.Dot(y.example(adjoints, i), s[(i-lo)*y.size:(i-lo+1)*y.size])
	}
}
