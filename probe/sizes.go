package probe

import "breakeven/run"

// Sizes are what work and memory of probes depend on besides the network.
type Sizes struct {
	Examples int   // in the measurement set
	Valid    int   // on which Subject.Valid evaluates
	Batch    int   // in a training batch
	L, M     int   // minibatches of K, and examples in each
	Sharp    int   // minibatches of the training size
	Single   int   // examples of the per-example K
	Kernel   int   // examples of the tangent kernel
	Layers   int   // of the network, as measured; 0: one
	Widest   int   // parameters in the largest of them; 0: all
	Next     int64 // bytes that Subject.Next takes, its result included
	Precond  int64 // bytes that Subject.Preconditioner and what is made of it take; 0: it is plain
	Coupled  bool  // examples are coupled: sampling errors come from the minibatches of the training size
	Once     bool  // there is one measurement, and nothing left of an earlier one

	// What the probes before one have found or taken that it needs too: see [Sizes.after].
	eigenvector, eigenvectors, covariance, slope, batch bool
	gradients                                           bool // the problem has only gradients
}

// after notes what a probe leaves for those behind it.
func (s *Sizes) after(p Probe) {
	switch p.Name {
	case hessianProbe.Name:
		s.eigenvector = true
	case endsProbe.Name:
		s.eigenvector, s.eigenvectors = true, true
	case covarianceProbe.Name:
		s.covariance = true
	}
}

// kernelExamples are the examples of the tangent kernel along a run.
const kernelExamples = 8

// SizesOf returns the sizes along a run of a spec on so many examples for training and
// validation, without Next.
func SizesOf(s run.Spec, train, valid int) Sizes {
	m := s.Measure
	n, batch := min(m.Examples, train), s.Batch
	if batch == 0 {
		batch = max(1, train)
	}
	return Sizes{
		Examples: n, Valid: valid, Batch: batch, L: m.L, M: m.M, Single: min(m.PerExample, n), Kernel: min(kernelExamples, n),
		Sharp: max(1, min(max(4, min(m.L, 3200/batch)), train/batch)),
	}
}

// Work returns about the work of probes, in gradients of the measurement set.
func Work(probes []Probe, s Sizes) float64 {
	sum := 0.0
	for _, cost := range Costs(probes, s) {
		sum += cost
	}
	return sum
}

// Costs returns about the work of each of several probes, which follow one another, in gradients of
// the measurement set.
func Costs(probes []Probe, s Sizes) []float64 {
	costs := make([]float64, len(probes))
	for i, p := range probes {
		costs[i] = p.Cost(s)
		s.after(p)
	}
	return costs
}

// ofEigenvector is the work of so many gradients of the measurement set beside the search for the
// top eigenvector of H, and of that unless it was found before.
func ofEigenvector(count float64) func(Sizes) float64 {
	return func(s Sizes) float64 {
		if s.eigenvector {
			return count
		}
		return count + hessianProbe.Cost(s)
	}
}

// sets returns the work of so many gradients of the measurement set.
func sets(count float64) func(Sizes) float64 { return func(Sizes) float64 { return count } }

// search is the work of finding one eigenvector, which is less if there are enough examples to begin on
// some of them.
func (s Sizes) search() float64 {
	if s.Examples < 128 || s.Coupled && s.Examples <= 3*max(s.M, s.Batch) {
		return 25
	}
	return 10
}

// minibatches is the work of so many gradients of the minibatches of the training size, if sampling
// errors come from them.
func (s Sizes) minibatches(count float64) float64 {
	if !s.Coupled {
		return 0
	}
	return of(count, func(s Sizes) int { return s.Sharp * s.Batch })(s)
}

// of returns the work of so many gradients of the examples that count says.
func of(count float64, examples func(s Sizes) int) func(Sizes) float64 {
	return func(s Sizes) float64 { return count * float64(examples(s)) / float64(max(1, s.Examples)) }
}
