package ntk

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// A Ridge is kernel ridge regression: with coefficients (k + Ridge·I)⁻¹y.
type Ridge struct {
	Ridge float64
	Error float64     // mean squared error on examples that were left out, each once
	Tried []Candidate // from the smallest ridge
	coefs *mat.Dense
}

// A Candidate is a ridge and its leave-one-out error, which is infinite where
// k + Ridge·I is singular within rounding.
type Candidate struct{ Ridge, Error float64 }

// LeaveOneOut chooses the ridge with the smallest error on examples that are left
// out, for a kernel of N training examples and their targets, N×O. With G =
// (k + ridge·I)⁻¹ the residual of example i without it is (Gy)ᵢ/Gᵢᵢ, so that one
// decomposition serves all.
//
// Without ridges it tries 40, from 10⁻¹² to 10 times the mean of the diagonal.
func LeaveOneOut(k mat.Symmetric, y *mat.Dense, ridges ...float64) (*Ridge, error) {
	n := k.SymmetricDim()
	if rows, _ := y.Dims(); rows != n {
		panic(fmt.Sprintf("ntk: a kernel of %d examples and %d targets", n, rows))
	}
	if err := finite(y, "targets"); err != nil {
		return nil, err
	}
	s, err := newSpectrum(k, 0)
	if err != nil {
		return nil, err
	}
	if len(ridges) == 0 {
		for i := range 40 {
			ridges = append(ridges, mat.Trace(k)/float64(n)*math.Pow(10, float64(i)/3-12))
		}
	}
	best := &Ridge{Error: math.Inf(1)}
	for _, ridge := range ridges {
		if !(ridge >= 0) || math.IsInf(ridge, 0) {
			return nil, fmt.Errorf("ntk: a ridge of %v", ridge)
		}
		c := Candidate{ridge, s.leaveOneOut(y, ridge)}
		best.Tried = append(best.Tried, c)
		if c.Error < best.Error {
			best.Ridge, best.Error = c.Ridge, c.Error
		}
	}
	if math.IsInf(best.Error, 1) {
		if mat.Trace(k) == 0 {
			return nil, errors.New("ntk: the kernel is 0, and nothing can be predicted with it")
		}
		return nil, fmt.Errorf("ntk: the kernel is singular within rounding with every ridge from %v to %v: try larger ones", slices.Min(ridges), slices.Max(ridges))
	}
	best.coefs = s.apply(y, s.inverse(best.Ridge))
	return best, nil
}

// Predict returns the outputs on test examples, S×O, from their kernel with the
// training examples, S×N.
func (r *Ridge) Predict(k *mat.Dense) *mat.Dense { return product(k, r.coefs) }

// inverse returns 1/(λ + ridge) for all eigenvalues, or nil where one is 0 within
// rounding.
func (s *spectrum) inverse(ridge float64) []float64 {
	n := len(s.values)
	f := make([]float64, n)
	for i, v := range s.values {
		f[i] = 1 / (v + ridge)
		if v+ridge <= float64(n)*0x1p-52*(s.values[n-1]+ridge) {
			return nil
		}
	}
	return f
}

// leaveOneOut returns the error of a ridge.
func (s *spectrum) leaveOneOut(y *mat.Dense, ridge float64) float64 {
	f := s.inverse(ridge)
	if f == nil {
		return math.Inf(1)
	}
	gy := s.apply(y, f)
	n, outputs := gy.Dims()
	sum := 0.0
	for i := range n {
		g := 0.0
		for j, v := range s.vectors.RawRowView(i) {
			g += v * v * f[j]
		}
		for _, v := range gy.RawRowView(i) {
			sum += (v / g) * (v / g)
		}
	}
	return sum / float64(n*outputs)
}
