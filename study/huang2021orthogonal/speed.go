package huang2021orthogonal

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"breakeven/internal/digits"
	"breakeven/run"
	"breakeven/study"
)

// paperSteps are the mean steps to an accuracy of 25 % in the paper's data, of normal and of
// orthogonal weights, each at its best learning rate, by layers and width.
var paperSteps = map[string]string{"50 400": "29.9, 13.4", "50 800": "22.4, 12.3", "50 1600": "19.1, 12.2", "100 400": "40.4, 12.8", "200 400": "58.6, 13.7"}

// steps returns how many steps a run took to its accuracy, and whether it got there.
func steps(r study.Run) (n float64, reached bool) {
	if len(r.Records) == 0 {
		return math.NaN(), false
	}
	end := r.Records[len(r.Records)-1]
	v, ok := end.Get("accuracy")
	return float64(end.Step), ok && v.Value >= r.Spec.Until && r.Status == run.Finished
}

// A rate is the steps of all runs at a learning rate.
type rate struct {
	lr          float64
	steps       estimate // of those that reached
	least, most float64
	runs        int
}

// ratesOf returns the steps by learning rate, of one law.
func ratesOf(list []cell, law string) []rate {
	var all []rate
	for _, c := range list {
		if text(c.spec, "law") != law {
			continue
		}
		var x []float64
		for _, r := range c.runs {
			if n, ok := steps(r); ok {
				x = append(x, n)
			}
		}
		r := rate{lr: c.spec.LR, steps: mean(x), runs: len(c.runs)}
		if len(x) > 0 {
			r.least, r.most = slices.Min(x), slices.Max(x)
		}
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b rate) int { return cmp.Compare(a.lr, b.lr) })
	return all
}

// whole reports whether all runs reached the accuracy.
func (r rate) whole() bool { return r.steps.n == r.runs && r.runs > 0 }

// best returns the learning rate at which all runs got there in the fewest steps.
func best(rates []rate) (b rate, ok bool) {
	for _, r := range rates {
		if r.whole() && (!ok || r.steps.mean < b.steps.mean) {
			b, ok = r, true
		}
	}
	return b, ok
}

// A speedup is how many times the steps of orthogonal weights normal ones take.
type speedup struct {
	spec       run.Spec
	layers     int
	width      float64
	ratio      estimate
	gaussian   rate
	orthogonal rate
}

// speed is Figure 4: steps to an accuracy, of deep networks outside of the regime.
func speed(runs []study.Run) (r result) {
	r.section.Title, r.group.Title = "Outside of it: steps to an accuracy", "Steps of deep networks to an accuracy (Figure 4)"
	all := cells(pick(runs, func(r study.Run) bool { return r.Spec.Kind == "descent" && r.Spec.Until > 0 }))
	table := study.Table{Title: "Steps to the accuracy at the best learning rate",
		Head: []string{"", "gaussian", "at η", "orthogonal", "at η", "ratio", "at the smallest, largest common η", "paper"}}
	var found []speedup
	var pairs duel
	for k, family := range families(all, "law") {
		s := family[0].spec
		pairs.fight(family)
		laws := [2][]rate{ratesOf(family, "gaussian"), ratesOf(family, "orthogonal")}
		if f := stepsFigure(s, k+1, laws); len(f.Curves) > 0 && len(r.lead) == 0 {
			r.lead = append(r.lead, f)
		} else if len(f.Curves) > 0 {
			r.group.Figures = append(r.group.Figures, f)
		}
		g, okG := best(laws[0])
		o, okO := best(laws[1])
		if !okG || !okO {
			r.section.Open = append(r.section.Open, shape(s)+": at no learning rate did all runs of both laws reach the accuracy.")
			continue
		}
		u := speedup{s, layers(s), number(s, "width"), g.steps.over(o.steps), g, o}
		found = append(found, u)
		paper := cmp.Or(paperSteps[fmt.Sprintf("%d %s", layers(s), text(s, "width"))], study.Empty)
		table.Rows = append(table.Rows, []string{shape(s), g.steps.String(), digits.Significant(g.lr, 3), o.steps.String(), digits.Significant(o.lr, 3), u.ratio.String(),
			common(laws[0], laws[1]), paper})
		r.rows = append(r.rows, []string{fmt.Sprintf("steps to accuracy %v (%s)", s.Until, shape(s)), g.steps.String(), o.steps.String(), paper + " (paper)"})
		if paper == study.Empty {
			r.rows[len(r.rows)-1][3] = study.Empty
		}
	}
	if len(found) > 0 {
		r.verdict(found, pairs)
		r.tables = append(r.tables, table)
		r.section.Head, r.section.Rows = table.Head, table.Rows
	}
	r.section.More = append(r.section.More, "The paper's ratio at the best learning rate grows with depth (2.2, 3.1, 4.3 for L = 50, 100, 200 at width 400) and falls with width (2.2, 1.8, 1.6 for 400, 800, 1,600).")
	return r
}

