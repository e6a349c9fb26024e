package huang2021orthogonal

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"breakeven/internal/digits"
	"breakeven/run"
	"breakeven/study"
)

// isKernel reports whether a run compares kernels of networks of that sort.
func isKernel(convolutional bool) func(r study.Run) bool {
	return func(r study.Run) bool {
		return r.Spec.Kind == "kernel" && len(r.Records) > 0 && strings.Contains(text(r.Spec, "network"), "conv") == convolutional
	}
}

// values returns a key of all records of runs: of single networks, for kernels.
func values(runs []study.Run, key string) []float64 {
	var list []float64
	for _, r := range runs {
		for _, rec := range r.Records {
			if v, ok := rec.Get(key); ok {
				list = append(list, v.Value)
			}
		}
	}
	return list
}

// lasts returns the last value of a key of each run.
func lasts(runs []study.Run, key string) []float64 {
	var list []float64
	for _, r := range runs {
		if v, ok := last(r, key); ok {
			list = append(list, v.Value)
		}
	}
	return list
}

// along orders cells of one law by a number and returns what of says of each.
func along(list []cell, law, name, field string, of func(c cell) estimate) series {
	s := series{name: name, law: law}
	var own []cell
	for _, c := range list {
		if text(c.spec, "law") == law {
			own = append(own, c)
		}
	}
	slices.SortFunc(own, func(a, b cell) int { return cmp.Compare(number(a.spec, field), number(b.spec, field)) })
	for _, c := range own {
		s.x, s.y = append(s.x, number(c.spec, field)), append(s.y, of(c))
	}
	return s
}

// kernelErrors is Figure 1.
func kernelErrors(runs []study.Run) result {
	r := errorsOverWidth(runs, false)
	r.section.Title, r.group.Title = "Kernels before training", "Kernels before training against width (Figure 1)"
	r.section.More = append(r.section.More, "The paper's figure, read off: one network of width 4,096 is off by 0.03 to 0.06, the mean of 32 by 0.005 to 0.01, parallel to n^−1/2.")
	if n := len(r.rows); n > 0 {
		theta := r.rows[min(n, 2)-1] // of the tangent kernel
		r.headline = fmt.Sprintf("The tangent kernel of networks approaches that of infinite width as n^(%s) with normal and n^(%s) with orthogonal weights.", theta[1], theta[2])
		r.lead, r.group.Figures = r.group.Figures[1:2], slices.Delete(slices.Clone(r.group.Figures), 1, 2)
	}
	return r
}

// convolutions is the same for convolutional networks, whose theorem the paper does not test.
func convolutions(runs []study.Run) result {
	r := errorsOverWidth(runs, true)
	r.section.Title, r.group.Title = "Convolutional networks", "Kernels of convolutional networks against width (the theorem for CNNs)"
	r.section.More = append(r.section.More, "Each law is compared with its own limit: that of delta-orthogonal weights is another one.")
	return r
}

// errorsOverWidth compares kernels with those of infinite width over widths, in families of
// networks that differ in width and law alone.
func errorsOverWidth(runs []study.Run, convolutional bool) (r result) {
	r.section.Badge, r.section.Tone = "they converge", "good"
	for _, family := range families(cells(pick(runs, isKernel(convolutional))), "width", "law") {
		if different(family, "width") < 3 {
			continue
		}
		table := study.Table{Title: "Distance from the kernel of infinite width: " + describe(family[0].spec), Head: []string{"", "width", "one network", "mean of all", "networks"}}
		for _, kernel := range []struct{ key, name string }{{"nngp", "NNGP"}, {"ntk", "NTK"}} {
			e := errorsOf(family, kernel.key, kernel.name, &table)
			e.figure.Name = fmt.Sprintf("%s_error_%s%d", kernel.key, suffix(convolutional), len(r.tables)+1)
			if convolutional {
				e.figure.Title += ", convolutions"
			}
			r.group.Figures = append(r.group.Figures, e.figure)
			if !e.near {
				r.section.Badge, r.section.Tone = "not as n^−1/2", "bad"
			}
			r.section.Lines = append(r.section.Lines, fmt.Sprintf("%s of %s: the error of one network falls as n^x with the width n, where x is %s. Theory: −0.5.",
				kernel.name, describe(family[0].spec), strings.Join(e.words, ", ")))
			r.rows = append(r.rows, []string{fmt.Sprintf("exponent of the width, error of the %s (%s)", kernel.name, activation(family[0].spec)+convolution(convolutional)),
				e.exponents["gaussian"], e.exponents["orthogonal"], "−0.5"})
		}
		r.tables = append(r.tables, table)
	}
	return r
}

