package hierarchy

import (
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// truncate makes a truncated system or fails.
func truncate(t rapid.TB, k []*Tensor, y []float64) *Truncated {
	t.Helper()
	s, err := Truncate(k, y)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// All forms of the truncated system agree, and a test point that repeats a training
// point follows it.
func TestFormsAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScene(t, 3)
		n := len(s.points.Train)
		s.points.Test = append(s.points.Test, s.points.Train[0])
		p := rapid.IntRange(2, 4).Draw(t, "level")
		k := kernels(t, s.net, s.points, p, Auto)
		times := []float64{0.03, 0.2, 0.5}
		system := truncate(t, k, s.y)
		var first *Path
		for _, form := range []Form{Automatic, Iterated, Coupled} {
			path, err := system.Flow(times, &FlowOptions{Form: form, Past: true})
			if errors.Is(err, ErrBlowUp) {
				return // every form ends at about the same time, though not at the same size
			} else if err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = path
			}
			for i, got := range path.Snapshots {
				want := first.Snapshots[i]
				small := 1e-8 * (1 + largest(want.F) + largest(s.y) + want.K2.Max())
				if d := math.Max(apart(got.F, want.F), apart(got.K2.Data, want.K2.Data)); d > small {
					t.Fatalf("level %d at t = %v: %v and %v differ by %.3g", p, got.Time, path.Form, first.Form, d)
				}
				last := len(got.F) - 1
				if d := math.Abs(got.F[last]-got.F[0]) + apart(got.K2.Row(last), got.K2.Row(0)); d > small {
					t.Fatalf("level %d, %v: a test point left the training point it repeats by %.3g", p, path.Form, d)
				}
				var loss float64
				for j, y := range s.y {
					loss += (got.F[j] - y) * (got.F[j] - y)
				}
				if d := math.Abs(loss/float64(2*n) - got.Loss); d > 1e-12*(1+loss) || got.Time != times[i] {
					t.Fatalf("loss at t = %v is off by %v", got.Time, d)
				}
			}
		}
	})
}

// The I are iterated integrals of one path: I_a I_b = I_ab + I_ba, and I_a I_bc
// = I_abc + I_bac + I_bca (the shuffles).
func TestShuffles(t *testing.T) {
	net := drawNet(t, Shape{3, 8, 2, Tanh}, Init{})
	points, y := sphere(1, 3, 0, 3)
	s := truncate(t, kernels(t, net, points, 4, Auto), y)
	scale := newScales(s.k[0].Data, y, s.k[1], 1e-10)
	m := newIterated(s, scale)
	l := &follower{motion: m, scale: scale, o: FlowOptions{MaxSteps: 1000}, y: y, rows: 3, times: []float64{2}}
	if _, err := l.follow(make([]float64, m.offset[4])); err != nil {
		t.Fatal(err)
	}
	one, two, three := m.integrals(l.s.Y, 1), m.integrals(l.s.Y, 2), m.integrals(l.s.Y, 3)
	for a := range 3 {
		for b := range 3 {
			if d := one[a]*one[b] - two[a*3+b] - two[b*3+a]; math.Abs(d) > 1e-8 {
				t.Errorf("I_%d I_%d is off its shuffle by %.3g", a, b, d)
			}
			for c := range 3 {
				at := func(i, j, k int) float64 { return three[i*9+j*3+k] }
				if d := one[a]*two[b*3+c] - at(a, b, c) - at(b, a, c) - at(b, c, a); math.Abs(d) > 1e-8 {
					t.Errorf("I_%d I_%d%d is off its shuffle by %.3g", a, b, c, d)
				}
			}
		}
	}
	if largest(three) < 1e-3 {
		t.Errorf("the integrals of three are all below %.2g", largest(three))
	}
}

