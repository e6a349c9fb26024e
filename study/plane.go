package study

import (
	"math"
	"slices"
	"strconv"

	"breakeven/run"
)

// A Plane is one record key against another along each trajectory: points of the same measurement,
// joined in the order of steps.
type Plane struct {
	X, Y    string // record keys
	Title   string
	Caption string // what to see
}

// figure returns the plane, without curves if no trajectory has both keys.
func (p Plane) figure(ts []Trajectory) Figure {
	f := Figure{
		Name: p.Y + "-" + p.X, Title: p.Title, Caption: p.Caption,
		X: Axis(p.X), Y: Axis(p.Y), Numbers: Table{Head: []string{"run", "step", p.X, p.Y}},
	}
	var xs, ys []float64
	for _, t := range ts {
		c := Curve{Name: t.Name, Run: t.Place}
		for _, rec := range t.Records {
			a, b := number(rec, p.X), number(rec, p.Y)
			if !finite(a) || !finite(b) {
				continue
			}
			c.X, c.Y = append(c.X, a), append(c.Y, b)
			text := func(v float64) string { return strconv.FormatFloat(v, 'g', 8, 64) }
			f.Numbers.Rows = append(f.Numbers.Rows, []string{t.Name, strconv.Itoa(rec.Step), text(a), text(b)})
		}
		if len(c.X) > 0 {
			f.Curves = append(f.Curves, c)
		}
		xs, ys = slices.Concat(xs, c.X), slices.Concat(ys, c.Y)
	}
	f.LogX, f.LogY = logarithmic(xs, true), logarithmic(ys, true)
	return f
}

// number returns the value of a key, NaN if the record has none.
func number(rec run.Record, key string) float64 {
	if v, ok := rec.Get(key); ok {
		return v.Value
	}
	return math.NaN()
}
