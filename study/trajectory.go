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
}

// Trajectories returns the runs, which must be named, in their places, with the
// marks of each.
func Trajectories(runs []Run, marks func(i int) []Mark) []Trajectory {
	var list []Trajectory
	for i, r := range runs {
		list = append(list, Trajectory{r, i + 1, marks(i)})
	}
	return list
}

// measured reports whether a run has a finite value of a key.
func measured(ts []Trajectory, key string) bool {
	return slices.ContainsFunc(ts, func(t Trajectory) bool {
		return slices.ContainsFunc(t.Records, func(rec run.Record) bool {
			v, ok := rec.Get(key)
			return ok && finite(v.Value)
		})
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
	for _, rec := range t.Records {
		v, ok := rec.Get(key)
		if !ok {
			continue
		}
		at := rec.Epoch
		if x == "step" {
			at = float64(rec.Step)
		}
		e := max(v.Combined(), 0)
		if !finite(e) {
			e = 0
		}
		band = band || e > 0
		c.X, c.Y = append(c.X, at), append(c.Y, v.Value)
		lo, hi := of.Band(v.Value, e)
		c.Lo, c.Hi = append(c.Lo, lo), append(c.Hi, hi)
	}
	if !band {
		c.Lo, c.Hi = nil, nil
	}
	return c
}

// numbers returns every value of the keys.
func numbers(ts []Trajectory, keys []string) Table {
	t := Table{Head: []string{"run", "step", "epoch", "key", "value", "error", "sampling error"}}
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
		for _, rec := range slices.Backward(t.Records) {
			d, ok := rec.Get("h_density")
			if !ok || len(d.Vector) < 4 {
				continue
			}
			c := Curve{Name: t.Name, Run: t.Place}
			for j := 0; j+1 < len(d.Vector); j += 2 {
				x, y := d.Vector[j], d.Vector[j+1]
				c.X, c.Y = append(c.X, x), append(c.Y, y)
				f.Numbers.Rows = append(f.Numbers.Rows, []string{t.Name, fmt.Sprintf("%.6g", x), fmt.Sprintf("%.6g", y)})
			}
			f.Curves = append(f.Curves, c)
			at = append(at, fmt.Sprintf("%s at step %d", t.Name, rec.Step))
			break
		}
	}
	f.Caption = "Most eigenvalues lie near 0; those that stand out to the right carry the curvature. " + strings.Join(at, "; ") + "."
	return f
}
