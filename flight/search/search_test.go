package search

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"

	"breakeven/flight"
	"breakeven/flight/filter"
)

// A toy predicts from all states that a beam went through.
type toy struct {
	starts []flight.State
	memory []float64 // by move
	bad    int       // a flight whose second density is not a number; -1: none
	shift  float64   // of longitudes
}

func newToy(n int) *toy {
	s := &toy{starts: make([]flight.State, n), bad: -1}
	for i := range s.starts {
		s.starts[i] = flight.State{Time: 1000 * float64(i), Mean: filter.Vector{30 + float64(i), -95, 33000, 1e-3, 2e-3}}
	}
	return s
}

// remember returns the memory after a state.
func (s *toy) remember(memory float64, x *flight.State) float64 {
	return 0.5*memory + math.Sin(7*x.Mean[0]+5*math.Remainder(x.Mean[1]-s.shift, 360))
}

// predict is the density after a state.
func (s *toy) predict(density []Component, memory float64, x *flight.State) {
	for k := range density {
		c := &density[k]
		a := memory + float64(k)
		c.LogWeight = -1 + 0.7*math.Sin(3*a)
		c.LogPeak = 60 * math.Cos(11*a)
		c.Mean = filter.Vector{x.Mean[0] + 0.12 + 0.8*math.Sin(5*a), x.Mean[1] + 0.24, 34000, 1e-3, 2e-3 + 1e-4*math.Sin(a)}
		c.Cov = filter.Matrix{{0.04, 0.01}, {0.01, 0.05}, {0, 0, 1e4}, {0, 0, 0, 1e-7}, {0, 0, 0, 0, 1e-7}}
	}
}

func (s *toy) Start(density [][]Component) error {
	s.memory = s.memory[:0]
	for i := range s.starts {
		s.memory = append(s.memory, s.remember(0, &s.starts[i]))
		s.predict(density[i], s.memory[i], &s.starts[i])
	}
	return nil
}

func (s *toy) Next(moves []Move, density [][]Component) error {
	if len(moves) == 0 {
		return errors.New("nothing to do")
	}
	var memory []float64
	for i, m := range moves {
		memory = append(memory, s.remember(s.memory[m.From], &m.State))
		s.predict(density[i], memory[i], &m.State)
		if m.Flight == s.bad {
			density[i][0].LogWeight, density[i][1].Mean[1], density[i][2].LogPeak = math.NaN(), math.NaN(), math.Inf(1)
		}
	}
	s.memory = memory
	return nil
}

func never() error { return nil }

func options(steps, beams int) Options {
	o := Default()
	o.Steps, o.Beams, o.Smooth = steps, beams, false
	return o
}