// For f = θ² and p = 3, K^(2) = 4f_0 tan(π/4 − 2f_0 t): zero at π/(8f_0),
// infinite at 3π/(8f_0).
func TestIndefinite(t *testing.T) {
	const f0 = 0.7
	zero, end := math.Pi/(8*f0), 3*math.Pi/(8*f0)
	times := []float64{0, 0.3, 0.55, 1, 1.6, 2}
	for _, form := range []Form{Iterated, Coupled} {
		path, err := squareModel(t, 3, f0).Flow(times, &FlowOptions{Form: form})
		var stop *StopError
		if !errors.Is(err, ErrIndefinite) || !errors.As(err, &stop) || math.Abs(stop.Time-zero) > 1e-6 {
			t.Fatalf("%v: error %v, want the loss of definiteness at %v", form, err, zero)
		}
		if len(path.Snapshots) != 3 || path.Reached != stop.Time || path.Indefinite != stop.Time {
			t.Errorf("%v: %d snapshots, reached %v, indefinite at %v", form, len(path.Snapshots), path.Reached, path.Indefinite)
		}
		path, err = squareModel(t, 3, f0).Flow(times, &FlowOptions{Form: form, Past: true})
		if !errors.Is(err, ErrBlowUp) || math.Abs(path.Reached-end) > 0.01 {
			t.Errorf("%v: error %v at %v, want a blow-up at %v", form, err, path.Reached, end)
		}
		if math.Abs(path.Indefinite-zero) > 1e-6 || len(path.Snapshots) != 5 {
			t.Errorf("%v: indefinite at %v, %d snapshots, want %v and 5", form, path.Indefinite, len(path.Snapshots), zero)
		}
		for _, s := range path.Snapshots {
			want := 4 * f0 * math.Tan(math.Pi/4-2*f0*s.Time)
			if got := s.K2.Data[0]; math.Abs(got-want) > 1e-6*(1+math.Abs(want)) || s.Min != got || s.Max != got {
				t.Errorf("%v: K^(2) = %v at t = %v, eigenvalues %v and %v, want %v", form, got, s.Time, s.Min, s.Max, want)
			}
		}
	}
	// A kernel that is indefinite from the start.
	k := []*Tensor{{1, 1, 1, []float64{1}}, {2, 1, 1, []float64{-1}}}
	for _, form := range []Form{Closed, Iterated} {
		path, err := truncate(t, k, []float64{0}).Flow([]float64{0, 1}, &FlowOptions{Form: form})
		if !errors.Is(err, ErrIndefinite) || path.Reached != 0 || path.Indefinite != 0 {
			t.Errorf("%v from an indefinite kernel: error %v at %v", form, err, path.Reached)
		}
		path, err = truncate(t, k, []float64{0}).Flow([]float64{1}, &FlowOptions{Form: form, Past: true})
		if err != nil || math.Abs(path.Snapshots[0].F[0]-math.E) > 1e-8 {
			t.Errorf("%v past an indefinite kernel: %v, error %v", form, path, err)
		}
		_, err = truncate(t, k, []float64{0}).Flow([]float64{100}, &FlowOptions{Form: form, Past: true})
		if !errors.Is(err, ErrBlowUp) {
			t.Errorf("%v: error %v, want a blow-up", form, err)
		}
	}
}

// The truncated flow approaches the exact model f = θ² as the level rises, because its
// series converges.
func TestLevels(t *testing.T) {
	last := math.Inf(1)
	for _, level := range []int{4, 6, 8, 10, 12, 14} {
		path, err := squareModel(t, level, 0.7).Flow([]float64{1}, nil)
		if err != nil {
			t.Fatal(err)
		}
		off := math.Abs(path.Snapshots[0].F[0] - 0.7/(1+2.8))
		if off > last/5 {
			t.Errorf("level %d: error %.3g after %.3g at the level before", level, off, last)
		}
		last = off
	}
}

