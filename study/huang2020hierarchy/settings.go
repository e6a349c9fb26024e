package huang2020hierarchy

import (
	"fmt"
	"math"
	"slices"

	"breakeven/study"
)

// conditions shows the theorem's conditions beside the error of level 4.
func conditions(all []Series) (study.Section, []Scaling) {
	s := study.Section{Title: "The theorem's conditions beside the error", Head: []string{"", "m", "t", "√(λm/n)", "m^(2/5)", "(n/λ)³", "f error, p = 4", "bound", "error/bound"},
		More: []string{"Theorem 2.6 is for times up to √(λm/n) and m^(p*/(2(p*+1))), here with p* = 4, and Corollary 2.5 for widths above (n/λ)³, all up to constants and " +
			"logarithms that they do not name. λ is λ_min(K²) at the beginning, the median over networks. The bound is (1+t) t³ √n m⁻² min{t, n/λ} with constant 1."}}
	least, most, beyond := math.Inf(1), 0.0, 0
	for _, series := range several(all) {
		for _, t := range series.Trials {
			lambda, ok1 := medianOf(scalars(t.Records, "k2_min"))
			f, ok2 := medianOf(entries(t.Records, "f_error", 2))
			if !ok1 || !ok2 || !(lambda.Value > 0) {
				continue
			}
			m, n, at := float64(t.Width), float64(t.Points), t.Time
			bound := (1 + at) * at * at * at * math.Sqrt(n) / (m * m) * math.Min(at, n/lambda.Value)
			least, most = min(least, f.Value/bound), max(most, f.Value/bound)
			if at > t.longest(lambda.Value) {
				beyond++
			}
			s.Rows = append(s.Rows, []string{series.Name, fmt.Sprint(t.Width), fmt.Sprintf("%g", at), fmt.Sprintf("%.2g", math.Sqrt(lambda.Value*m/n)),
				fmt.Sprintf("%.2g", math.Pow(m, 0.4)), fmt.Sprintf("%.2g", math.Pow(n/lambda.Value, 3)), f.String(), fmt.Sprintf("%.2g", bound), fmt.Sprintf("%.2g", f.Value/bound)})
		}
	}
	s.Lines = []string{fmt.Sprintf("With all constants set to 1 the error of level 4 is %.1g to %.1g of the theorem's bound; %d of these %d trials go beyond its times.",
		least, most, beyond, len(s.Rows))}
	return s, nil
}

// others compares numbers of points and dimensions at one width.
func others(all []Series) (study.Section, []Scaling) {
	s := study.Section{Title: "Points and dimension", Head: []string{"", "m", "n", "d", "f error, p = 2", "p = 3", "p = 4", "K² drift", "max|K⁴|"},
		Lines: []string{"The same width with other numbers of points and dimensions."}}
	width := commonWidth(all)
	kinds := map[[2]int]bool{}
	for _, series := range all {
		for _, t := range series.Trials {
			if t.Images || t.Width != width || t.Depth != 2 || t.Draw != "gaussian" || setting(t.Spec, "rate") != "0" {
				continue
			}
			kinds[[2]int{t.Points, t.Dimension}] = true
			s.Rows = append(s.Rows, []string{t.Name, fmt.Sprint(t.Width), fmt.Sprint(t.Points), fmt.Sprint(t.Dimension), cell(entries(t.Records, "f_error", 0)),
				cell(entries(t.Records, "f_error", 1)), cell(entries(t.Records, "f_error", 2)), cell(scalars(t.Records, "k2_drift")), cell(entries(t.Records, "k_size", 2))})
		}
	}
	if len(kinds) < 2 {
		s.Rows = nil
	}
	return s, nil
}

// commonWidth returns the width that most series on spheres have.
func commonWidth(all []Series) int {
	count, best := map[int]int{}, 0
	for _, s := range all {
		for _, t := range s.Trials {
			if !t.Images {
				count[t.Width]++
			}
		}
	}
	for width, n := range count {
		if n > count[best] || n == count[best] && width > best {
			best = width
		}
	}
	return best
}

