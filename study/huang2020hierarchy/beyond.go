package huang2020hierarchy

import (
	"fmt"
	"math"

	"breakeven/study"
)

// fewest is how many networks an average needs.
const fewest = 16

// averages compares averages over networks with the theory of first order in 1/m.
func averages(all []Series) (study.Section, []Scaling) {
	s := study.Section{Title: "Beyond the paper: averages over networks and the theory of first order in 1/m",
		Head: []string{"", "m", "networks", "m · mean f K³", "theory", "off by", "m · mean K⁴", "theory", "off by"},
		More: []string{"Averages of f(x) K³(x, x, x) and of K⁴(x, x, x, x) over networks and training points at the beginning: the first corrections of the differentials dNTK " +
			"and ddNTK of the kernel at finite width. ± and “off by” are in standard errors over networks, which share the points; corrections of the next order are not in the theory."}}
	far, count := 0, 0
	for _, series := range distinct(all) {
		for _, t := range series.Trials {
			row := []string{series.Name, fmt.Sprint(t.Width), fmt.Sprint(len(t.Records))}
			for _, of := range [][2]string{{"f_k3", "f_k3_theory"}, {"k4_diagonal", "k4_theory"}} {
				value, err, ok := average(scalars(t.Records, of[0]))
				theory := scalars(t.Records, of[1])
				if !ok || t.Images || len(t.Records) < fewest || len(theory) == 0 {
					continue
				}
				m := float64(t.Width)
				off := (value - theory[0]) / err
				row = append(row, fmt.Sprintf("%.3g ± %.2g", m*value, m*err), fmt.Sprintf("%.3g", m*theory[0]), fmt.Sprintf("%.1f", off))
				if count++; math.Abs(off) > 3 {
					far++
				}
			}
			if len(row) == len(s.Head) {
				s.Rows = append(s.Rows, row)
			}
		}
	}
	s.Lines = []string{fmt.Sprintf("%d of %d averages are within three standard errors of the theory.", count-far, count)}
	return s, nil
}

// largest compares the largest eigenvalue of the kernel along the flow with what the
// hierarchy predicts.
func largest(all []Series) (study.Section, []Scaling) {
	s := study.Section{Title: "Beyond the paper: the largest eigenvalue of the kernel along the flow",
		Head: []string{"", "m", "at the beginning", "at the end", "by level 3", "by level 4", "change", "error of level 3", "of level 4"},
		More: []string{"Medians over networks. The largest eigenvalue of K² over n is that of the Gauss-Newton matrix of the loss: its rise is progressive sharpening, and a truncated " +
			"hierarchy predicts it from kernels at the beginning. At level 2 the kernel does not move."}}
	for _, series := range distinct(all) {
		t := series.last()
		end := len(t.Times) - 1
		top := func(path, i int) []float64 { return entries(t.Records, "k2_max_path", path*len(t.Times)+i) }
		before, after := top(0, 0), top(0, end)
		if t.levels() < 3 || len(before) == 0 {
			continue
		}
		row := []string{series.Name, fmt.Sprint(t.Width), cell3(before), cell3(after), cell3(top(2, end)), cell3(top(3, end))}
		row = append(row, cell(apart(before, after)), cell(apart(top(2, end), after)), cell(apart(top(3, end), after)))
		s.Rows = append(s.Rows, row)
	}
	if len(s.Rows) > 0 {
		last := s.Rows[len(s.Rows)-1]
		s.Lines = []string{fmt.Sprintf("From kernels at the beginning level 4 predicts the largest eigenvalue at the end to %s, where it has changed by %s (%s, m = %s).", last[8], last[6], last[0], last[1])}
	}
	return s, nil
}

// apart returns the distance of each network's numbers.
func apart(a, b []float64) (list []float64) {
	for i := range min(len(a), len(b)) {
		list = append(list, math.Abs(a[i]-b[i]))
	}
	return list
}

// cell3 writes a median with four digits.
func cell3(values []float64) string {
	if m, ok := medianOf(values); ok {
		return fmt.Sprintf("%.4g", m.Value)
	}
	return study.Empty
}
