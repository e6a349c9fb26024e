package probe

import (
	"fmt"
	"math"

	"breakeven/curvature"
	"breakeven/nn"
	"breakeven/run"
	"breakeven/tensor"
)

var gapKeys = []string{"top_noise", "sharpening", "stabilisation", "sharpness_gap", "edge_distance"}

var gapProbe = Probe{
	Name: "gap", Doc: "stochastic sharpness gap: how far below 2/η the noise of batches holds λ_H¹",
	Keys:      named(gapKeys...),
	With:      "h",
	Curvature: true,
	Sharp:     (*nn.Network).Couples,
	Cost:      func(s Sizes) float64 { return ofEigenvector(15 + s.minibatches(1))(s) },
	Memory: func(net *nn.Network, s Sizes) Need {
		need := Need{Part: "change of curvature"}
		if !s.eigenvector {
			need = searching(net, s, 1, 0)
		}
		need.Work = max(need.Work, curvature.ThirdBytes(net.Dim())+4*int64(net.Dim()))
		return need
	},
	Measure: gap,
}

// gap measures what the stochastic sharpness gap ΔS = ηβσ_u²/(4α) is made of (Liao et al. 2026),
// with u = e_H¹: the noise σ_u² of a training batch's gradient along u, and of ∇λ_H¹ across u the
// rate α = −⟨g, ∇λ_H¹⟩ at which the loss sharpens and the strength β = ‖∇λ_H¹‖² of
// self-stabilisation (Damian et al. 2023).
func gap(s *Subject) ([]run.Value, error) {
	if s.eigen == nil {
		if _, err := s.extremes(1, 0); err != nil {
			return nil, err
		}
	}
	if s.eigen.zero(0) {
		s.omit(hIsZero, gapKeys...)
		return nil, nil
	}
	vs, err := s.topNoise()
	if err != nil {
		return nil, err
	}
	alpha, beta, err := s.sharpening()
	if err != nil {
		return nil, err
	}
	vs = append(vs, alpha, beta)
	plain, err := s.plainDescent()
	switch {
	case err != nil:
		return nil, err
	case !plain:
		s.omit("the closed form is that of plain SGD", "sharpness_gap", "edge_distance")
		return vs, nil
	case s.LR == 0:
		s.omit("the learning rate is 0", "sharpness_gap", "edge_distance")
		return vs, nil
	}
	if len(vs) < 3 {
		s.omit("the noise along e_H¹ is not known", "sharpness_gap")
	} else if v, why := s.closedGap(vs[0], alpha, beta); why == "" {
		vs = append(vs, v)
	} else {
		s.omit(why, "sharpness_gap")
	}
	distance, err := s.edgeDistance()
	return append(vs, distance), err
}

// plainDescent reports whether the next step is one of gradient descent, θ ← θ − ηg, or there is none.
func (s *Subject) plainDescent() (bool, error) {
	if s.Preconditioner != nil {
		if p, err := s.Preconditioner(); err != nil || !p.Plain() {
			return false, err
		}
	}
	if s.Bound == nil {
		return true, nil
	}
	bound, ok := s.Bound()
	plain, _ := run.Bound("sgd", s.LR, 0)
	return ok && bound == plain, nil
}

// topNoise makes the value of σ_u² = uᵀKu with K of training batches, from the slopes of examples
// along u. It is left out where there is but one minibatch of them.
func (s *Subject) topNoise() ([]run.Value, error) {
	a, err := s.slopes(s.eigen.Vectors[0])
	if err != nil {
		return nil, err
	}
	if len(a.x) < 2 {
		s.omit("a variance needs two "+a.of, "top_noise")
		return nil, nil
	}
	v, dev := s.populationVariance(a)
	c := s.ofMean()
	how := run.How{Error: standardError, Examples: len(a.x) * max(1, a.m), Batch: s.Size, N: s.N,
		Method: fmt.Sprintf("variance of slopes of %s along the top eigenvector of H", a.of)}
	if s.Size == s.N {
		how.Note = "S = N: there is no noise"
	}
	return []run.Value{known(run.Value{Key: "top_noise", Value: c * v, Error: c * dev, How: how})}, nil
}

const (
	thirdStep   = 1. / 32 // of the first difference
	thirdChange = 0.1     // relative change of λ_H¹ that the last ones aim at
)

