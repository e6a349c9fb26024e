package huang2020hierarchy

import (
	"fmt"
	"math"
	"slices"

	"breakeven/run"
)

// A Median is one over networks, with the interval of 95 % that the order statistics
// give it.
type Median struct {
	Value, Lo, Hi float64
	Count         int // networks
}

// normal95 is the quantile of the normal distribution for an interval of 95 %.
const normal95 = 1.96

// medianOf returns the median of the finite values, and whether there is one.
func medianOf(values []float64) (Median, bool) {
	values = slices.DeleteFunc(slices.Clone(values), func(v float64) bool { return !finite(v) })
	n := len(values)
	if n == 0 {
		return Median{}, false
	}
	slices.Sort(values)
	reach := normal95 * math.Sqrt(float64(n)) / 2
	lo := max(0, int(math.Floor(float64(n)/2-reach)))
	return Median{(values[(n-1)/2] + values[n/2]) / 2, values[lo], values[n-1-lo], n}, true
}

// logError is the standard error of log median.
func (m Median) logError() float64 { return math.Log(m.Hi/m.Lo) / (2 * normal95) }

// String returns the median with two or three digits.
func (m Median) String() string { return fmt.Sprintf("%.2g", m.Value) }

// A Slope is an exponent with its interval of 95 %: Value ± Error.
type Slope struct{ Value, Error float64 }

// String returns −1.02 ± 0.08.
func (s Slope) String() string { return signed(s.Value) + fmt.Sprintf(" ± %.2f", s.Error) }

// signed writes a number with two decimals and a true minus.
func signed(x float64) string {
	if x < 0 {
		return fmt.Sprintf("−%.2f", -x)
	}
	return fmt.Sprintf("%.2f", x)
}

// within is how far a slope may be from the exponent that it confirms.
const within = 0.35

// telling is the widest half of an interval that tells one whole exponent from the next.
const telling = 0.5

// fit returns the slope of log y against log x by least squares, and whether there are two
// positive points. The medians are independent, and so are their errors.
func fit(x []float64, y []Median) (Slope, bool) {
	var xs, ys, errs []float64
	for i, m := range y {
		if m.Value > 0 && m.Lo > 0 && finite(m.Hi) {
			xs, ys, errs = append(xs, math.Log(x[i])), append(ys, math.Log(m.Value)), append(errs, m.logError())
		}
	}
	if len(xs) < 2 {
		return Slope{}, false
	}
	middle := mean(xs)
	var xx, xy, variance float64
	for i := range xs {
		d := xs[i] - middle
		xx += d * d
		xy += d * ys[i]
		variance += d * d * errs[i] * errs[i]
	}
	if xx == 0 {
		return Slope{}, false
	}
	return Slope{xy / xx, normal95 * math.Sqrt(variance) / xx}, true
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// average returns the mean of the finite values with its standard error, and whether there
// are two.
func average(values []float64) (value, err float64, ok bool) {
	values = slices.DeleteFunc(slices.Clone(values), func(v float64) bool { return !finite(v) })
	if len(values) < 2 {
		return 0, 0, false
	}
	m, sum := mean(values), 0.0
	for _, v := range values {
		sum += (v - m) * (v - m)
	}
	n := float64(len(values))
	return m, math.Sqrt(sum / (n - 1) / n), true
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// scalars returns a key of all records.
func scalars(records []run.Record, key string) (list []float64) {
	for _, r := range records {
		if v, ok := r.Get(key); ok {
			list = append(list, v.Value)
		}
	}
	return list
}

// entries returns entry i of a key of several numbers, of all records.
func entries(records []run.Record, key string, i int) (list []float64) {
	for _, r := range records {
		if v, ok := r.Get(key); ok && i < len(v.Vector) {
			list = append(list, v.Vector[i])
		}
	}
	return list
}
