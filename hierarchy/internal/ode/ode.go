// Package ode integrates ordinary differential equations y' = f(t, y) that are
// not stiff, with steps whose error is controlled.
//
// The method is that of Dormand and Prince (1980), of order 5 with an error
// estimate of order 4, seven stages of which the last is the next step's first.
// Between the ends of a step Shampine's interpolant of order 4 gives the
// solution at no further cost.
//
// Laws:
//
//   - The caller says what an error is worth: [Norm] gives the estimated error of
//     a step in units of the tolerance. A step above 1 is refused and tried
//     again, shorter.
//   - Steps do not depend on the times that are asked for, but for the last one,
//     which ends where it must.
//   - A tolerance that cannot be met is an error, [ErrStep]: nothing is
//     integrated more coarsely than was asked for.
package ode

import (
	"errors"
	"fmt"
	"math"
)

// A Func sets dst to f(t, y). It leaves y as it is.
type Func func(dst []float64, t float64, y []float64)

// A Norm returns the size of an error e of the state y in units of what is
// allowed. It is homogeneous in e: of s·e it is |s| times that of e.
type Norm func(e, y []float64) float64

// ErrStep reports that no step is short enough for the tolerance: the solution
// is singular near here, or the tolerance is below what rounding leaves.
var ErrStep = errors.New("the tolerance cannot be met")

// A Solver is an integration under way.
type Solver struct {
	T float64   // the time reached
	Y []float64 // the solution there; not to be changed

	Prev float64 // where the last step began

	Steps, Rejected, Evaluations int

	f     Func
	norm  Norm
	k     [7][]float64 // stages; k[0] belongs to T between steps
	start []float64    // solution at Prev
	next  []float64
	slope []float64 // work: stages of the last step, combined for its interpolant
	first []float64 // f(Prev, start)
	h     float64   // size of the next step; 0 before the first
	last  float64   // error of the last step that was accepted
}

// New returns a solver at time t with the solution y, which it copies.
func New(f Func, norm Norm, t float64, y []float64) *Solver {
	s := &Solver{T: t, Prev: t, f: f, norm: norm, last: 1e-4}
	for _, v := range []*[]float64{&s.Y, &s.start, &s.next, &s.slope, &s.first} {
		*v = make([]float64, len(y))
	}
	for i := range s.k {
		s.k[i] = make([]float64, len(y))
	}
	copy(s.Y, y)
	copy(s.start, y)
	s.eval(s.k[0], t, s.Y)
	copy(s.first, s.k[0])
	return s
}

func (s *Solver) eval(dst []float64, t float64, y []float64) {
	s.f(dst, t, y)
	s.Evaluations++
}

// Coefficients of Dormand and Prince's method. The last row of a gives the new
// solution; e is the difference to the one of order 4.
var (
	c = [7]float64{0, 1. / 5, 3. / 10, 4. / 5, 8. / 9, 1, 1}
	a = [7][]float64{
		{},
		{1. / 5},
		{3. / 40, 9. / 40},
		{44. / 45, -56. / 15, 32. / 9},
		{19372. / 6561, -25360. / 2187, 64448. / 6561, -212. / 729},
		{9017. / 3168, -355. / 33, 46732. / 5247, 49. / 176, -5103. / 18656},
		{35. / 384, 0, 500. / 1113, 125. / 192, -2187. / 6784, 11. / 84},
	}
	e = []float64{71. / 57600, 0, -71. / 16695, 71. / 1920, -17253. / 339200, 22. / 525, -1. / 40}
	// d makes the interpolant's last coefficient.
	d = []float64{-12715105075. / 11282082432, 0, 87487479700. / 32700410799, -10690763975. / 1880347072,
		701980252875. / 199316789632, -1453857185. / 822651844, 69997945. / 29380423}
)

// Sizes of steps change by these factors at most, and aim below the tolerance.
const (
	safety   = 0.9
	shrink   = 0.2
	grow     = 10
	attempts = 60 // refused steps in a row
)