// A kernelError is how one kernel of a family approaches its limit.
type kernelError struct {
	figure    study.Figure
	exponents map[string]string // by law
	words     []string
	near      bool // all are −1/2
}

// errorsOf draws a kernel's error against width, and adds rows to a table.
func errorsOf(family []cell, key, name string, table *study.Table) kernelError {
	e := kernelError{near: true, exponents: map[string]string{"gaussian": study.Empty, "orthogonal": study.Empty}}
	e.figure = study.Figure{Title: name + " error", LogX: true, LogY: true, X: "width", Y: "‖" + name + " − limit‖ / ‖limit‖",
		Caption: "Distance of the kernel of networks before training from that of infinite width: of one network, with its interval over networks, and dashed of their mean."}
	for _, law := range laws {
		one := along(family, law, law, "width", func(c cell) estimate { return mean(values(c.runs, key+"_error")) })
		all := along(family, law, "", "width", func(c cell) estimate { return mean(lasts(c.runs, key+"_mean_error")) })
		if len(one.x) < 2 {
			continue
		}
		e.figure.Curves = append(e.figure.Curves, one.curve(false), all.curve(true))
		x := one.fit()
		e.exponents[law] = x.String()
		e.words = append(e.words, fmt.Sprintf("%v with %s weights", x, law))
		e.near = e.near && x.near(-0.5)
		for i, n := range one.x {
			table.Rows = append(table.Rows, []string{name + ", " + law, fmt.Sprint(n), one.y[i].String(), all.y[i].String(), fmt.Sprint(one.y[i].n)})
		}
	}
	return e
}

// different returns how many values of a field cells have.
func different(list []cell, field string) int {
	seen := map[string]bool{}
	for _, c := range list {
		seen[text(c.spec, field)] = true
	}
	return len(seen)
}

func suffix(convolutional bool) string {
	if convolutional {
		return "cnn"
	}
	return "fc"
}

func convolution(convolutional bool) string {
	if convolutional {
		return " convolutions"
	}
	return ""
}

// describe says what a family of networks is.
func describe(s run.Spec) string {
	net := strings.Trim(text(s, "network"), `"`)
	if repeated(s) {
		return fmt.Sprintf("%s, n = %s", net, text(s, "repeats"))
	}
	return net
}

// spreads is how the kernels of networks of one width spread, against depth.
func spreads(runs []study.Run) (r result) {
	r.section.Title, r.group.Title = "Spread of the kernel over networks", "Spread of the kernel over networks against depth"
	for _, family := range families(cells(pick(runs, isKernel(false))), "repeats", "law") {
		if different(family, "repeats") < 3 {
			continue
		}
		width := text(family[0].spec, "width")
		f := study.Figure{Name: fmt.Sprintf("ntk_spread_%d", len(r.group.Figures)+1), Title: "Spread of the tangent kernel, width " + width, LogX: true, LogY: true, X: "hidden layers", Y: "deviation / limit",
			Caption: "Standard deviation of the tangent kernel over networks before training, relative to the kernel of infinite width. Finite-width theory: for normal weights its square grows in proportion to depth over width, and for orthogonal tanh networks it saturates."}
		row := []string{fmt.Sprintf("exponent of the depth, spread of the NTK (%s, width %s)", activation(family[0].spec), width), study.Empty, study.Empty, "0.5; 0 in the end"}
		at := map[string]slope{}
		for i, law := range laws[:2] {
			s := along(family, law, law, "repeats", func(c cell) estimate { return mean(lasts(c.runs, "ntk_spread")) })
			if len(s.x) < 2 {
				continue
			}
			at[law] = s.fit()
			row[i+1] = at[law].String()
			f.Curves = append(f.Curves, s.curve(false))
			r.section.Lines = append(r.section.Lines, fmt.Sprintf("Width %s, %s weights: the spread is %s of the kernel at depth %v and %s at depth %v, as depth^(%v).",
				width, law, digits.Significant(s.y[0].mean, 3), s.x[0], digits.Significant(s.last().mean, 3), s.x[len(s.x)-1], at[law]))
		}
		if len(f.Curves) == 0 {
			continue
		}
		r.group.Figures = append(r.group.Figures, f)
		r.rows = append(r.rows, row)
		if g, o := at["gaussian"], at["orthogonal"]; g.points > 0 && o.points > 0 && r.section.Tone != "bad" {
			r.section.Badge, r.section.Tone = "orthogonal weights spread less with depth", "good"
			if !(o.value < g.value) {
				r.section.Badge, r.section.Tone = "orthogonal weights spread as much", "bad"
			}
		}
	}
	return r
}
