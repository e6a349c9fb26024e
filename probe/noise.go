package probe

import (
	"fmt"
	"math"

	"breakeven/curvature"
	"breakeven/nn"
	"breakeven/run"
)

var noiseProbe = Probe{
	Name: "noise", Doc: "gradient noise scale without bias, from two batch sizes",
	Keys:    named("grad_square", "example_variance", "noise_scale_unbiased"),
	With:    "k",
	Batches: true,
	Cost:    ofCovariance(0),
	Memory:  covarianceNeed("gradients of K", 0),
	Measure: noise,
}

var noiseKeys = []string{"grad_square", "example_variance", "noise_scale_unbiased"}

// ofCovariance is the work of so many gradients of the measurement set beside K, and of K unless it
// was measured before.
func ofCovariance(gradients float64) func(Sizes) float64 {
	return func(s Sizes) float64 {
		if s.covariance {
			return gradients
		}
		return gradients + covarianceProbe.Cost(s)
	}
}

// covarianceNeed is the memory of so many vectors beside K, and that of K unless it was measured
// before.
func covarianceNeed(part string, vectors int64) func(net *nn.Network, s Sizes) Need {
	return func(net *nn.Network, s Sizes) Need {
		need := Need{Part: part}
		if !s.covariance {
			need = covarianceProbe.Memory(net, s)
		}
		need.Work += 4 * vectors * int64(net.Dim())
		return need
	}
}

// noise estimates ‖∇L‖² and the variance Tr Σ of the gradient of one example without bias, and their
// ratio, the simple noise scale (McCandlish et al. 2018, App. A): from the squared lengths of the
// gradients of batches of M, ‖∇L‖² + Tr Σ/M on average, and that of their mean, ‖∇L‖² + Tr Σ/LM.
func noise(s *Subject) ([]run.Value, error) {
	k, err := s.covariance()
	switch {
	case err != nil:
		return nil, err
	case k.Zero():
		s.omit(kIsZero, noiseKeys...)
		return nil, nil
	}
	how := run.How{L: k.L, M: k.M, Examples: k.L * k.M, Method: "products of the gradients of different minibatches"}
	value, dev := ownAndOther(k.Inner, k.L, &how, func(own, other float64) []float64 {
		variance := float64(k.M) * (own - other)
		return []float64{other, variance, variance / other}
	})
	var vs []run.Value
	for i, key := range noiseKeys[:2] {
		vs = append(vs, known(run.Value{Key: key, Value: value[i], Error: dev[i], How: how}))
	}
	return append(vs, s.noiseRatio("noise_scale_unbiased", value[0], dev[0], value[2], dev[2], how)...), nil
}

// noiseRatio makes the value of a ratio, unless its denominator is not above 0 by its error.
func (s *Subject) noiseRatio(key string, below, belowDev, value, dev float64, how run.How) []run.Value {
	if !(below > belowDev) {
		s.omit(scaleUnknown, key)
		return nil
	}
	return []run.Value{known(run.Value{Key: key, Value: value, Error: dev, How: how})}
}

// covariance returns K of the minibatches, measured before or now.
func (s *Subject) covariance() (*curvature.Covariance, error) {
	if s.k != nil {
		return s.k, nil
	}
	k, err := s.Problem.Covariance(s.Batches)
	if err == nil {
		s.k = k
	}
	return k, err
}

// ownAndOther returns what of makes of the means of the elements of a symmetric n×n matrix on the
// diagonal and beside it, and its errors by the jackknife that leaves out one row and column; how
// says which error that is, or that there are too few.
func ownAndOther(m []float64, n int, how *run.How, of func(own, other float64) []float64) (value, dev []float64) {
	diagonal, all, rows := 0.0, 0.0, make([]float64, n)
	for i := range n {
		diagonal += m[i*n+i]
		for j := range n {
			rows[i] += m[i*n+j]
		}
		all += rows[i]
	}
	value = of(diagonal/float64(n), (all-diagonal)/float64(n*(n-1)))
	dev = make([]float64, len(value))
	if n < leastJackknife {
		how.Note = also(how.Note, fmt.Sprintf("%d gradients: no error is known", n))
		return value, dev
	}
	how.Error = jackknifed
	mean, without := make([]float64, len(value)), make([][]float64, n)
	for i := range n {
		own, left := diagonal-m[i*n+i], all-2*rows[i]+m[i*n+i]
		without[i] = of(own/float64(n-1), (left-own)/float64((n-1)*(n-2)))
		for q, x := range without[i] {
			mean[q] += x / float64(n)
		}
	}
	for q := range dev {
		for _, x := range without {
			dev[q] += (x[q] - mean[q]) * (x[q] - mean[q]) * float64(n-1) / float64(n)
		}
		dev[q] = math.Sqrt(dev[q])
	}
	return value, dev
}

// criticalBatchGradients is the most gradients of K that are multiplied by H.
const criticalBatchGradients = 25

var batchProbe = Probe{
	Name: "batchsize", Doc: "batch size at which the noise of a step is as large as its gradient, in the metric of H",
	Keys:      named("critical_batch"),
	With:      "k",
	Batches:   true,
	Curvature: true,
	Cost:      func(s Sizes) float64 { return ofCovariance(1.6 * float64(min(s.L, criticalBatchGradients)))(s) },
	Memory:    covarianceNeed("gradients of K", 1),
	Measure:   criticalBatch,
}

// criticalBatch estimates B = Tr(HΣ)/(∇LᵀH∇L) (McCandlish et al. 2018, Sec. 2.2) without bias: as noise,
// with ⟨g_i, Hg_j⟩ in place of ⟨g_i, g_j⟩.
func criticalBatch(s *Subject) ([]run.Value, error) {
	k, err := s.covariance()
	switch {
	case err != nil:
		return nil, err
	case k.Zero():
		s.omit(kIsZero, "critical_batch")
		return nil, nil
	}
	n := min(k.L, criticalBatchGradients)
	h, err := k.Products(s.Problem.Hessian(), n)
	if err != nil {
		return nil, err
	}
	how := run.How{L: n, M: k.M, Examples: s.Problem.Set().Len(), Products: n, Method: "products of the gradients of different minibatches in the metric of H"}
	value, dev := ownAndOther(h, n, &how, func(own, other float64) []float64 {
		return []float64{other, float64(k.M) * (own - other) / other}
	})
	return s.noiseRatio("critical_batch", value[0], dev[0], value[1], dev[1], how), nil
}