// images says how far the hierarchy explains what training does beyond the initial kernel.
func images(all []Series) (study.Section, []Scaling) {
	s := study.Section{Title: "Images: what lies beyond the initial kernel", Head: []string{"", "m", "n", "error of p = 2", "of p = 3", "of p = 4", "explained by p = 4", "right: network", "p = 2", "p = 4"},
		More: []string{"Errors are root mean squares over test images at the end of the flow, the median over networks. Explained is 1 − (error of level 4 / error of level 2)²: the share of the " +
			"difference between the trained network and regression with its initial kernel that K³ and K⁴ account for. A level that has blown up has no number."}}
	for _, series := range all {
		for _, t := range series.Trials {
			if !t.Images {
				continue
			}
			row := []string{t.Name, fmt.Sprint(t.Width), fmt.Sprint(t.Points)}
			for l := range 3 {
				row = append(row, cell(entries(t.Records, "test_error", l)))
			}
			row = append(row, percent(explained(t)))
			for _, i := range []int{0, 1, 3} {
				row = append(row, percent(entries(t.Records, "test_agreement", i)))
			}
			s.Rows = append(s.Rows, row)
		}
	}
	if n := len(s.Rows); n > 0 {
		s.Lines = []string{fmt.Sprintf("On test images level 4 explains %s of what training does beyond the initial kernel at width %s, and %s at width %s.",
			s.Rows[0][6], s.Rows[0][1], s.Rows[n-1][6], s.Rows[n-1][1])}
	}
	return s, nil
}

// explained returns 1 − (error of level 4 / error of level 2)² of each network.
func explained(t Trial) (list []float64) {
	two, four := entries(t.Records, "test_error", 0), entries(t.Records, "test_error", 2)
	for i := range min(len(two), len(four)) {
		list = append(list, 1-four[i]*four[i]/(two[i]*two[i]))
	}
	return list
}

func percent(values []float64) string {
	if m, ok := medianOf(values); ok {
		return fmt.Sprintf("%.0f %%", 100*m.Value)
	}
	return study.Empty
}

// laws compares orthogonal with Gaussian weights, width by width.
func laws(all []Series) (study.Section, []Scaling) {
	s := study.Section{Title: "Beyond the paper: orthogonal weights", Head: []string{"", "m", "K² drift, Gaussian", "orthogonal", "f error p = 2, Gaussian", "orthogonal", "p = 4, Gaussian", "orthogonal"}}
	var ratios []float64
	for _, series := range several(all) {
		for _, t := range series.Trials {
			if t.Draw != "orthogonal" {
				continue
			}
			other, ok := partner(all, t)
			if !ok {
				continue
			}
			if a, ok := medianOf(scalars(t.Records, "k2_drift")); ok {
				b, _ := medianOf(scalars(other.Records, "k2_drift"))
				ratios = append(ratios, a.Value/b.Value)
			}
			row := []string{fmt.Sprintf("H = %d, n = %d, d = %d", t.Depth, t.Points, t.Dimension), fmt.Sprint(t.Width)}
			for _, of := range []func(Trial) []float64{scalar("k2_drift"), entry("f_error", 0), entry("f_error", 2)} {
				row = append(row, cell(of(other)), cell(of(t)))
			}
			s.Rows = append(s.Rows, row)
		}
	}
	if m, ok := medianOf(ratios); ok {
		s.Lines = []string{fmt.Sprintf("With orthogonal weights of the same variance the kernel drifts %.2f times as far as with Gaussian ones, in the median over %d widths.", m.Value, len(ratios))}
	}
	return s, nil
}

// partner returns the trial that differs in the law of its weights alone.
func partner(all []Series, t Trial) (Trial, bool) {
	like := t.Spec
	set(&like, "draw", "gaussian")
	for _, s := range all {
		if i := slices.IndexFunc(s.Trials, func(o Trial) bool { return o.Spec.String() == like.String() }); i >= 0 {
			return s.Trials[i], true
		}
	}
	return Trial{}, false
}
