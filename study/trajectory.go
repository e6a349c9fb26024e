package study

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"breakeven/run"
)

// A Trajectory is a run to be drawn.
type Trajectory struct {
	Run
	Place int    // from 1: its colour
	Marks []Mark // at epochs; Run is filled in

	columns run.Columns // of the records; nil: not known yet
}

// column returns the values of a key.
func (t Trajectory) column(key string) []run.Cell {
	if t.columns == nil {
		t.columns = run.ColumnsOf(t.Records)
	}
	return t.columns[key]
}

// Trajectories returns the runs, which must be named, in their places, with the
// marks of each.
func Trajectories(runs []Run, marks func(i int) []Mark) []Trajectory {
	var list []Trajectory
	for i, r := range runs {
		list = append(list, Trajectory{r, i + 1, marks(i), run.ColumnsOf(r.Records)})
	}
	return list
}

// measured reports whether a run has a finite value of a key.
func measured(ts []Trajectory, key string) bool {
	return slices.ContainsFunc(ts, func(t Trajectory) bool {
		return slices.ContainsFunc(t.column(key), func(v run.Cell) bool { return finite(v.Value.Value) })
	})
}

// axis returns "epoch", or "step" if no record has an epoch.
func axis(ts []Trajectory) string {
	for _, t := range ts {
		for _, rec := range t.Records {
			if rec.Epoch > 0 {
				return "epoch"
			}
		}
	}
	return "step"
}

// curve returns a key of a run as a curve, with a band if there are errors.
func (t Trajectory) curve(key, x string) Curve {
	c := Curve{Run: t.Place}
	band := false
	of, _ := run.LookupKey(key)
	column := t.column(key)
	for _, list := range []*[]float64{&c.X, &c.Y, &c.Lo, &c.Hi} {
		*list = slices.Grow(*list, len(column))
	}
	for _, v := range column {
		at := t.Records[v.Index].Epoch
		if x == "step" {
			at = float64(t.Records[v.Index].Step)
		}
		e := max(v.Combined(), 0)
		if !finite(e) {
			e = 0
		}
		band = band || e > 0
		c.X, c.Y = append(c.X, at), append(c.Y, v.Value.Value)
		lo, hi := of.Band(v.Value.Value, e)
		c.Lo, c.Hi = append(c.Lo, lo), append(c.Hi, hi)
	}
	if !band {
		c.Lo, c.Hi = nil, nil
	}
	return c
}

// numbers returns every value of the keys, or nothing where pictures are enough.
func numbers(ts []Trajectory, keys []string) Table {
	t := Table{Head: []string{"run", "step", "epoch", "key", "value", "error", "sampling error"}}
	if slices.ContainsFunc(ts, func(t Trajectory) bool { return t.Pictures }) {
		return t
	}
	text := func(x float64) string { return strconv.FormatFloat(x, 'g', 8, 64) }
	for _, r := range ts {
		for _, rec := range r.Records {
			for _, key := range keys {
				if v, ok := rec.Get(key); ok {
					t.Rows = append(t.Rows, []string{r.Name, strconv.Itoa(rec.Step), text(rec.Epoch), key, text(v.Value), text(v.Error), text(v.Sample)})
				}
			}
		}
	}
	return t
}

// spectrum returns the last spectral density of each run.
func spectrum(ts []Trajectory) Figure {
	f := Figure{
		Name: "h_density", Title: "Spectrum of the Hessian", X: "eigenvalue (nat)", Y: "density", Area: true, LogY: true,
		Numbers: Table{Head: []string{"run", "eigenvalue", "density"}},
	}
	var at []string
	for _, t := range ts {
		for _, d := range slices.Backward(t.column("h_density")) {
			if len(d.Vector) < 4 {
				continue
			}
			c := Curve{Name: t.Name, Run: t.Place}
			for j := 0; j+1 < len(d.Vector); j += 2 {
				x, y := d.Vector[j], d.Vector[j+1]
				c.X, c.Y = append(c.X, x), append(c.Y, y)
				f.Numbers.Rows = append(f.Numbers.Rows, []string{t.Name, fmt.Sprintf("%.6g", x), fmt.Sprintf("%.6g", y)})
			}
			f.Curves = append(f.Curves, c)
			at = append(at, fmt.Sprintf("%s at step %d", t.Name, t.Records[d.Index].Step))
			break
		}
	}
	f.Caption = "Most eigenvalues lie near 0; those that stand out to the right carry the curvature. " + strings.Join(at, "; ") + "."
	return f
}
