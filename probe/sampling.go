package probe

import (
	"math"

	"breakeven/curvature"
	"breakeven/run"
	"breakeven/spectrum"
	"breakeven/tensor"
)

// What a sampling error can be made of.
const (
	ofExamples   = "deviation over examples"
	ofCurvatures = "curvatures of examples"
	ofBatches    = "curvatures of minibatches"
	ofGradients  = "jackknife over gradients"
)

// sampled returns v with the kind of its sampling error, or none if that is not a number or 0.
func sampled(v run.Value, kind string) run.Value {
	if v.Sample > 0 && !math.IsInf(v.Sample, 0) {
		v.How.Sampling = kind
	} else {
		v.Sample = 0
	}
	return v
}

// meanError returns the standard error of the mean of x, 0 if there is none.
func meanError(x []float64) float64 {
	if len(x) < 2 {
		return 0
	}
	_, stderr := spectrum.Average(x)
	return stderr
}

// A spreadAlong holds curvatures of examples, or of minibatches, along a vector.
type spreadAlong struct {
	x   []float64
	how run.How
}

// alongTop returns the curvatures along the top eigenvector of H, nil where there are none.
func (s *Subject) alongTop() (*spreadAlong, error) {
	if s.along == nil {
		x, how, err := s.curvatures(s.eigen.Vectors[0])
		if err != nil {
			return nil, err
		}
		s.along = &spreadAlong{x, how}
	}
	return s.along, nil
}

// sample returns the sampling error, to first order, of the curvature of a set of n examples
// along the vector, and what it is made of. Of minibatches of M the variance is M times that.
func (a *spreadAlong) sample(n int) (float64, string) {
	if a.how.M == 0 {
		return meanError(a.x), ofCurvatures
	}
	return meanError(a.x) * math.Sqrt(float64(len(a.x)*a.how.M)/float64(n)), ofBatches
}

// A basis is a covariance whose eigenvectors are combinations of its gradients.
type basis interface {
	Direction(dst []float32, u []float64) error
}

// alignmentError returns the jackknife's error of |⟨e, e_K¹⟩| over the gradients of K, 0 if there
// are too few. Gradients are combined in dst.
func alignmentError(k *curvature.Covariance, b basis, e, dst []float32, stop func() error) (float64, error) {
	if k.L < leastJackknife {
		return 0, nil
	}
	dev, err := jackknife(k, func(g *spectrum.Gram, keep []int) ([]float64, error) {
		if g.Max() == 0 {
			return []float64{math.NaN()}, nil
		}
		u := make([]float64, k.L)
		for a, i := range keep {
			u[i] = g.Vectors.At(a, 0)
		}
		err := b.Direction(dst, u)
		return []float64{math.Abs(tensor.Dot(e, dst))}, err
	}, stop)
	if err != nil {
		return 0, err
	}
	return dev[0], nil
}
