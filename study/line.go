package study

import (
	"fmt"
	"math"
)

// Averaged draws every curve along training in the figures of the groups as its moving average over
// a number of measurements, which must be odd: each with as many before it as behind it, fewer near
// the ends and beside a gap. The measurements stay, faint. Curves of one point stay as they are.
func Averaged(groups []Group, over int) {
	note := fmt.Sprintf("Lines are averages of %d measurements.", over)
	redraw(groups, note, func(y []float64) []float64 { return movingAverage(y, over/2) })
}

// RunningMaxima draws every curve along training in the figures of the groups as the largest value so far,
// which is what Jastrzębski et al. 2020 compare. The measurements stay, faint.
func RunningMaxima(groups []Group) {
	redraw(groups, "Lines are the largest value so far.", runningMaximum)
}

// redraw gives the curves along training another line, and says so under their figures.
func redraw(groups []Group, note string, line func(y []float64) []float64) {
	for _, g := range groups {
		for i := range g.Figures {
			f := &g.Figures[i]
			if f.X != "epoch" && f.X != "step" || f.Scale != "" {
				continue
			}
			changed := false
			for j := range f.Curves {
				if c := &f.Curves[j]; len(c.Y) > 1 {
					c.Line, changed = line(c.Y), true
				}
			}
			if changed {
				f.Caption += " " + note
			}
		}
	}
}

// movingAverage returns the mean of each value with up to h neighbours on each side, as many on one
// as on the other, none of them beyond a value that is not finite. At such a value it is NaN.
func movingAverage(y []float64, h int) []float64 {
	out := make([]float64, len(y))
	for i, v := range y {
		sum, n := v, 1.0
		for d := 1; d <= h && d <= i && i+d < len(y); d++ {
			pair := y[i-d] + y[i+d]
			if !finite(pair) {
				break
			}
			sum, n = sum+pair, n+2
		}
		if out[i] = sum / n; !finite(out[i]) {
			out[i] = math.NaN()
		}
	}
	return out
}

// runningMaximum returns the largest finite value up to each; NaN before the first.
func runningMaximum(y []float64) []float64 {
	best := math.NaN()
	out := make([]float64, len(y))
	for i, v := range y {
		if finite(v) && !(v <= best) {
			best = v
		}
		out[i] = best
	}
	return out
}
