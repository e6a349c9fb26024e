package probe

import (
	"fmt"
	"math"
	"slices"

	"breakeven/nn"
	"breakeven/run"
	"breakeven/spectrum"
)

var stabilityProbe = Probe{
	Name: "stability", Doc: "left side of Eq. 1 and what it predicts", Default: true,
	Keys:      named("curvature_variance", "stability", "predicted_h_max"),
	With:      "h",
	Curvature: true,
	Sharp:     (*nn.Network).Couples,
	Cost:      ofEigenvector(1),
	Memory: func(net *nn.Network, s Sizes) Need {
		need := Need{Part: "curvature of batches"}
		if !s.eigenvector { // it looks for the eigenvector itself
			need = searching(net, s, 1, 0)
		}
		return need
	},
	Measure: stability,
}

// stability computes the left side of Eq. 1 of Jastrzębski et al. 2020,
//
//	(1 − η λ_H¹)² + s² η² (N − S) / (S (N − 1)),
//
// with s² the variance over examples of the curvature along e_H¹. Under batch
// norm, where examples have no curvature of their own, s² is what the variance
// between minibatches would come from. Where there is but one of them, or λ_H¹ is 0,
// Eq. 1 is left out.
func stability(s *Subject) ([]run.Value, error) {
	if s.eigen == nil {
		if _, err := s.extremes(1, 0); err != nil {
			return nil, err
		}
	}
	if s.eigen.zero(0) {
		s.omit(hIsZero, "curvature_variance", "stability", "predicted_h_max")
		return nil, nil
	}
	along, err := s.alongTop()
	if err != nil {
		return nil, err
	}
	if len(along.x) < 2 {
		s.omit("a variance needs two "+along.of, "curvature_variance", "stability", "predicted_h_max")
		return nil, nil
	}
	s2 := s.variance(along, "H")
	if s.eigen.angle() >= 1 {
		s2.How.Note = also(s2.How.Note, "the eigenvector is not determined within its error: of several that are, this is one")
	}
	a := axis{
		symbol: "λ_H¹", lambda: s.eigen.Values[0], dl: s.eigen.err(0), sl: along.error(s.Problem.Set().Len()), s2: s2,
		sampling: fmt.Sprintf(ofCurvatures, along.of),
	}
	return append([]run.Value{s2}, s.eqOne(a, "stability", "predicted_h_max")...), nil
}

// An axis is a direction along which Eq. 1 is taken.
type axis struct {
	symbol   string  // of the mean curvature along it
	lambda   float64 // this curvature
	dl, sl   float64 // the error of its estimate, and that of its sample
	s2       run.Value
	sampling string // kind of the sampling errors
	method   string // after that along e_H¹
}

// leftSide returns the left side of Eq. 1 with both errors, given what the variance of a batch is of that of examples.
func (a axis) leftSide(eta, c float64) (left, err, sample float64) {
	slope := math.Abs(2 * eta * (1 - eta*a.lambda))
	left = (1-eta*a.lambda)*(1-eta*a.lambda) + a.s2.Value*eta*eta*c
	return left, slope * a.dl, math.Hypot(slope*a.sl, eta*eta*c*a.s2.Error)
}

// closedForm returns the λ_H¹ at which Eq. 1 holds with equality, with both errors.
func (a axis) closedForm(eta, c float64) (h, err, sample float64) {
	term := c * a.s2.Value / (a.lambda * a.lambda)
	return 2/eta - c*a.s2.Value/a.lambda, term * a.dl, math.Hypot(c*a.s2.Error/a.lambda, term*a.sl)
}

