package ode

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"
)

// relative is the norm of one tolerance for every number of the state.
func relative(tol float64) Norm {
	return func(e, y []float64) float64 {
		var m float64
		for i := range e {
			m = max(m, math.Abs(e[i])/(tol*(1+math.Abs(y[i]))))
		}
		return m
	}
}

// problems have known solutions. An error in one step may grow later: gain is by how
// much the final error may exceed the tolerance of a step.
var problems = []struct {
	name string
	end  float64
	gain float64
	f    Func
	at   func(t float64) []float64
}{
	{"decay", 10, 1, func(dst []float64, _ float64, y []float64) { dst[0] = -y[0] },
		func(t float64) []float64 { return []float64{math.Exp(-t)} }},
	{"circle", 20, 10, func(dst []float64, _ float64, y []float64) { dst[0], dst[1] = y[1], -y[0] },
		func(t float64) []float64 { return []float64{math.Sin(t), math.Cos(t)} }},
	{"riccati", 30, 1, func(dst []float64, _ float64, y []float64) { dst[0] = -4 * y[0] * y[0] },
		func(t float64) []float64 { return []float64{0.7 / (1 + 2.8*t)} }},
	{"time", 5, 30, func(dst []float64, t float64, y []float64) { dst[0] = math.Cos(t) * y[0] },
		func(t float64) []float64 { return []float64{math.Exp(math.Sin(t))} }},
	{"still", 3, 1, func(dst []float64, t float64, y []float64) { dst[0] = 0 },
		func(t float64) []float64 { return []float64{2} }},
	{"line", 3, 1, func(dst []float64, t float64, y []float64) { dst[0] = -3 },
		func(t float64) []float64 { return []float64{2 - 3*t} }},
}

func distance(a, b []float64) float64 {
	var m float64
	for i := range a {
		m = max(m, math.Abs(a[i]-b[i]))
	}
	return m
}

// The error stays near the tolerance at the ends of steps and between them.
func TestToleranceIsMet(t *testing.T) {
	for _, p := range problems {
		for _, tol := range []float64{1e-4, 1e-6, 1e-8, 1e-10, 1e-12} {
			s := New(p.f, relative(tol), 0, p.at(0))
			worst := 0.0
			y := make([]float64, len(s.Y))
			for s.T < p.end {
				if err := s.Step(p.end); err != nil {
					t.Fatalf("%s, %g: %v", p.name, tol, err)
				}
				for i := 0; i <= 8; i++ {
					at := min(s.Prev+(s.T-s.Prev)*float64(i)/8, s.T)
					s.At(y, at)
					worst = max(worst, distance(y, p.at(at)))
				}
			}
			t.Logf("%s, %g: error %.2g, %d steps, %d refused", p.name, tol, worst, s.Steps, s.Rejected)
			if s.T != p.end {
				t.Errorf("%s: ended at %v and not at %v", p.name, s.T, p.end)
			}
			if worst > p.gain*tol+1e-13 {
				t.Errorf("%s: error %.2g at tolerance %g", p.name, worst, tol)
			}
		}
	}
}

// One step of size h has an error of order 6, its estimate and its interpolant
// one of order 5.
func TestOrders(t *testing.T) {
	f := func(dst []float64, t float64, y []float64) { dst[0], dst[1] = y[1]*y[1]-t, -y[0]*y[1] }
	step := func(h float64) (end, middle []float64, estimate float64) {
		s := New(f, func(e, y []float64) float64 { estimate = math.Hypot(e[0], e[1]); return 0.5 }, 0, []float64{1, 0.5})
		s.h = h
		if err := s.Step(h); err != nil {
			t.Fatal(err)
		}
		middle = make([]float64, 2)
		s.At(middle, 0.3*h)
		return s.Y, middle, estimate
	}
	exact := func(h float64) []float64 {
		s := New(f, relative(1e-14), 0, []float64{1, 0.5})
		for s.T < h {
			if err := s.Step(h); err != nil {
				t.Fatal(err)
			}
		}
		return s.Y
	}
	errors := func(h float64) (end, middle, estimate float64) {
		y, m, e := step(h)
		return distance(y, exact(h)), distance(m, exact(0.3*h)), e
	}
	e1, m1, s1 := errors(0.1)
	e2, m2, s2 := errors(0.05)
	for _, c := range []struct {
		name       string
		got, order float64
	}{
		{"step", math.Log2(e1 / e2), 6}, {"interpolant", math.Log2(m1 / m2), 5}, {"estimate", math.Log2(s1 / s2), 5},
	} {
		if math.Abs(c.got-c.order) > 0.5 {
			t.Errorf("local error of the %s has order %.2f, want %v", c.name, c.got, c.order)
		}
	}
}

// A solution that ends in finite time, or a right-hand side of NaN, ends with an error
// and the time reached.
func TestCannotBeMet(t *testing.T) {
	for name, c := range map[string]struct {
		f    Func
		near float64
	}{
		"singular": {func(dst []float64, _ float64, y []float64) { dst[0] = y[0] * y[0] }, 1},
		"NaN":      {func(dst []float64, t float64, y []float64) { dst[0] = math.Sqrt(0.5 - t) }, 0.5},
		"nothing":  {func(dst []float64, t float64, y []float64) { dst[0] = math.NaN() }, 0},
	} {
		s := New(c.f, relative(1e-8), 0, []float64{1})
		var err error
		for range 10000 {
			if err = s.Step(3); err != nil || s.T >= 3 {
				break
			}
		}
		if !errors.Is(err, ErrStep) || math.Abs(s.T-c.near) > 0.02 {
			t.Errorf("%s: error %v at t = %v, want ErrStep near %v", name, err, s.T, c.near)
		}
	}
}

// Linear systems with random rates: the solution is known, and the steps do not depend
// on the times asked for.
func TestLinear(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rates := rapid.SliceOfN(rapid.Float64Range(-8, 0.5), 1, 6).Draw(t, "rates")
		end := rapid.Float64Range(0.01, 4).Draw(t, "end")
		start := make([]float64, len(rates))
		for i := range start {
			start[i] = 1
		}
		f := func(dst []float64, _ float64, y []float64) {
			for i, r := range rates {
				dst[i] = r * y[i]
			}
		}
		s := New(f, relative(1e-9), 0, start)
		for s.T < end {
			if err := s.Step(end); err != nil {
				t.Fatal(err)
			}
			for i, r := range rates {
				if want := math.Exp(r * s.T); math.Abs(s.Y[i]-want) > 3e-8*(1+want) {
					t.Fatalf("rate %v at t = %v: %v, want %v", r, s.T, s.Y[i], want)
				}
			}
		}
	})
}

func TestPanics(t *testing.T) {
	s := New(problems[0].f, relative(1e-6), 0, []float64{1})
	for name, f := range map[string]func(){
		"step back":    func() { _ = s.Step(0) },
		"before start": func() { s.At(make([]float64, 1), -1) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s did not panic", name)
				}
			}()
			f()
		}()
	}
}