func mustRun(t *testing.T, s *toy, o Options) []Result {
	t.Helper()
	r, err := Run(s, s.starts, o, never)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A path is a beam of the twin, with all that it went through.
type path struct {
	score, memory float64
	steps         []filter.Step
	penalties     []float64
}

// twin searches with whole paths in place of a tree. prune cuts the children of all paths,
// which come path by path.
func twin(s *toy, flightNumber int, o Options, prune func(step int, children []path) []path) []path {
	start := s.starts[flightNumber]
	paths := []path{{memory: s.remember(0, &start)}}
	for step := range o.Steps {
		var children []path
		for _, p := range paths {
			x, at := start, filter.Known(start.Mean)
			if step > 0 {
				at = p.steps[step-1].Filtered
				x = flight.State{Mean: at.Mean}
			}
			density := make([]Component, o.Components)
			s.predict(density, p.memory, &x)
			for _, c := range density {
				child := path{score: p.score + o.Weight*c.LogWeight + (1-o.Weight)*c.LogPeak}
				var step filter.Step
				penalty := o.Filter.Advance(&step, &at, &c.Gaussian)
				child.score += penalty
				child.steps = append(slices.Clone(p.steps), step)
				child.penalties = append(slices.Clone(p.penalties), penalty)
				child.memory = s.remember(p.memory, &flight.State{Mean: step.Filtered.Mean})
				children = append(children, child)
			}
		}
		paths = prune(step, children)
	}
	slices.SortStableFunc(paths, func(a, b path) int { return cmp.Compare(b.score, a.score) })
	return paths
}

// agree compares the tracks of a flight with paths.
func agree(t *testing.T, r Result, want []path) {
	t.Helper()
	if len(r.Alternatives) != len(want) {
		t.Fatalf("%d tracks, want %d", len(r.Alternatives), len(want))
	}
	for i, a := range r.Alternatives {
		if math.Abs(a.Score-want[i].score) > 1e-9 {
			t.Fatalf("score %d: %v, want %v", i, a.Score, want[i].score)
		}
		for k, x := range a.States {
			if g := want[i].steps[k].Filtered; x.Mean != g.Mean || x.Cov != g.Cov {
				t.Fatalf("track %d, state %d: %v, want %v", i, k, x.Mean, g.Mean)
			}
		}
	}
}

// With enough beams the search finds the best of all tracks.
func TestExhaustive(t *testing.T) {
	s := newToy(3)
	o := options(5, 243)
	for i, r := range mustRun(t, s, o) {
		all := twin(s, i, o, func(_ int, c []path) []path { return c })
		if len(all) != 243 {
			t.Fatalf("%d paths", len(all))
		}
		agree(t, r, all)
	}
}

// Pruning keeps the best of all children of a flight.
func TestPruning(t *testing.T) {
	s := newToy(3)
	o := options(12, 9)
	rejected := 0
	for i, r := range mustRun(t, s, o) {
		want := twin(s, i, o, func(_ int, c []path) []path {
			slices.SortStableFunc(c, func(a, b path) int { return cmp.Compare(b.score, a.score) })
			return c[:min(9, len(c))]
		})
		agree(t, r, want)
		for _, p := range want {
			for _, s := range p.steps {
				if s.Verdict == filter.Rejected {
					rejected++
				}
			}
		}
		for k, x := range r.Alternatives[0].States {
			if want := s.starts[i].Time + 120*float64(k+1); x.Time != want {
				t.Errorf("state %d at %v, want %v", k, x.Time, want)
			}
		}
	}
	if rejected == 0 {
		t.Error("no measurement was rejected: the test does not test penalties")
	}
}

// The released code keeps all children of two steps, and later the best child of each beam. In
// its late form the penalty of the second step counts twice, and that of the last never.
func TestUnpruned(t *testing.T) {
	s := newToy(3)
	o := options(12, 9)
	o.Unpruned = true
	own := func(step int, c []path) []path {
		if step < 2 {
			return c
		}
		var best []path
		for i := 0; i < len(c); i += 3 {
			last := func(p path) float64 { return p.score - p.penalties[step] }
			best = append(best, slices.MaxFunc(c[i:i+3], func(a, b path) int { return cmp.Compare(last(a), last(b)) }))
		}
		return best
	}
	for i, r := range mustRun(t, s, o) {
		agree(t, r, twin(s, i, o, own))
	}
	o.LatePenalty = true
	for i, r := range mustRun(t, s, o) {
		want := twin(s, i, o, own)
		for k := range want {
			want[k].score += want[k].penalties[1] - want[k].penalties[11]
		}
		slices.SortStableFunc(want, func(a, b path) int { return cmp.Compare(b.score, a.score) })
		agree(t, r, want)
	}
	o.Beams = 1 // greedy
	for _, r := range mustRun(t, s, o) {
		if len(r.Alternatives) != 1 {
			t.Errorf("%d tracks of one beam", len(r.Alternatives))
		}
	}
}

// Smoothing is that of the filter, along each track.
func TestSmoothing(t *testing.T) {
	s := newToy(1)
	o := options(8, 3)
	want := twin(s, 0, o, func(_ int, c []path) []path {
		slices.SortStableFunc(c, func(a, b path) int { return cmp.Compare(b.score, a.score) })
		return c[:3]
	})
	o.Smooth = true
	for _, byOne := range []bool{false, true} {
		o.SmoothByOne = byOne
		expected := make([]path, len(want))
		for i, p := range want {
			expected[i] = path{score: p.score, steps: slices.Clone(p.steps)}
			if byOne {
				o.Filter.SmoothByOne(expected[i].steps)
			} else {
				o.Filter.Smooth(expected[i].steps)
			}
		}
		agree(t, mustRun(t, s, o)[0], expected)
	}
	o.Unfiltered = true
	for _, x := range mustRun(t, s, o)[0].Alternatives[0].States {
		if x.Cov[0][0] != 0.04 || x.Mean[2] != 34000 {
			t.Errorf("a state without a filter: %v, %v", x.Mean, x.Cov)
		}
	}
}

// A flight fails alone, and what is found for the others does not depend on it.
func TestDivergence(t *testing.T) {
	s := newToy(4)
	o := options(6, 9)
	want := mustRun(t, s, o)
	s.bad = 1
	got := mustRun(t, s, o)
	if !errors.Is(got[1].Err, ErrDiverged) || got[1].Alternatives != nil {
		t.Errorf("flight 1: %v", got[1])
	}
	for _, i := range []int{0, 2, 3} {
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Errorf("flight %d is another one", i)
		}
	}
	s = newToy(1)
	if s.bad = 0; mustRun(t, s, o)[0].Err == nil {
		t.Error("a flight without others does not fail")
	}
}

