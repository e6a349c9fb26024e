package probe

import (
	"fmt"
	"math"

	"breakeven/curvature"
	"breakeven/run"
	"breakeven/spectrum"
	"breakeven/tensor"
)

func hessian(s *Subject) ([]run.Value, error) { return s.extremes(1, 0) }

func hessianEnds(s *Subject) ([]run.Value, error) { return s.extremes(5, 2) }

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

// stability computes the left side of Eq. 1 of Jastrzębski et al. 2020,
//
//	(1 − η λ_H¹)² + s² η² (N − S) / (S (N − 1)),
//
// with s² the variance over examples of the curvature along e_H¹. Under batch
// norm, where examples have no curvature of their own, s² is what the variance
// between minibatches would come from. Where there is but one of them it is not
// known, and Eq. 1 is left out.
func stability(s *Subject) ([]run.Value, error) {
	if s.eigen == nil {
		if _, err := s.extremes(1, 0); err != nil {
			return nil, err
		}
	}
	x, how, err := s.curvatures(s.eigen.Vectors[0])
	if len(x) < 2 || err != nil {
		return nil, err
	}
	s2, dev := variance(x)
	// Of L disjoint batches of M, out of N examples: s² = M (N−1)/N times their
	// sample variance. Over all N examples that is the population variance.
	n, l := float64(s.N), float64(len(x))
	k := float64(max(1, how.M)) * (n - 1) / n * l / (l - 1)
	s2, dev = k*s2, k*dev

	lambda, dl := s.eigen.Values[0], s.eigen.Residuals[0]
	eta, size := s.LR, float64(s.Size)
	c := (n - size) / (size * (n - 1))
	left := (1-eta*lambda)*(1-eta*lambda) + s2*eta*eta*c
	all := how
	all.Error, all.Method = propagated, "left side of Eq. 1 of Jastrzębski et al. 2020"
	predict := all
	predict.Method = "2/η − s²(N−S)/(λ_H¹S(N−1)): Eq. 1 solved for λ_H¹ with (ψ−ψ*)² = λ_K¹/s²"
	return []run.Value{
		{Key: "curvature_variance", Value: s2, Error: dev, How: how},
		{Key: "stability", Value: left, Error: math.Abs(2*eta*(1-eta*lambda))*dl + eta*eta*c*dev, How: all},
		{Key: "predicted_h_max", Value: 2/eta - c*s2/lambda, Error: c*dev/math.Abs(lambda) + c*s2*dl/(lambda*lambda), How: predict},
	}, nil
}

// curvatures returns the curvature along e of each example, or, under batch
// norm, of each minibatch.
func (s *Subject) curvatures(e []float32) ([]float64, run.How, error) {
	how := run.How{Error: standardError, Method: "variance over examples of the curvature along the top eigenvector of H"}
	if s.Problem.PerExample() {
		x := make([]float64, s.Problem.Set().Len())
		how.Examples = len(x)
		return x, how, s.Problem.Curvatures(x, e)
	}
	x, err := s.batchCurvatures(e)
	how.L, how.M, how.Examples = len(x), s.Sharp[0].Len(), len(x)*s.Sharp[0].Len()
	how.Note = "from the variance between minibatches: single examples have no curvature under batch norm"
	return x, how, err
}

// batchCurvatures returns the curvature of each minibatch along e, or, if that is
// nil, along its own gradient.
func (s *Subject) batchCurvatures(e []float32) (x []float64, err error) {
	for _, b := range s.Sharp {
		c, err := s.Problem.BatchCurvature(b, e)
		if err != nil {
			return nil, err
		}
		x = append(x, c)
	}
	return x, nil
}

// variance returns the population variance of x and its standard error.
func variance(x []float64) (v, stderr float64) {
	n, mean := float64(len(x)), 0.0
	for _, y := range x {
		mean += y / n
	}
	fourth := 0.0
	for _, y := range x {
		d := (y - mean) * (y - mean)
		v += d / n
		fourth += d * d / n
	}
	return v, math.Sqrt(max(0, fourth-v*v) / n)
}