// stepsFigure draws steps against the learning rate.
func stepsFigure(s run.Spec, place int, by [2][]rate) study.Figure {
	f := study.Figure{Name: fmt.Sprintf("steps_%d", place), Title: fmt.Sprintf("Steps to accuracy %v, %s", s.Until, shape(s)), LogX: true, LogY: true, X: "learning rate", Y: "steps",
		Caption: "Steps until the accuracy on the measured examples is reached, at learning rates at which all runs got there, with all seeds within the band."}
	for i, rates := range by {
		c := study.Curve{Name: laws[i], Colour: colour(laws[i])}
		for _, r := range rates {
			if r.whole() {
				c.X, c.Y, c.Lo, c.Hi = append(c.X, r.lr), append(c.Y, r.steps.mean), append(c.Lo, r.least), append(c.Hi, r.most)
			}
		}
		if len(c.X) > 0 {
			f.Curves = append(f.Curves, c)
		}
	}
	return f
}

// A duel counts pairs of runs that differ in the law alone: in how many each got there first.
type duel struct{ gaussian, orthogonal, pairs int }

// fight adds the pairs of a family.
func (d *duel) fight(family []cell) {
	first := map[string]study.Run{}
	for _, c := range family {
		for _, r := range c.runs {
			key := fmt.Sprint(r.Spec.LR, r.Spec.Seed)
			other, ok := first[key]
			if !ok {
				first[key] = r
				continue
			}
			if text(r.Spec, "law") == "gaussian" {
				r, other = other, r
			}
			d.add(other, r)
		}
	}
}

func (d *duel) add(gaussian, orthogonal study.Run) {
	g, okG := steps(gaussian)
	o, okO := steps(orthogonal)
	d.pairs++
	switch {
	case okO && (!okG || o < g):
		d.orthogonal++
	case okG && (!okO || g < o):
		d.gaussian++
	}
}

// verdict says whether orthogonal weights are faster, and how that depends on depth and width.
func (r *result) verdict(found []speedup, pairs duel) {
	r.section.Badge, r.section.Tone = "orthogonal weights are faster", "good"
	for _, u := range found {
		if u.ratio.mean <= 1 || pairs.orthogonal <= pairs.gaussian {
			r.section.Badge, r.section.Tone = "orthogonal weights are not faster everywhere", "bad"
		}
	}
	u := found[0]
	r.headline = fmt.Sprintf("Outside of it orthogonal weights are the first at an accuracy of %v in %d of %d pairs of runs; %d layers of width %v take %v steps with them and %v with normal ones, each at its best learning rate.",
		u.spec.Until, pairs.orthogonal, pairs.pairs, u.layers, u.width, u.orthogonal.steps, u.gaussian.steps)
	r.section.Lines = append(r.section.Lines, fmt.Sprintf("Of %d pairs of runs that differ in the law alone, orthogonal weights got there first in %d and normal ones in %d.",
		pairs.pairs, pairs.orthogonal, pairs.gaussian))
	r.along(found, "depth", "L", func(u speedup) float64 { return float64(u.layers) }, func(u speedup) float64 { return u.width }, "width")
	r.along(found, "width", "width", func(u speedup) float64 { return u.width }, func(u speedup) float64 { return float64(u.layers) }, "L =")
}

// along draws and tells ratios along one size of the networks, where another one is the same.
func (r *result) along(found []speedup, name, axis string, size, other func(speedup) float64, word string) {
	f := study.Figure{Name: "ratio_" + name, Title: "Speed-up against " + name, X: axis, Y: "steps, gaussian / orthogonal", LogX: true,
		Caption: "Ratio of the steps to the accuracy, each law at its best learning rate, with its interval over seeds."}
	groups := map[float64][]speedup{}
	var order []float64
	for _, u := range found {
		if groups[other(u)] == nil {
			order = append(order, other(u))
		}
		groups[other(u)] = append(groups[other(u)], u)
	}
	for i, at := range order {
		list := groups[at]
		if len(list) < 2 {
			continue
		}
		slices.SortStableFunc(list, func(a, b speedup) int { return cmp.Compare(size(a), size(b)) })
		curve := series{name: fmt.Sprintf("%s %v", word, at)}
		var ratios, sizes []string
		for _, u := range list {
			curve.x, curve.y = append(curve.x, size(u)), append(curve.y, u.ratio)
			ratios, sizes = append(ratios, u.ratio.String()), append(sizes, fmt.Sprint(size(u)))
		}
		c := curve.curve(false)
		c.Colour = i + 1
		f.Curves = append(f.Curves, c)
		r.section.Lines = append(r.section.Lines, fmt.Sprintf("At %s %v the ratio is %s for %s = %s.", word, at, strings.Join(ratios, ", "), axis, strings.Join(sizes, ", ")))
	}
	if len(f.Curves) > 0 {
		r.group.Figures = append(r.group.Figures, f)
	}
}

// common returns the ratios at the smallest and at the largest learning rate at which all runs
// of both laws got there.
func common(g, o []rate) string {
	var ratios []float64
	for _, a := range g {
		for _, b := range o {
			if a.lr == b.lr && a.whole() && b.whole() {
				ratios = append(ratios, a.steps.mean/b.steps.mean)
			}
		}
	}
	if len(ratios) == 0 {
		return study.Empty
	}
	return digits.Significant(ratios[0], 2) + ", " + digits.Significant(ratios[len(ratios)-1], 2)
}
