package probe

import (
	"fmt"
	"math"
	"slices"

	"breakeven/curvature"
	"breakeven/nn"
	"breakeven/run"
	"breakeven/spectrum"
	"breakeven/tensor"
)

var noiseAxisKeys = []string{"k_curvature", "k_curvature_variance", "stability_k", "predicted_h_max_k", "predicted_k_max"}

var noiseAxisProbe = Probe{
	Name: "stability_k", Doc: "left side of Eq. 1 along the top eigenvector of K, and what it predicts",
	Keys:      named(noiseAxisKeys...),
	With:      "k",
	Batches:   true,
	Curvature: true,
	Sharp:     (*nn.Network).Couples,
	Cost:      func(s Sizes) float64 { return ofCovariance(3 + s.minibatches(1))(s) },
	Memory: func(net *nn.Network, s Sizes) Need {
		need := covarianceNeed("curvature along e_K¹", 2)(net, s)
		need.Kept += coupledBatches(net, s)
		need.Work += 8*int64(s.L)*int64(s.L) + spectrum.GramBytes(s.L)
		return need
	},
	Measure: noiseAxis,
}

// noiseAxis computes the left side of Eq. 1 along e_K¹, as the published version of the paper has it:
// the mean and the variance over examples are those of the curvature along e_K¹, which are λ_H¹ and
// s² where e_H¹ = ±e_K¹. With λ_K¹ = αλ_H¹ its closed form says what λ_K¹ is at break-even, too.
func noiseAxis(s *Subject) ([]run.Value, error) {
	k, err := s.covariance()
	switch {
	case err != nil:
		return nil, err
	case k.Zero():
		s.omit(kIsZero, noiseAxisKeys...)
		return nil, nil
	}
	e := make([]float32, len(s.Theta))
	k.Top(e, 0)
	along, err := s.curvatures(e)
	if err != nil {
		return nil, err
	}
	if len(along.x) < 2 {
		s.omit("a variance needs two "+along.of, noiseAxisKeys...)
		return nil, nil
	}
	h := make([]float32, len(e))
	if err := s.Problem.Hessian().MulVecTo(h, e); err != nil {
		return nil, err
	}
	a := axis{
		symbol: "e_K¹ᵀHe_K¹", lambda: tensor.Dot(e, h), sl: along.error(s.Problem.Set().Len()), s2: s.variance(along, "K"),
		sampling: fmt.Sprintf(ofCurvatures, along.of) + " and " + ofGradients, method: ", along e_K¹",
	}
	a.s2.Key = "k_curvature_variance"
	turned, err := s.turned(a, k, e, h)
	if err != nil {
		return nil, err
	}
	return s.alongNoise(a, k, turned), nil
}

// alongNoise makes the values along an axis that is e_K¹, given what its turning adds to their sampling
// errors, but for s².
func (s *Subject) alongNoise(a axis, k *curvature.Covariance, turned []float64) []run.Value {
	how := run.How{L: k.L, M: k.M, Examples: s.Problem.Set().Len(), Products: 1, Method: "curvature along the top eigenvector of K"}
	vs := append([]run.Value{{Key: "k_curvature", Value: a.lambda, Sample: a.sl, How: how}}, s.eqOne(a, "stability_k", "predicted_h_max_k")...)
	if len(vs) < 3 {
		s.omit("there is no closed form of λ_H¹", "predicted_k_max")
	} else {
		v, c := vs[2], s.ofMean()
		ratio := k.Max() / a.lambda
		v.Key, v.Value = "predicted_k_max", ratio*vs[2].Value
		v.Sample = ratio / a.lambda * math.Hypot((c*a.s2.Value/a.lambda-vs[2].Value)*a.sl, c*a.s2.Error)
		v.How.Method = "λ_K¹/(e_K¹ᵀHe_K¹) times predicted_h_max_k"
		vs = append(vs, v)
	}
	for i, v := range vs {
		v.How.L, v.How.M, v.Sample = k.L, k.M, math.Hypot(v.Sample, turned[i])
		vs[i] = sampled(v, a.sampling)
	}
	return slices.Insert(vs, 1, a.s2)
}

// turned returns the jackknife errors over the gradients of K, whose top eigenvector is e: of the
// curvature along it, of the left side of Eq. 1, and of λ_H¹ and λ_K¹ at break-even. They are of
// first order in the angle by which e turns: h = He, and s² and the curvature across e are as along it.
func (s *Subject) turned(a axis, k *curvature.Covariance, e, h []float32) ([]float64, error) {
	if k.L < leastJackknife {
		return make([]float64, 4), nil
	}
	u, other, c := make([]float64, k.L), make([]float32, len(e)), s.ofMean()
	return jackknife(k, func(g *spectrum.Gram, keep []int) ([]float64, error) {
		clear(u)
		for j, i := range keep {
			u[i] = g.Vectors.At(j, 0)
		}
		err := k.Direction(other, u)
		b, cos := a, tensor.Dot(other, e)
		b.lambda += 2 * cos * (tensor.Dot(other, h) - cos*a.lambda)
		left, _, _ := b.leftSide(s.LR, c)
		closed, _, _ := b.closedForm(s.LR, c)
		return []float64{b.lambda, left, closed, g.Max() / b.lambda * closed}, err
	}, s.stop)
}
