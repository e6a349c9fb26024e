package jastrzebski2020breakeven

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat"

	"breakeven/internal/digits"
	"breakeven/run"
	"breakeven/study"
)

// A choice is one setting of several, over its seeds.
type choice struct {
	name string
	runs []study.Run
	of   []Findings
}

// Choices returns the table that answers which of the settings to take: final and lowest
// loss, validation accuracy, break-even, and the largest left side of Eq. 1 after the
// first tenth, means over seeds with the standard error over them. The best is marked,
// with its margin over the next. For one setting alone it is [OverSeeds].
func Choices(runs []study.Run, all []Findings) study.Table {
	t := study.Table{Title: "Which setting?", Head: []string{"", "seeds", "final loss", "lowest", "valid. loss", "valid. acc.", "break-even step", "λ_H¹ at end", ""}}
	name := labels(runs)
	var list []choice
	places := map[string]int{}
	for i, r := range runs {
		one := r.Spec
		one.Seed = 0
		at, there := places[one.String()]
		if !there {
			at = len(list)
			places[one.String()] = at
			list = append(list, choice{name: name(one)})
		}
		list[at].runs, list[at].of = append(list[at].runs, r), append(list[at].of, all[i])
	}
	if len(list) == 1 {
		return OverSeeds(list[0].runs)
	}
	if len(list) == 0 {
		return t
	}
	best, margin := bestOf(list)
	for i, c := range list {
		word := c.failed()
		if i == best {
			word = "best"
			t.Note = fmt.Sprintf("Best: %s%s.", c.name, margin)
		}
		t.Rows = append(t.Rows, []string{c.name, fmt.Sprint(len(c.runs)), c.mean("loss", last).String(), c.mean("loss", lowest).String(),
			c.mean("valid_loss", last).String(), c.mean("valid_accuracy", last).String(), c.breakEven(), c.mean("h_max", last).String(), word})
	}
	return t
}

// last and lowest pick one of the finite values of a key along a run.
func last(values []Figure) Figure { return values[len(values)-1] }

func lowest(values []Figure) Figure {
	return slices.MinFunc(values, func(a, b Figure) int { return cmp.Compare(a.Value, b.Value) })
}

// mean returns the mean over seeds of what pick takes, with the standard error over them.
func (c choice) mean(key string, pick func([]Figure) Figure) Figure {
	var x []float64
	for _, r := range c.runs {
		var values []Figure
		for _, rec := range r.Records {
			if v := figure(rec, key); v.Known() {
				values = append(values, v)
			}
		}
		if len(values) == 0 {
			return unknown
		}
		x = append(x, pick(values).Value)
	}
	n, mean, sum := float64(len(x)), 0.0, 0.0
	for _, v := range x {
		mean += v / n
	}
	for _, v := range x {
		sum += (v - mean) * (v - mean)
	}
	if n < 2 {
		return Figure{Value: mean}
	}
	return Figure{mean, math.Sqrt(sum / (n - 1) / n)}
}

// failed says why a setting is none to take; "" if nothing speaks against it.
func (c choice) failed() string {
	for _, f := range c.of {
		switch {
		case f.Status == run.Diverged:
			return "diverged"
		case f.Collapsed():
			return f.collapseBadge()
		case f.Records == 0:
			return "not measured"
		}
	}
	return ""
}

// breakEven is the earliest and the latest step at which a run was past it; empty if it is not defined, or was
// not measured in one of them.
func (c choice) breakEven() string {
	var steps []int
	for _, f := range c.of {
		if f.Reached.State == NotDefined || f.Reached.State == NotMeasured {
			return study.Empty
		}
		if f.Reached.crossed() {
			steps = append(steps, f.Reached.At.Step)
		}
	}
	switch {
	case len(steps) == 0:
		return string(NotReached)
	case len(steps) < len(c.of):
		return fmt.Sprintf("%d of %d seeds", len(steps), len(c.of))
	case slices.Min(steps) == slices.Max(steps):
		return fmt.Sprint(steps[0])
	}
	return fmt.Sprintf("%d to %d", slices.Min(steps), slices.Max(steps))
}

// bestOf returns the place of the best setting, by validation accuracy, or else by
// validation loss, or else by the loss, and its margin in words; -1 if none is measured in
// all. Settings that failed are no candidates.
func bestOf(list []choice) (best int, margin string) {
	for _, by := range []struct {
		key, name string
		sign      float64
	}{{"valid_accuracy", "validation accuracy", 1}, {"valid_loss", "validation loss", -1}, {"loss", "loss", -1}} {
		best, next := -1, -1
		figures := make([]Figure, len(list))
		for i, c := range list {
			if figures[i] = c.mean(by.key, last); c.failed() != "" || !figures[i].Known() {
				continue
			}
			switch better := func(a, b int) bool { return b < 0 || by.sign*figures[a].Value > by.sign*figures[b].Value }; {
			case better(i, best):
				best, next = i, best
			case better(i, next):
				next = i
			}
		}
		if best < 0 {
			continue
		}
		if next < 0 {
			return best, ""
		}
		a, b := figures[best], figures[next]
		if len(list[best].runs) == 1 || len(list[next].runs) == 1 {
			return best, fmt.Sprintf(", by %s in %s, one seed", digits.Significant(by.sign*(a.Value-b.Value), 2), by.name)
		}
		return best, fmt.Sprintf(", by %v in %s, over seeds", Figure{by.sign * (a.Value - b.Value), math.Hypot(a.Error, b.Error)}, by.name)
	}
	return -1, ""
}

// OverSeeds returns the table of what the seeds of one setting give: at the end, and where the
// validation loss is least. It has no rows for fewer than two runs.
func OverSeeds(runs []study.Run) study.Table {
	t := study.Table{Title: "Over the seeds", Head: []string{"", "mean ± deviation", "least", "largest"}}
	if len(runs) < 2 {
		return t
	}
	for _, row := range []struct {
		name, key string
		pick      func(records []run.Record, key string) Figure
	}{
		{"final loss", "loss", atEnd}, {"valid. loss", "valid_loss", atEnd}, {"valid. acc.", "valid_accuracy", atEnd},
		{"least valid. loss", "valid_loss", atLeast}, {"valid. acc. there", "valid_accuracy", atLeast}, {"test acc. there", "test_accuracy", atLeast},
	} {
		var x []float64
		for _, r := range runs {
			if v := row.pick(r.Records, row.key); v.Known() {
				x = append(x, v.Value)
			}
		}
		if len(x) < len(runs) {
			continue
		}
		mean, deviation := stat.MeanStdDev(x, nil)
		alone := func(v float64) string { return strings.Fields(digits.Measured(v, deviation))[0] }
		t.Rows = append(t.Rows, []string{row.name, digits.Measured(mean, deviation), alone(slices.Min(x)), alone(slices.Max(x))})
	}
	if len(t.Rows) > 0 {
		t.Note = fmt.Sprintf("Of %d seeds. The deviation is that of single runs, not of the mean.", len(runs))
	}
	return t
}

// atEnd is the last value of a key, atLeast the one in the record of least validation loss.
func atEnd(records []run.Record, key string) Figure {
	if len(records) == 0 {
		return unknown
	}
	return figure(records[len(records)-1], key)
}

func atLeast(records []run.Record, key string) Figure {
	best, at := math.Inf(1), -1
	for i, r := range records {
		if v := figure(r, "valid_loss"); v.Known() && v.Value < best {
			best, at = v.Value, i
		}
	}
	if at < 0 {
		return unknown
	}
	return figure(records[at], key)
}
