package probe

import (
	"fmt"
	"math"

	"breakeven/curvature"
	"breakeven/run"
	"breakeven/spectrum"
	"breakeven/tensor"
)

// What a sampling error can be made of; %s stands for examples, minibatches or blocks.
const (
	ofExamples   = "deviation over examples"
	ofGradients  = "jackknife over gradients"
	ofSlopes     = "slopes of %s"
	ofCurvatures = "curvatures of %s"
	ofSigns      = "curvatures of %s along random signs"
)

// sampled returns v with the kind of its sampling error; if that is not a number or 0, with a
// note in its place.
func sampled(v run.Value, kind string) run.Value {
	if v.Sample > 0 && !math.IsInf(v.Sample, 0) {
		v.How.Sampling = kind
		return v
	}
	v.Sample, v.How.Note = 0, also(v.How.Note, "no sampling error is known")
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

// A scatter holds numbers of single examples, or of the mean losses of batches, whose mean is
// what is measured: slopes or curvatures along a vector.
type scatter struct {
	x  []float64
	m  int    // examples in each; 0: the numbers are those of single examples
	of string // in words
}

// error returns the sampling error of the mean over n examples. Of batches of m the variance is
// m times that.
func (a scatter) error(n int) float64 {
	if a.m == 0 {
		return meanError(a.x)
	}
	return meanError(a.x) * math.Sqrt(float64(len(a.x)*a.m)/float64(n))
}

// sampled returns v with its sampling error, to first order; kind is one of the constants with
// %s.
func (a scatter) sampled(v run.Value, kind string) run.Value {
	v.Sample = a.error(v.How.Examples)
	return sampled(v, fmt.Sprintf(kind, a.of))
}

// examplesOr returns what single makes of each example of the measurement set along v or, where
// examples are coupled, what batch makes of each minibatch of Sharp, or of K if a training
// batch is so large that there are not two of them.
func (s *Subject) examplesOr(v []float32, single func([]float64, []float32) error, batch func(curvature.Set, []float32) (float64, error)) (scatter, error) {
	if s.Problem.PerExample() {
		x := make([]float64, s.Problem.Set().Len())
		return scatter{x: x, of: "examples"}, single(x, v)
	}
	batches := s.Sharp
	if len(batches) < 2 && len(s.Batches) >= 2 {
		batches = s.Batches
	}
	return ofBatches("minibatches", batches, v, batch)
}

// ofBatches returns what f makes of each batch along v.
func ofBatches(name string, batches []curvature.Set, v []float32, f func(curvature.Set, []float32) (float64, error)) (scatter, error) {
	a := scatter{of: name}
	for _, b := range batches {
		x, err := f(b, v)
		if err != nil {
			return a, err
		}
		a.x, a.m = append(a.x, x), b.Len()
	}
	return a, nil
}

// curvatures returns the curvatures along v.
func (s *Subject) curvatures(v []float32) (scatter, error) {
	return s.examplesOr(v, s.Problem.Curvatures, s.Problem.BatchCurvature)
}

// leastBlocks is the least number of blocks of examples whose deviation is an error.
const leastBlocks = 16

// slopes returns the slopes along v: of single examples, of minibatches where these are coupled,
// or of blocks of the measurement set where the problem has no tangents.
func (s *Subject) slopes(v []float32) (scatter, error) {
	if s.Problem.PerExample() && !s.Problem.Along() {
		return ofBatches("blocks", s.Problem.Blocks(leastBlocks), v, s.Problem.BatchSlope)
	}
	return s.examplesOr(v, s.Problem.Slopes, s.Problem.BatchSlope)
}

// alongTop returns the curvatures along the top eigenvector of H.
func (s *Subject) alongTop() (scatter, error) {
	if s.along == nil {
		a, err := s.curvatures(s.eigen.Vectors[0])
		if err != nil {
			return a, err
		}
		s.along = &a
	}
	return *s.along, nil
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
