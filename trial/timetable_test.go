package trial

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"breakeven/probe"
	"breakeven/run"
)

// planned returns the timetable of the named probes for SimpleCNN on CIFAR-10.
func planned(t *testing.T, steps int, share float64, names ...string) *timetable {
	t.Helper()
	s := run.Default()
	s.Batch = 128
	probes, err := probe.Select(names)
	if err != nil {
		t.Fatal(err)
	}
	times, err := newTimetable(probes, probe.SizesOf(s, 45000, 5000), steps, share)
	if err != nil {
		t.Fatal(err)
	}
	return times
}

// The work of the measurements is the share that was asked for, within two measurements of the loss, and never more; early measurements are dense, and nothing is measured without what it is
// measured with.
func TestTimetable(t *testing.T) {
	for _, steps := range []int{600, 3510, 70200} {
		for _, share := range []float64{0.1, 0.3, 0.9} {
			times := planned(t, steps, share, probe.Names()...)
			cheapest := times.groups[0].cost
			full := times.groups[len(times.groups)-1].count == steps+1
			if spent := times.share * float64(steps) / (1 - times.share); spent > times.limit*(1+1e-9) || !full && spent < times.limit-2*cheapest {
				t.Errorf("%d steps, %g: measuring takes the work of %g steps of %g, the cheapest measurement that of %g", steps, share, spent, times.limit, cheapest)
			}
			if times.share > share*(1+1e-9) {
				t.Errorf("%d steps: a share of %g, asked for %g", steps, times.share, share)
			}
			checkPlaces(t, times, steps)
		}
	}
}

// checkPlaces checks where the measurements of a timetable are.
func checkPlaces(t *testing.T, times *timetable, steps int) {
	t.Helper()
	at := times.steps
	if at[0] != 0 || at[len(at)-1] != steps || !slices.IsSorted(at) || len(slices.Compact(slices.Clone(at))) != len(at) {
		t.Errorf("%d steps: measurements at %v", steps, at)
	}
	early, _ := slices.BinarySearch(at, steps/8)
	if n := len(at); n < steps/3 && math.Abs(float64(early)-float64(n)/2) > 1+0.02*float64(n) {
		t.Errorf("%d steps: %d of %d measurements are in the first eighth", steps, early, n)
	}
	count := map[string]int{}
	for step := range steps + 1 {
		due := times.at(step)
		for _, p := range due {
			count[p.Name]++
			leads := func(q probe.Probe) bool { return q.Name == p.With }
			if slices.ContainsFunc(times.probes, leads) && !slices.ContainsFunc(due, leads) {
				t.Errorf("step %d: %s without %s", step, p.Name, p.With)
			}
		}
		if len(due) > 0 && due[0].Name != "loss" {
			t.Errorf("step %d: nothing pays for the loss and the gradient: %s", step, due[0].Name)
		}
	}
	for i, g := range times.groups {
		if i > 0 && (g.count > times.groups[i-1].count || g.count < 1 || g.cost < times.groups[i-1].cost && i > 1) {
			t.Errorf("%d steps: %s", steps, times)
		}
		for _, p := range g.probes {
			if count[p.Name] != g.count {
				t.Errorf("%s is measured %d times, planned %d", p.Name, count[p.Name], g.count)
			}
		}
	}
}

// The timetable follows from numbers that are written here: the same on every machine.
func TestTimetableIsFixed(t *testing.T) {
	times := planned(t, 14040, 0.1, "loss", "k", "h", "stability", "critical")
	const want = "loss 9 times, k 9 times, critical 9 times, h, stability 4 times"
	if got := times.String(); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if at := []int{0, 27, 219, 740, 1755, 3428, 5923, 9406, 14040}; !slices.Equal(times.steps, at) || !slices.Equal(times.groups[3].at, []int{27, 740, 3428, 9406}) {
		t.Errorf("the loss is measured at %v, h at %v", times.steps, times.groups[3].at)
	}
}

// What the share does not pay for is left out with a warning, and a share that pays for nothing is
// an error.
func TestUnpaid(t *testing.T) {
	times := planned(t, 1000, 0.1, "loss", "k", "h", "stability")
	if w := times.warnings(); len(w) != 1 || !strings.Contains(w[0], "no measurement of h, stability") || times.at(0) == nil {
		t.Errorf("warnings %q, %s", w, times)
	}
	probes, _ := probe.Select([]string{"loss"})
	if _, err := newTimetable(nil, probe.SizesOf(run.Default(), 45000, 5000), 100, 0.1); err == nil || !strings.Contains(err.Error(), "none of the probes") {
		t.Errorf("without probes the error is %v", err)
	}
	sizes := probe.SizesOf(run.Default(), 45000, 5000)
	_, err := newTimetable(probes, sizes, 100, 0.1)
	var short *ShareError
	if !errors.As(err, &short) || !strings.Contains(err.Error(), "use a larger share") {
		t.Fatalf("the error is %v", err)
	}
	// The least share that it names is the least one.
	if _, err := newTimetable(probes, sizes, 100, short.Least-1e-6); err == nil {
		t.Errorf("less than %v is a share that suffices", short.Least)
	}
	if times, err := newTimetable(probes, sizes, 100, short.Least+1e-6); err != nil || times.count("loss") != 2 {
		t.Errorf("with a share of %v: %v, %v", short.Least, times, err)
	}
}

// A run with an overhead measures at the steps of its timetable, goes on to the same bits when it is
// interrupted, and says what measuring has taken.
func TestOverhead(t *testing.T) {
	s := small("tiny", "sgd")
	s.Steps, s.Every, s.Overhead, s.Probes = 60, 0, 0.7, []string{"loss", "k", "h", "stability", "step"}
	whole, job := new(tape), newSmall(t, s)
	end, err := job.Run(context.Background(), nil, 0, whole)
	if err != nil || end.Status != run.Finished || !strings.Contains(end.Message, "measuring took") {
		t.Fatalf("%+v, %v", end, err)
	}
	kinds := map[string]int{}
	for _, step := range job.times.steps {
		for _, v := range whole.records[step].Values {
			kinds[v.Key]++
		}
	}
	if len(whole.records) != len(job.times.steps) || kinds["h_max"] != job.times.count("h") || kinds["loss"] <= kinds["h_max"] ||
		kinds["stability"] != kinds["h_max"] || kinds["alignment"] != kinds["h_max"] {
		t.Errorf("%d records, measured %v, planned %s", len(whole.records), kinds, job.times)
	}
	cut, from := new(tape), (*run.Checkpoint)(nil)
	for until := 7; ; until += 7 {
		end, err := newSmall(t, s).Run(context.Background(), from, until, cut)
		if err != nil {
			t.Fatal(err)
		}
		if from = cut.last(); end.Status == run.Finished {
			break
		}
	}
	for _, p := range []*tape{cut, whole} {
		if p.last().Meta[metaSpent] == "" {
			t.Error("the time that was spent is not kept")
		}
		delete(p.last().Meta, metaSpent)
	}
	compare(t, "in segments", cut, whole)
	other := s
	if other.Overhead = 0.5; other.ID() == s.ID() {
		t.Error("the overhead is no part of the identity")
	}
}

// The time that was spent is read as it was written.
func TestSpent(t *testing.T) {
	var s spent
	s.restore("1.5 0.25")
	if s.String() != "1.500 0.250" {
		t.Errorf("%s", s)
	}
	s.restore("")
	s.restore("x y")
	if s.String() != "1.500 0.250" {
		t.Errorf("%s after texts that are none", s)
	}
}
