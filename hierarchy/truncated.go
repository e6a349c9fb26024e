package hierarchy

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// A Form is a way to write the truncated system.
type Form int

const (
	Automatic Form = iota // Closed for p = 2, Iterated above
	Closed                // p = 2 alone: f = f_0 + K^(2) (1 − e^(−K^(2)t/n)) (K^(2))⁻¹ (y − f_0)
	Iterated              // n + n² + … + n^(p−1) iterated integrals move, whatever the number of test points
	Coupled               // f, K^(2), …, K^(p−1) themselves move
)

// String returns the name of the form.
func (f Form) String() string {
	return [...]string{"automatic", "closed", "iterated", "coupled"}[f]
}

// A Truncated is the hierarchy truncated at level p: f, K^(2), …, K^(p−1) move
// by their equations, and K^(p) stays what it was.
type Truncated struct {
	k []*Tensor // k[r−1] = K^(r) at time 0
	y []float64
}

// Truncate returns the hierarchy that is truncated at level p = len(k) ≥ 2, with
// k[r−1] = K^(r) at time 0, as [Kernels] returns them, and labels y of the
// training points.
func Truncate(k []*Tensor, y []float64) (*Truncated, error) {
	if err := checkKernels(k); err != nil {
		return nil, fmt.Errorf("hierarchy: truncated system: %w", err)
	}
	if err := checkLabels(y, k[0].N); err != nil {
		return nil, fmt.Errorf("hierarchy: truncated system: %w", err)
	}
	return &Truncated{k, y}, nil
}

func checkKernels(k []*Tensor) error {
	if len(k) < 2 {
		return fmt.Errorf("kernels up to order %d: the lowest level is 2", len(k))
	}
	for i, t := range k {
		if t.Order != i+1 || t.N != k[0].N || t.Rows != k[0].Rows || len(t.Data) != t.Rows*power(t.N, i) {
			return fmt.Errorf("kernel %d has order %d, %d rows, %d training points and %d entries, the first %d rows and %d points",
				i, t.Order, t.Rows, t.N, len(t.Data), k[0].Rows, k[0].N)
		}
		if m := largest(t.Data); !finite(m) {
			return fmt.Errorf("K^(%d) has entries that are not finite", i+1)
		}
	}
	two := k[1]
	for i := range two.N {
		for j := range i {
			if a, b := two.At(i, j), two.At(j, i); math.Abs(a-b) > 1e-9*two.Max() {
				return fmt.Errorf("K^(2) is not symmetric: entry %d, %d is %v, and %d, %d is %v", i, j, a, j, i, b)
			}
		}
	}
	return nil
}

// Level returns p.
func (s *Truncated) Level() int { return len(s.k) }

// Flow follows the truncated system from time 0 through the times, which
// increase from 0 on. If it ends before the last of them, the error is a
// *[StopError], and the Path holds what was reached.
func (s *Truncated) Flow(times []float64, o *FlowOptions) (*Path, error) {
	options, err := o.orDefault()
	if err == nil {
		err = checkTimes(times)
	}
	if options.Form == Automatic {
		options.Form = Iterated
		if s.Level() == 2 {
			options.Form = Closed
		}
	}
	if options.Form == Closed && s.Level() != 2 && err == nil {
		err = errors.New("there is a closed form for p = 2 alone")
	}
	if err != nil {
		return nil, fmt.Errorf("hierarchy: flow at level %d: %w", s.Level(), err)
	}
	l := &follower{o: options, y: s.y, rows: s.k[0].Rows, times: times,
		scale: newScales(s.k[0].Data, s.y, s.k[1], options.Tolerance)}
	switch options.Form {
	case Closed:
		return s.closed(l)
	case Iterated:
		m := newIterated(s, l.scale)
		l.motion = m
		return l.follow(make([]float64, m.offset[s.Level()]))
	}
	m := newCoupled(s, l.scale)
	l.motion = m
	return l.follow(m.start())
}

// closed is the flow for p = 2: in the eigenbasis of K^(2), with f(x) = f_0(x) +
// K^(2)(x, ·) c(t), the part of c along an eigenvector of value λ is
// (1 − e^(−λt/n))/λ times that of y − f_0, and t/n times it for λ = 0.
func (s *Truncated) closed(l *follower) (*Path, error) {
	n := len(s.y)
	l.path = &Path{Indefinite: math.NaN(), Form: Closed}
	var e mat.EigenSym
	if !e.Factorize(square(s.k[1]), true) {
		return nil, errors.New("hierarchy: the eigenvalues of K^(2) were not found")
	}
	values, vectors := e.Values(nil), new(mat.Dense)
	e.VectorsTo(vectors)
	if values[0] < -l.scale.slack(n) {
		if err := l.lost(0, values[0]); err != nil {
			return l.path, err
		}
	}
	residual := make([]float64, n)
	for i, v := range s.y {
		residual[i] = v - s.k[0].Data[i]
	}
	parts := mat.NewVecDense(n, nil)
	parts.MulVec(vectors.T(), mat.NewVecDense(n, residual))
	for _, t := range l.times {
		c := mat.NewVecDense(n, nil)
		for i, v := range values {
			g := t / float64(n)
			if v != 0 {
				g = -math.Expm1(-v*g) / v
			}
			c.SetVec(i, g*parts.AtVec(i))
		}
		c.MulVec(vectors, mat.VecDenseCopyOf(c))
		f := append([]float64(nil), s.k[0].Data...)
		contractAdd(f, s.k[1].Data, c.RawVector().Data)
		snapshot := newSnapshot(t, f, s.y, s.k[1])
		if !(largest(f) <= blownUp*l.scale.output) {
			return l.path, l.stop(l.path.Reached, ErrBlowUp, "the largest |f| at t = %.6g is %.3g", t, largest(f))
		}
		l.path.Snapshots, l.path.Reached = append(l.path.Snapshots, snapshot), t
	}
	return l.path, nil
}

// contractAdd adds to dst[i] the product of the i-th stretch of k with v, on all
// cores.
func contractAdd(dst, k, v []float64) {
	chunk := max(1, 1<<15/len(v))
	spread((len(dst)+chunk-1)/chunk, len(k), func(task int) {
		for i := task * chunk; i < min((task+1)*chunk, len(dst)); i++ {
			dst[i] += dot(k[i*len(v):(i+1)*len(v)], v)
		}
	})
}

// checkLabels returns an error if y are not the labels of n training points.
func checkLabels(y []float64, n int) error {
	if len(y) != n {
		return fmt.Errorf("%d labels for %d training points", len(y), n)
	}
	for i, v := range y {
		if !finite(v) {
			return fmt.Errorf("label %d is %v", i, v)
		}
	}
	return nil
}

// checkTimes returns an error if times do not increase from 0 on.
func checkTimes(times []float64) error {
	last := math.Copysign(0, -1)
	for i, t := range times {
		if !finite(t) || t < last || i > 0 && t == last {
			return fmt.Errorf("time %d is %v after %v: times must be finite and increase from 0 on", i, t, last)
		}
		last = t
	}
	if len(times) == 0 {
		return errors.New("no times asked for: give at least one")
	}
	return nil
}
