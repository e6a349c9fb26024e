package trial

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"breakeven/internal/digits"
	"breakeven/probe"
)

// A timetable says at which steps of a run which probes measure, so that measuring takes a given
// share of the run's work. It follows from the declared costs of probes alone, and is
// the same on every machine. Measurements are dense at the beginning, where break-even is: half of them are in the first eighth.
type timetable struct {
	// share is what measuring takes of the work of steps and measurements together.
	share  float64
	parts  []float64     // of measurements by all probes, before each of these steps and after the last
	steps  []int         // ascending, of the probes that are measured most often
	groups []group       // in the order of their costs
	unpaid []group       // for which there is nothing left
	limit  float64       // work that may go into measurements, in training steps
	last   int           // step of the run
	probes []probe.Probe // all of them
}

// A group is probes that are measured together, since later ones need what the first has found.
type group struct {
	probes []probe.Probe
	cost   float64 // of one measurement, in training steps
	count  int     // of measurements
	at     []int   // their steps, ascending
}

func (g group) names() string {
	var names []string
	for _, p := range g.probes {
		names = append(names, p.Name)
	}
	return strings.Join(names, ", ")
}

// A ShareError says that the overhead of a run does not pay for two measurements of the cheapest probes.
type ShareError struct {
	Probes string  // those that are measured whenever anything is
	Share  float64 // of the run's work, that was given
	Least  float64 // that would pay for them
}

func (e *ShareError) Error() string {
	return fmt.Sprintf("overhead: two measurements of %s take %.3g %% of the work of this run, and it gives them %.3g %%: use a larger share, more steps, or a smaller measurement set",
		e.Probes, 100*e.Least, 100*e.Share)
}

// newTimetable plans the measurements of a run of so many steps. It makes the mean distance between
// measurements, summed over probes, as small as the share allows: what is cheap is measured more often,
// and whatever is measured, what is cheaper is measured with it, and the loss. The error is a
// [*ShareError] if the share does not pay for two losses.
func newTimetable(probes []probe.Probe, s probe.Sizes, steps int, share float64) (*timetable, error) {
	t := &timetable{last: steps, probes: probes, limit: float64(steps) * share / (1 - share)}
	if len(probes) == 0 {
		return nil, fmt.Errorf("overhead: none of the probes measures anything in this network: choose others")
	}
	t.groups = groupsOf(probes, s)
	if least := 2 * t.groups[0].cost; t.limit < least {
		return nil, &ShareError{Probes: t.groups[0].names(), Least: least / (least + float64(steps)), Share: share}
	}
	t.divide()
	t.place()
	whole := probe.Work(probes, s) * float64(s.Examples) / float64(s.Batch)
	t.parts = []float64{0}
	for i, step := range t.steps {
		t.parts = append(t.parts, t.parts[i]+t.cost(step)/whole)
	}
	spent := t.parts[len(t.steps)] * whole
	t.share = spent / (spent + float64(steps))
	return t, nil
}

// groupsOf returns the groups of probes by their costs. The first, which is measured at all steps that
// have a measurement, pays for the loss and the gradient at its point.
func groupsOf(probes []probe.Probe, s probe.Sizes) []group {
	var groups []group
	step := float64(s.Batch) / float64(s.Examples) // in gradients of the measurement set
	costs := probe.Costs(probes, s)
	for k, p := range probes {
		cost := costs[k] / step
		i := slices.IndexFunc(groups, func(g group) bool { return leader(g.probes[0]) == leader(p) })
		if i < 0 {
			groups = append(groups, group{probes: []probe.Probe{p}, cost: cost})
		} else {
			groups[i].probes, groups[i].cost = append(groups[i].probes, p), groups[i].cost+cost
		}
	}
	slices.SortStableFunc(groups, func(a, b group) int { return cmp.Compare(a.cost, b.cost) })
	i := slices.IndexFunc(groups, func(g group) bool { return g.probes[0].Name == "loss" })
	if i < 0 {
		groups[0].cost += 1 / step
		return groups
	}
	loss := groups[i]
	return slices.Insert(slices.Delete(groups, i, i+1), 0, loss)
}