// eqOne makes the left side of Eq. 1 along an axis and, where there is one, λ_H¹ at break-even in
// closed form, under the given keys.
func (s *Subject) eqOne(a axis, left, closed string) []run.Value {
	c, all := s.ofMean(), a.s2.How
	all.Error, all.Method = propagated, "left side of Eq. 1 of Jastrzębski et al. 2020"+a.method
	all.LR, all.Batch, all.N = s.LR, s.Size, s.N
	if s.Size == s.N {
		all.Note = also(all.Note, "S = N: the term of the variance is 0")
	}
	of := func(key string, value, err, sample float64) run.Value {
		return sampled(known(run.Value{Key: key, Value: value, Error: err, Sample: sample, How: all}), a.sampling)
	}
	value, err, sample := a.leftSide(s.LR, c)
	vs := []run.Value{of(left, value, err, sample)}
	switch {
	case a.lambda <= 0:
		s.omit("the closed form needs a positive "+a.symbol, closed)
		return vs
	case s.LR == 0:
		s.omit("the learning rate is 0", closed)
		return vs
	}
	all.Method = "2/η − s²(N−S)/(λ_H¹S(N−1)): Eq. 1 solved for λ_H¹ with (ψ−ψ*)² = λ_K¹/s²" + a.method
	value, err, sample = a.closedForm(s.LR, c)
	return append(vs, of(closed, value, err, sample))
}

// ofMean returns what the variance of a mean over a training batch is of that over the N training
// examples: (N − S)/(S(N − 1)), for batches drawn without replacement.
func (s *Subject) ofMean() float64 {
	n, size := float64(s.N), float64(s.Size)
	if s.Size >= s.N {
		return 0
	}
	return (n - size) / (size * (n - 1))
}

// populationVariance estimates the variance over the N training examples of what is given for some of
// them, two numbers or more, with its standard error.
func (s *Subject) populationVariance(a scatter) (v, stderr float64) {
	s2, dev := variance(a.x)
	// Of L disjoint batches of M, out of N examples: s² = M (N−1)/N times their
	// sample variance. Over all N examples that is the population variance.
	n, l := float64(s.N), float64(len(a.x))
	k := float64(max(1, a.m)) * (n - 1) / n * l / (l - 1)
	return k * s2, k * dev
}

// variance makes the value of s² along the top eigenvector of a matrix, given two curvatures or more.
func (s *Subject) variance(along scatter, of string) run.Value {
	v, dev := s.populationVariance(along)
	how := run.How{Error: standardError, Examples: len(along.x), Method: "variance over examples of the curvature along the top eigenvector of " + of}
	if along.m > 0 {
		how.L, how.M, how.Examples = len(along.x), along.m, len(along.x)*along.m
		how.Note = "from the variance between minibatches: single examples have no curvature " + where(s.Net)
	}
	return known(run.Value{Key: "curvature_variance", Value: v, Error: dev, How: how})
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

var sharpnessProbe = Probe{
	Name: "sharpness", Doc: "curvature of minibatches along their own gradients", Default: true,
	Keys:    named("batch_sharpness"),
	Sharp:   func(*nn.Network) bool { return true },
	Cost:    of(2, func(s Sizes) int { return s.Sharp * s.Batch }),
	Memory:  batchCurvature,
	Measure: sharpness,
}

// sharpness computes E[g_Bᵀ H_B g_B / ‖g_B‖²] over minibatches B (Andreyev &
// Beneventano 2024).
func sharpness(s *Subject) ([]run.Value, error) {
	all, err := ofBatches("minibatches", s.Sharp, nil, s.Problem.BatchCurvature)
	if err != nil {
		return nil, err
	}
	x := slices.DeleteFunc(slices.Clone(all.x), math.IsNaN) // of gradients that are 0
	if len(x) == 0 {
		s.omit("the gradients of all minibatches are 0", "batch_sharpness")
		return nil, nil
	}
	mean, dev := spectrum.Average(x)
	how := run.How{L: len(x), M: s.Sharp[0].Len(), Examples: len(x) * s.Sharp[0].Len(), Error: standardError,
		Method: "mean over minibatches of the curvature along their own gradient"}
	if len(x) < len(all.x) {
		how.Note = fmt.Sprintf("%d of %d minibatches have the gradient 0 and do not count", len(all.x)-len(x), len(all.x))
	}
	if len(x) == 1 {
		dev, how.Note = 0, also(how.Note, "one minibatch: no error is known")
	}
	return []run.Value{known(run.Value{Key: "batch_sharpness", Value: mean, Error: dev, How: how})}, nil
}