// Across the antimeridian a flight is what it is elsewhere, with longitudes within ±180.
func TestAntimeridian(t *testing.T) {
	s := newToy(1)
	o := options(9, 9)
	want := mustRun(t, s, o)[0].Alternatives
	s.shift = 179.5 + 95
	s.starts[0].Mean[1] += s.shift
	crossed := false
	for i, a := range mustRun(t, s, o)[0].Alternatives {
		for k, x := range a.States {
			if math.Abs(x.Mean[1]) > 180 {
				t.Errorf("longitude %v", x.Mean[1])
			}
			crossed = crossed || x.Mean[1] < 0
			if off := math.Remainder(x.Mean[1]-s.shift-want[i].States[k].Mean[1], 360); math.Abs(off) > 1e-9 {
				t.Fatalf("track %d, state %d: longitude off by %v", i, k, off)
			}
		}
	}
	if !crossed {
		t.Error("the flight did not cross")
	}
}

// Without a known altitude there is no predicted one, and the rest stays as it is.
func TestNoAltitude(t *testing.T) {
	s := newToy(1)
	o := options(9, 9)
	want := mustRun(t, s, o)[0].Alternatives
	s.starts[0].Mean[2] = math.NaN()
	for i, a := range mustRun(t, s, o)[0].Alternatives {
		for k, x := range a.States {
			y := want[i].States[k]
			if !math.IsNaN(x.Mean[2]) || !math.IsNaN(x.Cov[2][2]) || x.Mean[0] != y.Mean[0] || x.Mean[3] != y.Mean[3] || x.Cov[0] != y.Cov[0] {
				t.Fatalf("track %d, state %d: %v, %v, want %v", i, k, x.Mean, x.Cov, y.Mean)
			}
		}
	}
}

// A search ends when it is asked to, and with the error of its stepper.
func TestStop(t *testing.T) {
	s := newToy(1)
	left := 3
	enough := errors.New("enough")
	_, err := Run(s, s.starts, options(9, 9), func() error {
		if left--; left == 0 {
			return enough
		}
		return nil
	})
	if err != enough {
		t.Error(err)
	}
	_, err = Run(failing{}, s.starts, options(9, 9), never)
	if fmt.Sprint(err) != "no weather" {
		t.Error(err)
	}
}

type failing struct{ Stepper }

func (failing) Start([][]Component) error { return errors.New("no weather") }
