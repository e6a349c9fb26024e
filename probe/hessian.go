package probe

import (
	"fmt"
	"math"

	"breakeven/curvature"
	"breakeven/nn"
	"breakeven/run"
	"breakeven/spectrum"
	"breakeven/tensor"
)

var hessianProbe = Probe{
	Name: "h", Doc: "largest eigenvalue of the Hessian", Default: true,
	Keys:      named("h_max", "alignment", "alignment_example"),
	Curvature: true,
	Cost:      sets(10),
	Memory:    func(net *nn.Network, s Sizes) Need { return searching(net, s, 1, 0) },
	Measure:   func(s *Subject) ([]run.Value, error) { return s.extremes(1, 0) },
}

var endsProbe = Probe{
	Name: "h5", Doc: "both ends of the Hessian's spectrum",
	Keys:      named("h_max", "h_top5", "h_condition5", "h_min", "alignment", "alignment_example"),
	Curvature: true,
	Cost:      sets(120),
	Memory:    func(net *nn.Network, s Sizes) Need { return searching(net, s, 5, 2) },
	Measure:   func(s *Subject) ([]run.Value, error) { return s.extremes(5, 2) },
}

// extremes finds the ends of the Hessian's spectrum, and how the top eigenvector
// lies to those of K.
func (s *Subject) extremes(largest, smallest int) ([]run.Value, error) {
	r, how, err := s.search(s.Problem.Hessian(), &spectrum.Settings{
		Largest: largest, Smallest: smallest, Start: s.Warm, Src: s.stream("h")})
	if err != nil {
		return nil, err
	}
	s.eigen, s.Warm = r, r.Vectors
	vs := []run.Value{{Key: "h_max", Value: r.Values[0], Error: r.Residuals[0], How: how}}
	if largest == 5 && len(r.Values) > 5 {
		worst := 0.0
		for _, e := range r.Residuals[:5] {
			worst = max(worst, e)
		}
		vs = append(vs,
			run.Value{Key: "h_top5", Value: r.Values[0], Vector: r.Values[:5], Error: worst, How: how},
			run.Value{Key: "h_condition5", Value: r.Values[0] / r.Values[4], Error: r.Residuals[0]/math.Abs(r.Values[4]) + math.Abs(r.Values[0])*r.Residuals[4]/(r.Values[4]*r.Values[4]), How: how},
			run.Value{Key: "h_min", Value: r.Values[5], Vector: r.Values[5:], Error: r.Residuals[5], How: how})
	}
	e := make([]float32, len(s.Theta))
	align := run.How{Examples: how.Examples, Error: propagated, Method: "cosine of the top eigenvectors"}
	off := r.Estimates[0] / r.Residuals[0] // residual over gap: the angle to the eigenvector
	if s.k != nil {
		s.k.Top(e, 0)
		align.L, align.M = s.k.L, s.k.M
		vs = append(vs, run.Value{Key: "alignment", Value: math.Abs(tensor.Dot(e, r.Vectors[0])), Error: off, How: align})
	}
	if s.k1 != nil {
		if err := s.k1.Top(e, 0); err != nil {
			return nil, err
		}
		align.L, align.M = s.k1.L, 1
		vs = append(vs, run.Value{Key: "alignment_example", Value: math.Abs(tensor.Dot(e, r.Vectors[0])), Error: off, How: align})
	}
	return vs, nil
}

// search runs Lanczos, and says how. For one pair it begins on some of the
// examples, where there are enough: for several that saves nothing.
func (s *Subject) search(o *curvature.Operator, set *spectrum.Settings) (*spectrum.Result, run.How, error) {
	how := run.How{Examples: o.Examples(), Tolerance: s.Tol, Seed: s.Seed, Error: residualBound,
		Method: "Lanczos with full reorthogonalisation and thick restart"}
	rough, ok := o.Rough()
	if ok && set.Largest+set.Smallest < 2 {
		set.Rough = rough
	}
	set.Tol, set.MaxProducts = s.Tol, s.MaxProducts
	r, err := spectrum.Lanczos(o, set)
	if err != nil {
		return nil, how, err
	}
	how.Products = r.Products
	switch {
	case !r.Converged:
		how.Note = "stopped before the tolerance was reached"
	case r.Rough != nil:
		how.Note = fmt.Sprintf("begun with %d products on %d of the examples, which have no eigenvalue above %.3g (99 %%)",
			r.Rough.Products, rough.Examples(), r.Rough.Above)
	case !math.IsInf(r.Above, 1):
		how.Note = fmt.Sprintf("no eigenvalue is above %.4g (99 %%)", r.Above)
	}
	return r, how, nil
}
