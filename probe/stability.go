package probe

import (
	"math"

	"breakeven/nn"
	"breakeven/run"
	"breakeven/spectrum"
)

var stabilityProbe = Probe{
	Name: "stability", Doc: "left side of Eq. 1 and what it predicts", Default: true,
	Keys:      named("curvature_variance", "stability", "predicted_h_max"),
	Curvature: true,
	Sharp:     (*nn.Network).Couples,
	Cost:      sets(1),
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
// between minibatches would come from. Where there is but one of them it is not
// known, and Eq. 1 is left out.
func stability(s *Subject) ([]run.Value, error) {
	if s.eigen == nil {
		if _, err := s.extremes(1, 0); err != nil {
			return nil, err
		}
	}
	along, err := s.alongTop()
	if err != nil || len(along.x) < 2 {
		return nil, err
	}
	x, how := along.x, along.how
	s2, dev := variance(x)
	// Of L disjoint batches of M, out of N examples: s² = M (N−1)/N times their
	// sample variance. Over all N examples that is the population variance.
	n, l := float64(s.N), float64(len(x))
	k := float64(max(1, how.M)) * (n - 1) / n * l / (l - 1)
	s2, dev = k*s2, k*dev

	lambda, dl := s.eigen.Values[0], s.eigen.err(0)
	sl, kind := along.sample(s.Problem.Set().Len())
	eta, size := s.LR, float64(s.Size)
	c := (n - size) / (size * (n - 1))
	left := (1-eta*lambda)*(1-eta*lambda) + s2*eta*eta*c
	all := how
	all.Error, all.Method = propagated, "left side of Eq. 1 of Jastrzębski et al. 2020"
	all.LR, all.Batch, all.N = eta, s.Size, s.N
	if s.Size == s.N {
		all.Note = also(all.Note, "S = N: the term of the variance is 0")
	}
	predict := all
	predict.Method = "2/η − s²(N−S)/(λ_H¹S(N−1)): Eq. 1 solved for λ_H¹ with (ψ−ψ*)² = λ_K¹/s²"
	slope, term := math.Abs(2*eta*(1-eta*lambda)), c*s2/(lambda*lambda)
	return []run.Value{
		{Key: "curvature_variance", Value: s2, Error: dev, How: how},
		sampled(known(run.Value{Key: "stability", Value: left, Error: slope * dl,
			Sample: math.Hypot(slope*sl, eta*eta*c*dev), How: all}), kind),
		sampled(known(run.Value{Key: "predicted_h_max", Value: 2/eta - c*s2/lambda, Error: term * dl,
			Sample: math.Hypot(c*dev/lambda, term*sl), How: predict}), kind),
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
	if len(s.Sharp) == 0 {
		return nil, how, nil
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
	x, err := s.batchCurvatures(nil)
	if err != nil {
		return nil, err
	}
	mean, dev := spectrum.Average(x)
	how := run.How{L: len(x), M: s.Sharp[0].Len(), Examples: len(x) * s.Sharp[0].Len(), Error: standardError,
		Method: "mean over minibatches of the curvature along their own gradient"}
	if len(x) == 1 {
		dev, how.Error, how.Note = 0, "", "one minibatch: no error is known"
	}
	return []run.Value{{Key: "batch_sharpness", Value: mean, Error: dev, How: how}}, nil
}