// A limit on the steps, or a tolerance that the equations do not allow, ends the flow
// with the time reached.
func TestStops(t *testing.T) {
	path, err := squareModel(t, 4, 0.7).Flow([]float64{0.5, 50}, &FlowOptions{MaxSteps: 60})
	var stop *StopError
	if !errors.Is(err, ErrSteps) || !errors.As(err, &stop) || stop.Time != path.Reached || path.Reached < 0.5 || len(path.Snapshots) != 1 || path.Steps != 60 {
		t.Errorf("after 60 steps: error %v, %d snapshots", err, len(path.Snapshots))
	}
	// If the first slope overflows, no step is short enough.
	k := []*Tensor{{1, 1, 1, []float64{1}}, {2, 1, 1, []float64{math.MaxFloat64}}, {3, 1, 1, []float64{math.MaxFloat64}}}
	_, err = truncate(t, k, []float64{-1}).Flow([]float64{1}, nil)
	if !errors.Is(err, ErrTolerance) || !errors.As(err, &stop) || stop.Time != 0 {
		t.Errorf("with kernels of 10³⁰⁸: error %v", err)
	}
}

// Asking for results at other times changes no bit.
func TestTimesAreIndependent(t *testing.T) {
	net := drawNet(t, Shape{3, 12, 2, Tanh}, Init{})
	points, y := sphere(2, 4, 1, 3)
	s := truncate(t, kernels(t, net, points, 3, Auto), y)
	for name, flow := range map[string]func(times []float64) (*Path, error){
		"truncated": func(times []float64) (*Path, error) { return s.Flow(times, nil) },
		"exact":     func(times []float64) (*Path, error) { return GradientFlow(net, points, y, times, nil) },
	} {
		few, err := flow([]float64{1, 3})
		if err != nil {
			t.Fatal(err)
		}
		many, err := flow([]float64{0, 0.3, 0.31, 1, 2.5, 3})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(few.Snapshots[0].F, many.Snapshots[3].F) || !slices.Equal(few.Snapshots[1].F, many.Snapshots[5].F) {
			t.Errorf("%s: f changes with the times asked for", name)
		}
	}
}

func TestBadFlows(t *testing.T) {
	one := func(order int) *Tensor { return NewTensor(order, 2, 2) }
	ragged, skew, nan := one(2), one(2), one(2)
	ragged.Rows = 3
	skew.Data[1] = 1
	nan.Data[0] = math.NaN()
	for name, k := range map[string][]*Tensor{
		"no kernels": {}, "f alone": {one(1)}, "order left out": {one(1), one(3)}, "rows": {one(1), ragged},
		"not symmetric": {one(1), skew}, "NaN": {one(1), nan}, "points": {one(1), NewTensor(2, 2, 1)},
	} {
		if _, err := Truncate(k, []float64{1, 2}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	for _, y := range [][]float64{nil, {1}, {1, 2, 3}, {1, math.NaN()}, {math.Inf(1), 0}} {
		if _, err := Truncate([]*Tensor{one(1), one(2)}, y); err == nil {
			t.Errorf("labels %v: no error", y)
		}
	}
	s := truncate(t, []*Tensor{one(1), one(2), one(3)}, []float64{1, 2})
	for _, times := range [][]float64{nil, {-1}, {1, 1}, {2, 1}, {math.NaN()}, {math.Inf(1)}} {
		if _, err := s.Flow(times, nil); err == nil {
			t.Errorf("times %v: no error", times)
		}
	}
	for _, o := range []FlowOptions{{Tolerance: 1e-16}, {Tolerance: 1}, {Tolerance: math.NaN()}, {Tolerance: -1}, {MaxSteps: -1}, {Form: 9}, {Form: Closed}} {
		if _, err := s.Flow([]float64{1}, &o); err == nil {
			t.Errorf("%+v: no error", o)
		}
	}
	// If everything is zero and fitted, nothing moves.
	if path, err := truncate(t, []*Tensor{one(1), one(2), one(3)}, []float64{0, 0}).Flow([]float64{1e9}, nil); err != nil || path.Snapshots[0].Loss != 0 {
		t.Errorf("zeros: %+v, %v", path, err)
	}
}