// leader names the probe with which another is measured.
func leader(p probe.Probe) string { return cmp.Or(p.With, p.Name) }

// divide divides the work. Each group has one measurement, the first two; the most expensive groups for
// which the work does not suffice have none. Then that group has one more which gains most for its work,
// again and again, together with those before it that would otherwise be measured less often.
func (t *timetable) divide() {
	left := t.limit
	for i := range t.groups {
		t.groups[i].count = max(1, 2-i)
		left -= t.groups[i].cost
	}
	left -= t.groups[0].cost
	for left < 0 && len(t.groups) > 1 {
		last := len(t.groups) - 1
		t.unpaid = append(t.unpaid, t.groups[last])
		left += t.groups[last].cost
		t.groups = t.groups[:last]
	}
	for {
		from, to, best, work := 0, 0, 0.0, 0.0
		for i := range t.groups {
			gain, cost, j := 0.0, 0.0, i
			for ; j >= 0 && t.groups[j].count == t.groups[i].count; j-- {
				g := t.groups[j]
				gain += float64(len(g.probes)) / float64(g.count*(g.count+1)) // of Σ 1/count
				cost += g.cost
			}
			if cost <= left && t.groups[i].count <= t.last && gain > best*cost {
				from, to, best, work = j+1, i+1, gain/cost, cost
			}
		}
		if to == 0 {
			return
		}
		for i := from; i < to; i++ {
			t.groups[i].count++
		}
		left -= work
	}
}

// place sets the steps: those of the first group from 0 to the last step, as cubes, and of each
// further one some of those of the group before it.
func (t *timetable) place() {
	n := t.groups[0].count
	before := -1
	for k := range n {
		x := float64(k) / float64(n-1)
		before = max(before+1, int(math.Round(float64(t.last)*x*x*x)))
		t.steps = append(t.steps, before)
	}
	from := t.steps
	for i := range t.groups {
		g := &t.groups[i]
		for j := range g.count {
			g.at = append(g.at, from[(2*j+1)*len(from)/(2*g.count)])
		}
		from = g.at
	}
}

// at returns the probes of a step; nil: nothing is measured there.
func (t *timetable) at(step int) (due []probe.Probe) {
	for _, p := range t.probes {
		for _, g := range t.groups {
			if _, ok := slices.BinarySearch(g.at, step); ok && slices.ContainsFunc(g.probes, func(q probe.Probe) bool { return q.Name == p.Name }) {
				due = append(due, p)
			}
		}
	}
	return due
}

// cost returns the work of the measurement of a step, in training steps.
func (t *timetable) cost(step int) (sum float64) {
	for _, g := range t.groups {
		if _, ok := slices.BinarySearch(g.at, step); ok {
			sum += g.cost
		}
	}
	return sum
}

// before returns how many measurements there are before a step, as parts of one by all probes.
func (t *timetable) before(step int) float64 {
	i, _ := slices.BinarySearch(t.steps, step)
	return t.parts[i]
}

// count returns how often the named probe measures.
func (t *timetable) count(name string) int {
	for _, g := range t.groups {
		if slices.ContainsFunc(g.probes, func(p probe.Probe) bool { return p.Name == name }) {
			return g.count
		}
	}
	return 0
}

// String says how often what is measured: "loss, step 41 times, k 20 times".
func (t *timetable) String() string {
	var parts []string
	for _, g := range t.groups {
		times := "times"
		if g.count == 1 {
			times = "time"
		}
		parts = append(parts, fmt.Sprintf("%s %s %s", g.names(), digits.Thousands(g.count), times))
	}
	return strings.Join(parts, ", ")
}

// warnings says for which probes the share does not suffice, one sentence for each group.
func (t *timetable) warnings() (list []string) {
	for _, g := range t.unpaid {
		list = append(list, fmt.Sprintf("overhead: no measurement of %s, which takes the work of %s steps, fits into the share: use a larger one, more steps, or a smaller measurement set",
			g.names(), digits.Significant(g.cost, 3)))
	}
	return list
}
