package spectrum

import (
	"cmp"
	"math/rand/v2"
)

// TraceSettings are the settings of [Hutchinson] and [HutchPP]. Nil and the
// zero value mean all defaults.
type TraceSettings struct {
	Products int         // products to spend; zero: 30
	Gaussian bool        // standard normal probes instead of Rademacher signs, which have less variance
	Src      rand.Source // nil: the stream of seed 0
}

// Trace is an estimate of the trace of an operator.
type Trace struct {
	Value float64
	// StdErr is the standard error of Value over the probes; NaN if there was only one
	// probe, 0 if Value is exact up to rounding.
	StdErr float64
	// Exact is the part of Value without randomness: the trace within the subspace that
	// HutchPP found, 0 for Hutchinson.
	Exact float64
	// Products is the number of products spent.
	Products int
}

func (s *TraceSettings) defaults() TraceSettings {
	var d TraceSettings
	if s != nil {
		d = *s
	}
	if d.Products < 0 {
		panic("spectrum: negative setting")
	}
	d.Products = cmp.Or(d.Products, 30)
	return d
}

// Hutchinson estimates the trace of a as the mean of gᵀAg over random vectors g with
// independent entries of variance 1 (Girard 1989; Hutchinson 1990), one product each. The
// variance of one term is 2(‖A‖_F² − Σ a_ii²) for signs and 2‖A‖_F² for normal entries.
func Hutchinson(a Operator, s *TraceSettings) (*Trace, error) {
	set := s.defaults()
	t := &Trace{}
	if err := t.remainder(a, nil, set.Products, set.Gaussian, random(set.Src, "trace")); err != nil {
		return nil, err
	}
	return t, nil
}

// Bytes returns the memory, in bytes, that [HutchPP] takes for an operator of
// dimension n.
func (s *TraceSettings) Bytes(n int) int64 {
	return 4 * int64(n) * int64(max(s.defaults().Products, 3)/3+4)
}

// HutchPP estimates the trace of a by Hutch++ (Meyer, Musco, Musco and Woodruff 2021,
// algorithm 1): a third of the products finds an orthonormal basis Q of the range of A·S, S
// random; a third gives the trace of QᵀAQ, which is exact; and a third estimates the trace of
// the rest, (I−QQᵀ)A(I−QQᵀ), by Hutchinson's method, whose standard error is that of the sum.
// If large eigenvalues hold most of the trace, the error falls as 1/products instead of
// 1/√products.
//
// It spends at least three products and at most s.Products. For an operator of dimension
// s.Products or less it sums the diagonal exactly.
func HutchPP(a Operator, s *TraceSettings) (*Trace, error) {
	set := s.defaults()
	set.Products = max(set.Products, 3)
	n := dimension(a)
	if n <= set.Products {
		return diagonalSum(a)
	}
	r := random(set.Src, "trace")
	k, t := set.Products/3, &Trace{}
	q, err := t.sketch(a, k, set.Gaussian, r)
	if err != nil {
		return nil, err
	}
	w := make([]float32, n)
	for _, v := range q {
		if err := a.MulVecTo(w, v); err != nil {
			return nil, err
		}
		t.Products++
		t.Exact += dot(v, w)
	}
	if err := t.remainder(a, q, set.Products-2*k, set.Gaussian, r); err != nil {
		return nil, err
	}
	return t, nil
}

// sketch returns an orthonormal basis of the range of A·S for k random vectors S. It has fewer
// than k vectors if A has a smaller rank.
func (t *Trace) sketch(a Operator, k int, normal bool, r *rand.Rand) ([][]float32, error) {
	span := &krylov{a: a, n: a.Dim()}
	g := span.vector()
	for range k {
		probe(g, normal, r)
		w := span.vector()
		if err := a.MulVecTo(w, g); err != nil {
			return nil, err
		}
		t.Products++
		if !finite(norm(w)) {
			return nil, ErrNotFinite
		}
		if !span.offer(w) {
			span.spare = append(span.spare, w)
		}
	}
	return span.z, nil
}

// remainder sets Value and StdErr from the exact part and the given number of probes of the
// space orthogonal to q.
func (t *Trace) remainder(a Operator, q [][]float32, probes int, normal bool, r *rand.Rand) error {
	n := dimension(a)
	g, w := make([]float32, n), make([]float32, n)
	x := make([]float64, probes)
	for i := range x {
		probe(g, normal, r)
		project(g, q)
		if err := a.MulVecTo(w, g); err != nil {
			return err
		}
		t.Products++
		x[i] = dot(g, w)
	}
	mean, stderr := Average(x)
	t.Value, t.StdErr = t.Exact+mean, stderr
	if !finite(t.Value) {
		return ErrNotFinite
	}
	return nil
}

// diagonalSum is the trace by its definition.
func diagonalSum(a Operator) (*Trace, error) {
	n := a.Dim()
	e, w := make([]float32, n), make([]float32, n)
	t := &Trace{Products: n}
	for i := range n {
		e[i] = 1
		if err := a.MulVecTo(w, e); err != nil {
			return nil, err
		}
		e[i] = 0
		t.Exact += float64(w[i])
	}
	t.Value = t.Exact
	if !finite(t.Value) {
		return nil, ErrNotFinite
	}
	return t, nil
}