// sharpness computes E[g_Bᵀ H_B g_B / ‖g_B‖²] over minibatches B (Andreyev &
// Beneventano 2024).
func sharpness(s *Subject) ([]run.Value, error) {
	x, err := s.batchCurvatures(nil)
	if err != nil {
		return nil, err
	}
	v, _ := variance(x)
	mean := 0.0
	for _, y := range x {
		mean += y / float64(len(x))
	}
	how := run.How{L: len(x), M: s.Sharp[0].Len(), Examples: len(x) * s.Sharp[0].Len(), Error: standardError,
		Method: "mean over minibatches of the curvature along their own gradient"}
	dev := math.Sqrt(v / float64(len(x)-1))
	if len(x) == 1 {
		dev, how.Error, how.Note = 0, "", "one minibatch: no error is known"
	}
	return []run.Value{{Key: "batch_sharpness", Value: mean, Error: dev, How: how}}, nil
}

func gaussNewton(s *Subject) ([]run.Value, error) {
	r, how, err := s.search(s.Problem.GaussNewton(), &spectrum.Settings{Src: s.stream("ggn")})
	if err != nil {
		return nil, err
	}
	return []run.Value{{Key: "ggn_max", Value: r.Values[0], Error: r.Residuals[0], How: how}}, nil
}

func trace(s *Subject) ([]run.Value, error) {
	t, err := spectrum.HutchPP(s.Problem.Hessian(), &spectrum.TraceSettings{Src: s.stream("trace")})
	if err != nil {
		return nil, err
	}
	how := run.How{Examples: s.Problem.Set().Len(), Products: t.Products, Seed: s.Seed, Error: standardError, Method: "Hutch++"}
	return []run.Value{{Key: "h_trace", Value: t.Value, Error: t.StdErr, How: how}}, nil
}

// densitySteps is the products spent on each of the two random vectors: what is
// sharper than a thirtieth of the spectrum is not resolved.
const densitySteps = 30

// density gives pairs of grid point and density; Value is the mean eigenvalue
// that the quadrature sees.
func density(s *Subject) ([]run.Value, error) {
	d, err := spectrum.Quadrature(s.Problem.Hessian(), &spectrum.DensitySettings{Probes: 2, Steps: densitySteps, Src: s.stream("density")})
	if err != nil {
		return nil, err
	}
	mean, dev := d.Mean(func(x float64) float64 { return x })
	v := run.Value{Key: "h_density", Value: mean, Error: dev, How: run.How{
		Examples: s.Problem.Set().Len(), Products: d.Products, Seed: s.Seed, Error: standardError,
		Method: "stochastic Lanczos quadrature", Note: "value and error are those of the mean eigenvalue"}}
	for i, x := range d.Grid {
		v.Vector = append(v.Vector, x, d.Value[i])
	}
	return []run.Value{v}, nil
}

func tangentKernel(s *Subject) ([]run.Value, error) {
	if !s.Problem.PerExample() || s.Kernel.Len() == 0 {
		return nil, nil
	}
	k, err := curvature.TangentKernel(s.Net, s.Kernel, s.Theta, s.stop)
	if err != nil {
		return nil, err
	}
	g, err := spectrum.GramSpectrum(k, &spectrum.GramSettings{Stop: s.stop})
	if err != nil {
		return nil, err
	}
	how := run.How{Examples: s.Kernel.Len(), Method: "eigenvalues of the matrix of all outputs"}
	return []run.Value{
		{Key: "ntk_max", Value: g.Max(), How: how},
		{Key: "ntk_trace", Value: g.Trace(), How: how},
	}, nil
}

func normScale(s *Subject) ([]run.Value, error) {
	norm, ok := s.Net.LastNormScale()
	if !ok {
		return nil, nil
	}
	g := s.Theta[norm.Offset : norm.Offset+norm.Size()]
	return []run.Value{{Key: "bn_scale", Value: tensor.Norm(g), How: run.How{Method: "norm of " + norm.Name}}}, nil
}
