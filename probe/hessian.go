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
	if smallest > 0 {
		vs = append(vs, ends(r, min(largest, len(s.Theta)), how)...)
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

// ends makes the values of both ends of a spectrum, of which the first pairs are the largest.
func ends(r *spectrum.Result, largest int, how run.How) []run.Value {
	top, low := r.Values[:largest], r.Values[largest:]
	first, fifth, dev := top[0], top[largest-1], r.Residuals[largest-1]
	known := largest == 5 && math.Abs(fifth) > dev
	five := how
	if !known {
		five.Note = also(how.Note, "there is no fifth eigenvalue but 0 within its error: λ_H¹/λ_H⁵ is left out")
	}
	vs := []run.Value{{Key: "h_top5", Value: first, Vector: top, Error: slices.Max(r.Residuals[:largest]), How: five}}
	if known {
		vs = append(vs, run.Value{Key: "h_condition5", Value: first / fifth, How: how,
			Error: r.Residuals[0]/math.Abs(fifth) + math.Abs(first)*dev/(fifth*fifth)})
	}
	return append(vs, run.Value{Key: "h_min", Value: low[0], Vector: low, Error: r.Residuals[largest], How: how})
}

// also adds a sentence to a note.
func also(note, more string) string {
	if note == "" {
		return more
	}
	return note + "; " + more
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
	case !r.Converged && r.Missing:
		how.Note = "stopped before further copies of the eigenvalues were excluded: some may be missing"
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
