package probe

import (
	"errors"
	"math"

	"breakeven/curvature"
	"breakeven/nn"
	"breakeven/run"
	"breakeven/spectrum"
)

var edgeProbe = Probe{
	Name: "edge", Doc: "curvature as the method sees it, P⁻¹H, against its own bound of stability",
	Keys:      named("ph_max", "edge"),
	With:      "h",
	Curvature: true,
	Sharp:     (*nn.Network).Couples,
	Cost: func(s Sizes) float64 {
		if s.Precond == 0 {
			return ofEigenvector(0)(s)
		}
		return 15
	},
	Memory: func(net *nn.Network, s Sizes) Need {
		if s.Precond == 0 && s.eigenvector {
			return Need{Part: "curvature of steps"}
		}
		need := searching(net, s, 1, 0)
		need.Work += s.Precond
		return need
	},
	Measure: edge,
}

// edge finds the largest eigenvalue of P⁻¹H for what the next step divides gradients by, and
// compares it with the bound of its method (Cohen et al. 2022). Where there is no training the
// step is one of gradient descent.
func edge(s *Subject) ([]run.Value, error) {
	v, err := s.seenCurvature()
	if err != nil || v.Key == "" {
		return nil, err
	}
	bound, ok := run.Bound("sgd", s.LR, 0)
	if s.Bound != nil {
		bound, ok = s.Bound()
	}
	switch {
	case !ok:
		s.omit("no bound of stability is known for this method", "edge")
		return []run.Value{v}, nil
	case math.IsInf(bound, 0):
		s.omit("the learning rate is 0", "edge")
		return []run.Value{v}, nil
	}
	ratio := v
	ratio.Key, ratio.Value, ratio.Error, ratio.Sample = "edge", v.Value/bound, v.Error/bound, v.Sample/bound
	ratio.How.LR = s.LR
	return []run.Value{v, ratio}, nil
}

// seenCurvature makes the value of the largest eigenvalue of P⁻¹H. It has no key if it is left
// out.
func (s *Subject) seenCurvature() (v run.Value, err error) {
	var p curvature.Preconditioner
	if s.Preconditioner != nil {
		if p, err = s.Preconditioner(); err != nil {
			return v, err
		}
	}
	if p.Plain() {
		return s.plainCurvature()
	}
	op, symmetric, err := p.Curvature(s.Problem.Hessian().Undecayed()) // it has λ of its own
	switch {
	case errors.Is(err, curvature.ErrIndefinite):
		s.omit("the Kronecker factors are not positive definite up to rounding", "ph_max", "edge")
		return v, nil
	case err != nil:
		return v, err
	}
	return s.rightmost(op, symmetric)
}

// plainCurvature is h_max, measured before or now.
func (s *Subject) plainCurvature() (v run.Value, err error) {
	if s.eigen == nil {
		if _, err := s.extremes(1, 0); err != nil {
			return v, err
		}
	}
	v = s.eigen.value("ph_max", 0, run.How{Examples: s.Problem.Set().Len(), Tolerance: s.Tol, Seed: s.Seed, Error: residualBound,
		Products: s.eigen.Products, Method: "h_max: nothing divides the gradient"})
	top, err := s.alongTop()
	return top.sampled(v, ofCurvatures), err
}

// rightmost makes the value of the largest eigenvalue, of the largest real part if the operator
// is not symmetric.
func (s *Subject) rightmost(op spectrum.Operator, symmetric bool) (run.Value, error) {
	set := &spectrum.Settings{Tol: s.Tol, MaxProducts: s.MaxProducts, Src: s.stream("edge")}
	v := run.Value{Key: "ph_max", How: run.How{Examples: s.Problem.Set().Len(), Tolerance: s.Tol, Seed: s.Seed}}
	if symmetric {
		r, err := spectrum.Lanczos(op, set)
		if err != nil {
			return v, err
		}
		v.Value, v.Error, v.How.Products, v.How.Note = r.Values[0], r.Residuals[0], r.Products, note(r, nil)
		v.How.Error, v.How.Method = residualBound, "Lanczos on a symmetric matrix with the eigenvalues of P⁻¹H"
		return v, nil
	}
	r, err := spectrum.Arnoldi(op, set)
	if err != nil {
		return v, err
	}
	v.Value, v.Error, v.How.Products = real(r.Value), r.Residual, r.Products
	v.How.Error, v.How.Method = residualOnly, "Arnoldi: P⁻¹H has no symmetric form"
	if imag(r.Value) != 0 {
		v.How.Note = "the eigenvalue is complex; this is its real part"
	}
	if !r.Converged {
		v.How.Note = also(v.How.Note, "stopped before the tolerance was reached")
	}
	return v, nil
}
