package plot

import (
	"math"
	"strconv"
	"strings"
)

// An axis maps values to [0, 1].
type axis struct {
	min, max float64
	log      bool
	label    string
	ticks    []tick
}

type tick struct {
	at    float64
	label string
}

// on returns the position of v; it is outside [0, 1] if v is out of range.
func (a axis) on(v float64) float64 {
	if a.log {
		return (math.Log(v) - math.Log(a.min)) / (math.Log(a.max) - math.Log(a.min))
	}
	return (v - a.min) / (a.max - a.min)
}

// shows reports whether v can be shown. Numbers beyond 1e300 count as infinite and, on a logarithmic
// axis, those below 1e-300 as zero.
func (a axis) shows(v float64) bool {
	return math.Abs(v) <= 1e300 && (!a.log || v >= 1e-300)
}

// clamp returns the value of the axis nearest to v.
func (a axis) clamp(v float64) float64 { return min(max(v, a.min), a.max) }

// newAxis returns an axis over the finite values, with some room at the ends. If base is set, a
// linear axis whose values come near to zero from above begins at zero. Without values it goes
// from 0 to 1, or from 1 to 10.
func newAxis(label string, values []float64, log, base bool, room float64) axis {
	a := axis{label: label, log: log, min: math.Inf(1), max: math.Inf(-1)}
	for _, v := range values {
		if a.shows(v) {
			a.min, a.max = min(a.min, v), max(a.max, v)
		}
	}
	switch {
	case a.min > a.max && log:
		a.min, a.max = 1, 10
	case a.min > a.max:
		a.min, a.max = 0, 1
	case log:
		a.widenLog(room)
	default:
		a.widen(room, base)
	}
	return a
}

func (a *axis) widenLog(room float64) {
	f := math.Exp(room * (math.Log(a.max) - math.Log(a.min)))
	if !(f > 1.02) { // also if all values are equal
		f = 1.3
	}
	a.min, a.max = max(a.min/f, math.SmallestNonzeroFloat64), min(a.max*f, math.MaxFloat64)
}

func (a *axis) widen(room float64, base bool) {
	if base && a.min >= 0 && a.min < 0.4*a.max {
		a.max += room * a.max
		a.min = 0
		return
	}
	d := room * (a.max - a.min)
	if a.max-a.min <= 1e-9*max(math.Abs(a.min), math.Abs(a.max)) {
		d = 0.1 * math.Abs(a.max)
		switch {
		case d == 0 && base:
			a.max = 1 // a single value at the beginning
			return
		case d == 0:
			d = 1
		}
	}
	a.min, a.max = a.min-d, a.max+d
}

// mark makes the ticks: at most n of them on a linear axis.
func (a *axis) mark(n int) {
	if a.log {
		a.markLog(n)
		return
	}
	step := niceStep((a.max-a.min)/float64(max(n, 1)), 1)
	a.every(step)
}

// markWhole is mark for indices.
func (a *axis) markWhole(n int) {
	a.every(max(1, niceStep((a.max-a.min)/float64(max(n, 1)), 1)))
}

func (a *axis) every(step float64) {
	for k := math.Ceil(a.min/step - 1e-9); k*step <= a.max+1e-9*step && len(a.ticks) < 100; k++ {
		a.ticks = append(a.ticks, tick{k * step, number(k*step, step)})
	}
}

// niceStep returns the smallest of 1, 2, 2.5 and 5 times a power of ten that is at least x.
func niceStep(x, unit float64) float64 {
	if !(x > 0) || math.IsInf(x, 0) {
		return unit
	}
	p := math.Pow(10, math.Floor(math.Log10(x)))
	for _, m := range []float64{1, 2, 2.5, 5} {
		if x <= m*p*(1+1e-9) {
			return m * p
		}
	}
	return 10 * p
}

// number prints a tick of a linear axis with the digits that its step needs.
func number(v, step float64) string {
	if math.Abs(v) < step/1e6 {
		return "0"
	}
	big := max(math.Abs(v), step)
	switch {
	case big >= 1e9 || step < 1e-4:
		s := strconv.FormatFloat(v, 'g', 4, 64)
		return minus(strings.Replace(s, "e+", "e", 1))
	case step >= 1e6:
		return minus(strconv.FormatFloat(v/1e6, 'f', -1, 64)) + "M"
	case step >= 1e3 && big >= 1e4:
		return minus(strconv.FormatFloat(v/1e3, 'f', -1, 64)) + "k"
	}
	digits := 0
	for s := step; digits < 6 && math.Abs(s-math.Round(s)) > 1e-6*s; s *= 10 {
		digits++
	}
	return minus(strconv.FormatFloat(v, 'f', digits, 64))
}

func minus(s string) string { return strings.ReplaceAll(s, "-", "−") }

// markLog puts a tick at each power of ten, or at each second, third …. If fewer than three are
// in range it adds their multiples by 2 and 5.
func (a *axis) markLog(n int) {
	lo, hi := math.Log10(a.min), math.Log10(a.max)
	decades := math.Floor(hi) - math.Ceil(lo) + 1
	if hi-lo < 0.6 { // there may be no power of ten in range
		a.every(niceStep((a.max-a.min)/float64(max(n, 1)), 1))
		return
	}
	stride := max(1, math.Ceil(decades/float64(max(n, 1))))
	for k := math.Floor(lo); k <= math.Ceil(hi); k++ {
		if math.Mod(k, stride) == 0 {
			a.markAt(k, 1)
		}
		if decades < 3 {
			a.markAt(k, 2)
			a.markAt(k, 5)
		}
	}
}

// markAt puts a tick at m·10^k. The number is written out if the whole axis lies between a
// thousandth and ten thousand.
func (a *axis) markAt(k, m float64) {
	v := m * math.Pow(10, k)
	if v < a.min*(1-1e-9) || v > a.max*(1+1e-9) {
		return
	}
	label := power(k, m)
	if a.min > 0.9e-3 && a.max < 1.1e4 {
		label = strconv.FormatFloat(v, 'f', max(0, int(-k)), 64)
	}
	a.ticks = append(a.ticks, tick{v, label})
}

// power prints m·10^k.
func power(k, m float64) string {
	if k == 0 {
		return strconv.FormatFloat(m, 'f', 0, 64)
	}
	s := "10"
	if m != 1 {
		s = strconv.FormatFloat(m, 'f', 0, 64) + "·10"
	}
	for _, r := range strconv.Itoa(int(k)) {
		if r == '-' {
			s += "⁻"
		} else {
			s += string([]rune("⁰¹²³⁴⁵⁶⁷⁸⁹")[r-'0'])
		}
	}
	return s
}
