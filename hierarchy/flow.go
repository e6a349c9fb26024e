package hierarchy

import (
	"errors"
	"fmt"
	"math"

	"breakeven/hierarchy/internal/ode"

	"gonum.org/v1/gonum/mat"
)

// FlowOptions say how a flow is integrated. The zero value is good. Descent reads
// Networks and Stop alone.
type FlowOptions struct {
	// Tolerance is what the estimated error of one step may be, relative to the
	// largest |f| or |y|, and for K^(2) to its own largest entry. 0 is 1e-10. As
	// f converges, errors of earlier steps die out; where a truncated system is
	// unstable they grow with it.
	Tolerance float64
	// MaxSteps is the number of steps allowed, 0 is 100,000.
	MaxSteps int
	// Form of a truncated system.
	Form Form
	// Past goes on after a truncated K^(2) has ceased to be positive
	// semi-definite. The time of that is in the Path in any case.
	Past bool
	// Networks keeps the network at each time of an exact flow.
	Networks bool
	// Stop is asked before each step whether to end; its error is returned as it is.
	// Nil: never.
	Stop func() error
}

// A Path is what a flow passed through. It comes with a *[StopError] and with the error
// of FlowOptions.Stop too, and is nil with any other.
type Path struct {
	Snapshots []Snapshot // at the times asked for, as far as they were reached
	Reached   float64    // the time reached
	// Indefinite is the time at which the truncated K^(2) of the training points
	// ceased to be positive semi-definite, beyond what the tolerance leaves
	// open; NaN if it did not, and for exact flows.
	Indefinite                   float64
	Form                         Form // of a truncated system; Automatic for others
	Steps, Rejected, Evaluations int  // of the integrator; none for closed forms
}

// A Snapshot is the state at one time.
type Snapshot struct {
	Time float64
	F    []float64 // of the training points, then of the test points
	K2   *Tensor   // K^(2) of all points with the training points
	Loss float64   // (1/2n) Σ (f − y)² of the training points
	// Min and Max are the smallest and largest eigenvalue of K^(2) of the
	// training points.
	Min, Max float64
	Net      *Network // if it was asked for
}

// Reasons of a [StopError].
var (
	ErrIndefinite = errors.New("the truncated K^(2) is no longer positive semi-definite: from here on the truncated system is no approximation; " +
		"take a higher even level, less time or more width, or set Past to go on")
	ErrBlowUp    = errors.New("the outputs grow without bounds")
	ErrTolerance = errors.New("the tolerance cannot be met with any step; take a larger tolerance or less time")
	ErrSteps     = errors.New("the steps allowed are used up; allow more, or take a larger tolerance or less time")
)

// A StopError says that a flow ended before the last time asked for. The Path
// that comes with it holds what was reached.
type StopError struct {
	Time   float64 // reached
	Reason error   // one of ErrIndefinite, ErrBlowUp, ErrTolerance, ErrSteps
	Detail string
}

func (e *StopError) Error() string {
	return fmt.Sprintf("hierarchy: flow ended at t = %.6g (%s): %v", e.Time, e.Detail, e.Reason)
}

// Unwrap returns the reason.
func (e *StopError) Unwrap() error { return e.Reason }

// blownUp is the growth of |f − y|, over the largest |f| or |y| of the beginning,
// that counts as a blow-up.
const blownUp = 1e6

func (o *FlowOptions) orDefault() (FlowOptions, error) {
	var p FlowOptions
	if o != nil {
		p = *o
	}
	if p.Tolerance == 0 {
		p.Tolerance = 1e-10
	}
	if p.MaxSteps == 0 {
		p.MaxSteps = 100000
	}
	switch {
	case !(p.Tolerance >= 1e-14 && p.Tolerance <= 0.1):
		return p, fmt.Errorf("tolerance %v: it must be from 1e-14, which is what rounding leaves, to 0.1", p.Tolerance)
	case p.MaxSteps < 1:
		return p, fmt.Errorf("%d steps allowed: it must be one at least", p.MaxSteps)
	case p.Form < Automatic || p.Form > Coupled:
		return p, fmt.Errorf("unknown form %d", p.Form)
	}
	return p, nil
}

// A motion is a system of differential equations whose state tells f and K^(2).
type motion interface {
	slope(dst []float64, t float64, state []float64)
	// size is the norm of an error of the state in units of the tolerance.
	size(e, state []float64) float64
	// look returns f and K^(2) of the first rows points.
	look(state []float64, rows int) (f []float64, k *Tensor)
	// watch is called at the end of each step. It returns the largest |f − y| and
	// the smallest eigenvalue of K^(2), of the training points, or +Inf for the
	// latter if it cannot be negative.
	watch(state []float64) (residual, least float64)
}

// scales are the sizes that errors are relative to.
type scales struct{ output, kernel, tolerance float64 }

func newScales(f, y []float64, k *Tensor, tolerance float64) *scales {
	return &scales{max(largest(f), largest(y)), k.Max(), tolerance}
}

// ratio returns e/(tolerance·scale), and 0 for no error.
func (s *scales) ratio(e, scale float64) float64 {
	if e == 0 {
		return 0
	}
	return e / (s.tolerance * scale)
}

// slack is by how much an eigenvalue of K^(2) of n points may be below zero
// because of errors within the tolerance.
func (s *scales) slack(n int) float64 { return float64(n) * max(10*s.tolerance, 1e-13) * s.kernel }