// Step takes one step, which does not go beyond end. Its error is [ErrStep],
// wrapped, with the time reached; the solver then stays where it was.
func (s *Solver) Step(end float64) error {
	if end <= s.T {
		panic(fmt.Sprintf("ode: step from %v to %v", s.T, end))
	}
	if s.h == 0 {
		s.h = s.guess(end)
	}
	for range attempts {
		h, free := s.h, true
		if s.T+1.01*h >= end {
			h, free = end-s.T, false
		}
		if h < 16*epsilon(s.T) {
			break
		}
		size := s.try(h)
		if !(size <= 1) { // NaN too
			s.Rejected++
			s.h = h * max(shrink, safety*math.Pow(size, -0.2))
			if math.IsNaN(s.h) {
				s.h = h * shrink
			}
			continue
		}
		s.accept(h, end, size, free)
		return nil
	}
	return fmt.Errorf("%w at t = %.6g with steps of %.3g", ErrStep, s.T, s.h)
}

// epsilon is the distance of t to the next number.
func epsilon(t float64) float64 { return math.Nextafter(math.Abs(t), math.Inf(1)) - math.Abs(t) }

// try sets next, the stages and the error of a step of size h, and returns the
// size of the error.
func (s *Solver) try(h float64) float64 {
	for i := 1; i < len(s.k); i++ {
		copy(s.next, s.Y)
		combine(s.next, h, a[i], &s.k)
		s.eval(s.k[i], s.T+c[i]*h, s.next)
	}
	clear(s.slope)
	combine(s.slope, h, e, &s.k)
	size := s.norm(s.slope, s.next)
	for _, v := range s.next {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return math.NaN()
		}
	}
	return size
}

// accept moves on by h and chooses the next size, by the errors of this step and
// of the one before (Gustafsson's control, as Hairer sets it).
func (s *Solver) accept(h, end, size float64, free bool) {
	clear(s.slope)
	combine(s.slope, h, d, &s.k)
	s.Prev, s.T = s.T, s.T+h
	if !free {
		s.T = end
	}
	s.start, s.Y, s.next = s.Y, s.next, s.start
	s.first, s.k[0], s.k[6] = s.k[0], s.k[6], s.first
	s.Steps++
	size = max(size, 1e-10)
	factor := min(grow, max(shrink, safety*math.Pow(size, -0.17)*math.Pow(s.last, 0.04)))
	if free || factor < 1 {
		s.h = h * factor
	}
	s.last = size
}

// guess returns a first step. Along Euler's step in which the solution changes by
// about one tolerance, the slope's own rate of change gives the scale of time.
func (s *Solver) guess(end float64) float64 {
	whole := end - s.T
	speed := s.norm(s.k[0], s.Y)
	if !(speed > 0) || math.IsInf(speed, 0) {
		return whole
	}
	h := min(whole, 1/speed)
	copy(s.next, s.Y)
	axpy(s.next, h, s.k[0])
	s.eval(s.k[1], s.T+h, s.next)
	copy(s.slope, s.k[1])
	axpy(s.slope, -1, s.k[0])
	rate := s.norm(s.slope, s.Y) / (h * speed)
	if !(rate > 0) || math.IsInf(rate, 0) {
		return whole
	}
	return min(whole, 0.5/rate*math.Pow(rate/speed, 0.2))
}

// At sets dst to the solution at a time of the last step, from Prev to T.
func (s *Solver) At(dst []float64, t float64) {
	if t < s.Prev || t > s.T {
		panic(fmt.Sprintf("ode: solution at %v, outside of the step from %v to %v", t, s.Prev, s.T))
	}
	if t == s.T {
		copy(dst, s.Y)
		return
	}
	h := s.T - s.Prev
	u := (t - s.Prev) / h
	v := 1 - u
	for i := range dst {
		rise := s.Y[i] - s.start[i]
		left := h*s.first[i] - rise
		right := rise - h*s.k[0][i] - left
		dst[i] = s.start[i] + u*(rise+v*(left+u*(right+v*s.slope[i])))
	}
}

// combine adds h·Σ w_i k_i to dst.
func combine(dst []float64, h float64, w []float64, k *[7][]float64) {
	for i, v := range w {
		if v != 0 {
			axpy(dst, h*v, k[i])
		}
	}
}

func axpy(dst []float64, s float64, x []float64) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] += s * x[i]
	}
}