// A sharpeningRate is α and β, by a difference of some step.
type sharpeningRate struct{ alpha, beta, norm float64 }

// sharpening makes the values of α and β. A first difference of Hessian products along u says how
// long a step changes the curvature by a tenth; the values are of half that step, and the
// difference to those of the whole one is their error, besides the rounding of the products.
func (s *Subject) sharpening() (alpha, beta run.Value, err error) {
	g, u, d := s.Problem.Gradient(), s.eigen.Vectors[0], make([]float32, len(s.Theta))
	at := func(h float64) (r sharpeningRate) {
		if err == nil {
			err = s.Problem.Third(d, u, h)
		}
		r.norm = tensor.Norm(d)
		tensor.Axpy(d, -float32(tensor.Dot(d, u)), u)
		r.alpha, r.beta = -tensor.Dot(g, d), tensor.Dot(d, d)
		return r
	}
	h := thirdStep
	if first := at(h); first.norm > 0 {
		wanted := thirdChange / 2 * math.Abs(s.eigen.Values[0]) / first.norm
		h = min(max(wanted, thirdStep/32), thirdStep*8)
	}
	whole, half := at(h), at(h/2)
	rounding := s.eigen.rounding[0] / (h / math.Sqrt2) // of two products, over 2·h/2
	how := run.How{Examples: s.Problem.Set().Len(), Products: 6, Seed: s.Seed, Tolerance: s.Tol, Error: "difference",
		Method: fmt.Sprintf("central difference of Hessian products along the top eigenvector, step %.3g", h/2)}
	if angle := s.eigen.angle(); angle >= 0.1 {
		how.Note = fmt.Sprintf("the eigenvector is determined to an angle of %.2g", angle)
	}
	alpha = run.Value{Key: "sharpening", Value: half.alpha, Error: math.Abs(half.alpha - whole.alpha), How: how}
	beta = run.Value{Key: "stabilisation", Value: half.beta, Error: math.Abs(half.beta - whole.beta), How: how}
	alpha.How.Rounding, beta.How.Rounding = rounding*tensor.Norm(g), rounding*(2*math.Sqrt(half.beta)+rounding)
	alpha.Error += alpha.How.Rounding
	beta.Error += beta.How.Rounding
	return alpha, beta, err
}

// closedGap makes the value of ΔS = ηβσ_u²/(4α), or says why there is none.
func (s *Subject) closedGap(noise, alpha, beta run.Value) (v run.Value, why string) {
	switch {
	case alpha.Value < -alpha.Error:
		return v, "the sharpness falls along the gradient (α < 0), as where cross-entropy has become small: there is no progressive sharpening for the noise to hold back"
	case alpha.Value <= alpha.Error:
		return v, "the rate α of progressive sharpening is 0 within its error"
	}
	v = run.Value{Key: "sharpness_gap", Value: s.LR * beta.Value * noise.Value / (4 * alpha.Value), How: alpha.How}
	v.How.LR, v.How.Batch, v.How.N, v.How.Rounding = s.LR, s.Size, s.N, 0
	v.How.Error, v.How.Method = propagated, "ηβσ_u²/(4α)"
	if s.eigen.Values[0] < 1/s.LR {
		v.How.Note = also(v.How.Note, "λ_H¹ is below half of 2/η: the closed form is for the edge")
	}
	if s.LR*v.Value > 0.5 {
		v.How.Note = also(v.How.Note, fmt.Sprintf("ηΔS is %.2g, and the closed form takes it as small", s.LR*v.Value))
	}
	if noise.Value == 0 {
		return known(v), ""
	}
	v.Error = v.Value * (alpha.Error/alpha.Value + ratioOf(beta.Error, beta.Value))
	v.Sample = v.Value * noise.Error / noise.Value
	return sampled(known(v), "slopes"), ""
}

// ratioOf is a/b, and 0 if b is.
func ratioOf(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// edgeDistance makes the value of 2/η − λ_H¹, the gap as it is.
func (s *Subject) edgeDistance() (run.Value, error) {
	v := s.eigen.value("edge_distance", 0, run.How{Examples: s.Problem.Set().Len(), Tolerance: s.Tol, Seed: s.Seed, LR: s.LR,
		Products: s.eigen.Products, Error: residualBound, Method: "2/η − h_max"})
	v.Value = 2/s.LR - v.Value
	top, err := s.alongTop()
	return top.sampled(v, ofCurvatures), err
}