// A follower integrates a motion and keeps what is asked for.
type follower struct {
	motion
	scale *scales
	o     FlowOptions
	y     []float64 // labels
	rows  int
	times []float64
	most  float64 // |f − y| beyond it is a blow-up
	path  *Path
	s     *ode.Solver
}

// follow integrates from the state at time 0 through all times.
func (l *follower) follow(state []float64) (*Path, error) {
	l.path = &Path{Indefinite: math.NaN(), Form: l.o.Form}
	l.most = blownUp * l.scale.output
	l.s = ode.New(l.slope, l.size, 0, state)
	defer func() {
		l.path.Steps, l.path.Rejected, l.path.Evaluations = l.s.Steps, l.s.Rejected, l.s.Evaluations
	}()
	if _, least := l.watch(l.s.Y); least < -l.scale.slack(len(l.y)) {
		if err := l.lost(0, least); err != nil {
			return l.path, err
		}
	}
	if err := l.keep(0); err != nil {
		return l.path, err
	}
	for end := l.times[len(l.times)-1]; l.s.T < end; {
		if err := l.step(end); err != nil {
			return l.path, err
		}
	}
	return l.path, nil
}

func (l *follower) stop(at float64, why error, format string, args ...any) error {
	l.path.Reached = at
	return &StopError{at, why, fmt.Sprintf(format, args...)}
}

// step takes one step, looks where it led, and keeps the times it passed.
func (l *follower) step(end float64) error {
	if l.o.Stop != nil {
		if err := l.o.Stop(); err != nil {
			return err
		}
	}
	if l.s.Steps >= l.o.MaxSteps {
		return l.stop(l.s.T, ErrSteps, "%d steps", l.s.Steps)
	}
	if err := l.s.Step(end); err != nil { // there is one kind
		return l.stop(l.s.T, ErrTolerance, "after %d steps", l.s.Steps)
	}
	residual, least := l.watch(l.s.Y)
	if !(residual <= l.most) {
		return l.stop(l.s.T, ErrBlowUp, "the largest |f − y| is %.3g", residual)
	}
	if math.IsNaN(l.path.Indefinite) && least < -l.scale.slack(len(l.y)) {
		at := l.crossing()
		if !l.o.Past {
			if err := l.keep(at); err != nil {
				return err
			}
		}
		if err := l.lost(at, least); err != nil {
			return err
		}
	}
	return l.keep(l.s.T)
}

// lost notes the time at which K^(2) became indefinite, and ends the flow unless
// it may go on.
func (l *follower) lost(at, least float64) error {
	l.path.Indefinite = at
	if l.o.Past {
		return nil
	}
	return l.stop(at, ErrIndefinite, "its smallest eigenvalue falls to %.3g, its entries are up to %.3g", least, l.scale.kernel)
}

// crossing finds the time within the last step at which K^(2) became indefinite.
func (l *follower) crossing() float64 {
	low, high := l.s.Prev, l.s.T
	state := make([]float64, len(l.s.Y))
	for range 50 {
		middle := low + (high-low)/2
		if middle <= low || middle >= high {
			break
		}
		l.s.At(state, middle)
		_, k := l.look(state, len(l.y))
		if least, _ := extremes(k); least < -l.scale.slack(len(l.y)) {
			high = middle
		} else {
			low = middle
		}
	}
	return high
}

// keep makes snapshots of all times up to until, which lies in the last step.
func (l *follower) keep(until float64) error {
	l.path.Reached = until
	state := make([]float64, len(l.s.Y))
	for len(l.path.Snapshots) < len(l.times) {
		t := l.times[len(l.path.Snapshots)]
		if t > until {
			return nil
		}
		l.s.At(state, t)
		f, k := l.look(state, l.rows)
		snapshot := newSnapshot(t, f, l.y, k)
		if w, ok := l.motion.(*weights); ok && l.o.Networks {
			snapshot.Net = (&Network{w.net.shape, state}).Clone()
		}
		l.path.Snapshots = append(l.path.Snapshots, snapshot)
	}
	return nil
}

func newSnapshot(t float64, f, y []float64, k *Tensor) Snapshot {
	s := Snapshot{Time: t, F: f, K2: k}
	for i, v := range y {
		s.Loss += (f[i] - v) * (f[i] - v) / float64(2*len(y))
	}
	s.Min, s.Max = extremes(k)
	return s
}

// square returns K^(2) of the training points, symmetric to the bit.
func square(k *Tensor) *mat.SymDense {
	s := mat.NewSymDense(k.N, nil)
	for i := range k.N {
		for j := i; j < k.N; j++ {
			s.SetSym(i, j, (k.Data[i*k.N+j]+k.Data[j*k.N+i])/2)
		}
	}
	return s
}

// extremes returns the smallest and largest eigenvalue of K^(2) of the training
// points, NaN if it holds what is not finite.
func extremes(k *Tensor) (least, most float64) {
	for _, v := range k.Data[:k.N*k.N] {
		if !finite(v) {
			return math.NaN(), math.NaN()
		}
	}
	var e mat.EigenSym
	if !e.Factorize(square(k), false) {
		return math.NaN(), math.NaN()
	}
	values := e.Values(nil)
	return values[0], values[len(values)-1]
}
