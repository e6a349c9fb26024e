package learn_test

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"breakeven/flight/features"
	"breakeven/flight/learn"
	"breakeven/flight/match"
	"breakeven/flight/sample"
	"breakeven/flight/tracks"
	"breakeven/nn"
)

func never() error { return nil }

func open(t *testing.T, all *tracks.Set, o learn.Options) *learn.Set {
	t.Helper()
	s, err := learn.Of(all, nil, sample.Storms(), o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// coded returns a set, the coder of its first flights and a batch.
func coded(t *testing.T, s *learn.Set, index ...int) (*learn.Coder, nn.Batch) {
	t.Helper()
	c, err := s.Fit([]int{0, 1, 2, 3, 4}, never)
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.Batch(c, index, never)
	if err != nil {
		t.Fatal(err)
	}
	return c, b
}

// A flight has the same states, plan, cubes and targets in any batch.
func TestBatchOrder(t *testing.T) {
	s := open(t, sample.Flights(), learn.Options{Step: 120})
	_, several := coded(t, s, 7, 3, 11)
	storms := 0
	for k, i := range []int{7, 3, 11} {
		_, one := coded(t, s, i)
		got := several.Slice(k, k+1)
		for n := range one.In {
			if !slices.Equal(got.In[n].F, one.In[n].F) || !slices.Equal(got.In[n].Steps, one.In[n].Steps) {
				t.Errorf("flight %d: input %d depends on the batch", i, n)
			}
		}
		if !slices.Equal(got.Target[0].Vector, one.Target[0].Vector) || !slices.Equal(got.Target[0].Weight, one.Target[0].Weight) {
			t.Errorf("flight %d: targets depend on the batch", i)
		}
		for _, x := range one.In[2].F {
			if x != 0 {
				storms++
			}
		}
	}
	if storms == 0 {
		t.Error("no storm is in any cube")
	}
}

// The next state is the target of each, in the same scale; steps behind the last have weight 0.
func TestTargets(t *testing.T) {
	s := open(t, sample.Flights(), learn.Options{Step: 120})
	c, b := coded(t, s, 2)
	states, points := s.Longest()
	if in := c.Inputs(states, points); in[0].Shape != nn.Seq(states, features.Inputs) || in[1].Shape != nn.Seq(points, 2) || in[2].Shape.T != states {
		t.Errorf("inputs %v for %d states and %d points", in, states, points)
	}
	x, y, n := b.In[0].F, b.Target[0], int(b.In[0].Steps[0])
	for t1 := range n - 1 {
		next, target := x[(t1+1)*6:][:6], y.Vector[t1*5:][:5]
		if want := []float32{next[0], next[1], next[2], next[4], next[5]}; !slices.Equal(target, want) {
			t.Fatalf("state %d: target %v, want %v", t1, target, want)
		}
	}
	sum := float32(0)
	for t1, w := range y.Weight {
		if sum += w; w != 0 && t1 >= n {
			t.Errorf("step %d of %d has weight %v", t1, n, w)
		}
	}
	if sum < float32(n-1) || sum > float32(n) {
		t.Errorf("%v targets of %d states", sum, n)
	}
	if m := c.Mixture(3, 1e-7); m.Outputs() != 45 || m.Width() != 5 || m.Floor != 1e-7 {
		t.Errorf("%+v", m)
	}
}

// The scale is that of the flights it was fitted to.
func TestFit(t *testing.T) {
	s := open(t, sample.Flights(), learn.Options{Step: 120})
	c, b := coded(t, s, 0, 1, 2, 3, 4)
	states, _ := s.Longest()
	sum, square, n := 0.0, 0.0, 0.0
	for k, steps := range b.In[0].Steps {
		for t1 := range int(steps) {
			x := float64(b.In[0].F[(k*states+t1)*6])
			sum, square, n = sum+x, square+x*x, n+1
		}
	}
	if math.Abs(sum/n) > 1e-5 || math.Abs(square/n-1) > 1e-5 {
		t.Errorf("mean %v and mean square %v", sum/n, square/n)
	}
	other, err := s.Fit([]int{9}, never)
	if err != nil || other.Scale == c.Scale {
		t.Errorf("other flights have the same scale (%v)", err)
	}
	stopped := errors.New("stopped")
	if _, err := s.Fit([]int{9}, func() error { return stopped }); !errors.Is(err, stopped) {
		t.Errorf("error %v", err)
	}
	if _, err := s.Batch(c, []int{9}, func() error { return stopped }); !errors.Is(err, stopped) {
		t.Errorf("error %v", err)
	}
}

// Without altitudes nothing vertical is predicted; without plans and weather the network has
// no inputs for them.
func TestWithout(t *testing.T) {
	all := sample.Flights()
	for i := range all.Flights {
		all.Flights[i].Plan = nil
		for k := range all.Flights[i].Fixes {
			all.Flights[i].Fixes[k].Alt = math.NaN()
		}
	}
	all.Vertical = false
	s, err := learn.Of(all, nil, nil, learn.Options{Step: 120})
	if err != nil {
		t.Fatal(err)
	}
	c, b := coded(t, s, 1)
	if len(b.In) != 1 || c.Plans || c.Cubes || c.Vertical {
		t.Errorf("%d inputs, %+v", len(b.In), c)
	}
	m := c.Mixture(3, 0)
	if !slices.Equal(m.Blocks, []int{2, 2}) || len(b.Target[0].Vector) != m.Width()*len(b.Target[0].Weight) {
		t.Errorf("%+v, %d numbers of targets for %d states", m, len(b.Target[0].Vector), len(b.Target[0].Weight))
	}
	if x, y := b.In[0].F[6:12], b.Target[0].Vector[:4]; !slices.Equal(y, []float32{x[0], x[1], x[4], x[5]}) {
		t.Errorf("the target %v of the state before %v", y, x)
	}
	if last := int(b.In[0].Steps[0]) - 1; b.Target[0].Weight[last] != 0 {
		t.Error("a flight without a plan has a target for its last state")
	}
}

// Flights that cannot be learned from are left out with the reason.
func TestLeftOut(t *testing.T) {
	all := sample.Flights()
	all.Flights[0].Fixes = all.Flights[0].Fixes[:1]
	for k := range all.Flights[1].Fixes {
		all.Flights[1].Fixes[k].Alt = math.NaN()
	}
	all.Flights[2].Fixes = slices.Clone(all.Flights[2].Fixes)
	all.Flights[2].Fixes[3].Lat = 89
	n, said := len(all.Flights), len(all.Warnings)
	s := open(t, all, learn.Options{})
	if len(s.Flights) != n-3 || len(s.Test) != n-3 || len(s.Warnings) != said+3 {
		t.Errorf("%d flights of %d, warnings %q", len(s.Flights), n, s.Warnings)
	}
	all.Flights = all.Flights[:1]
	if _, err := learn.Of(all, nil, nil, learn.Options{}); err == nil || !strings.Contains(err.Error(), "fewer than two states") {
		t.Errorf("error %v", err)
	}
}

// What is unknown of a cube is 0 and storms are not scaled; the other numbers of the flights
// that were fitted have mean 0 and deviation 1 in each cell.
func TestCube(t *testing.T) {
	s := open(t, sample.Flights(), learn.Options{Step: 120})
	c, _ := coded(t, s, 0)
	cube, got := make([]float32, match.Size), make([]float32, match.Size)
	for i := range cube {
		if cube[i] = float32(math.NaN()); i%match.Channels == 0 {
			cube[i] = 1
		}
	}
	c.Cube(got, cube)
	for i, x := range got {
		if want := float32(1); i < match.Rows*match.Cols && x != want || i >= match.Rows*match.Cols && x != 0 {
			t.Fatalf("number %d is %v", i, x)
		}
	}
}

// The digest is that of all files, and of nothing else.
func TestDigest(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, text []byte) string {
		t.Helper()
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	of := func(name string) []byte {
		b, err := sample.Files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	digest := func(o learn.Options) string {
		t.Helper()
		s, err := learn.Open(o)
		if err != nil {
			t.Fatal(err)
		}
		return s.Digest
	}
	o := learn.Options{Files: tracks.Files{Tracks: write("a.csv.gz", of("tracks.csv.gz")), Plans: write("p.csv.gz", of("plans.csv.gz")), PlanOf: write("of.csv.gz", of("plan_of.csv.gz"))}}
	first := digest(o)
	o.Files.Tracks = write("b.csv.gz", of("tracks.csv.gz"))
	if digest(o) != first {
		t.Error("the name of a file changes the digest")
	}
	o.Weather = []string{write("storms.csv.gz", of("storms.csv.gz"))}
	if digest(o) == first {
		t.Error("storms do not change the digest")
	}
	o.Weather = []string{filepath.Join(dir, "none.csv")}
	if _, err := learn.Open(o); err == nil {
		t.Error("no error for storms that are missing")
	}
}
