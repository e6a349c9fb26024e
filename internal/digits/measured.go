package digits

import (
	"fmt"
	"math"
	"strings"
)

// most is how many significant digits of a measured value are shown.
const most = 6

// Measured returns "0.87 ± 0.08": a value and its error to the digit where the error
// begins, and to one more if it begins with 1 or 2. At most six digits of the value are
// shown; a smaller error is rounded up to one unit of the last of them. Very large and
// very small numbers share a power of ten, "(1.23 ± 0.02)e-05". An error that is not
// positive and finite is none, and the value has three digits.
func Measured(value, err float64) string {
	if !finite(value) || !(err > 0) || !finite(err) {
		return Significant(value, 3)
	}
	size := max(math.Abs(value), err)
	if !outsized(size) {
		return together(value, err)
	}
	power := math.Floor(math.Log10(size))
	scale := math.Pow(10, power)
	if scale < 1e-300 { // of which there are no multiples with all digits
		return fmt.Sprintf("%.3g ± %.1g", value, err)
	}
	return fmt.Sprintf("(%s)e%+03d", together(value/scale, err/scale), int(power))
}

// together writes a value and an error of readable size.
func together(value, err float64) string {
	after := decimals(err, 1)
	if err*math.Pow(10, float64(after)) < 2.95 {
		after++
	}
	if last := decimals(max(math.Abs(value), err), most); after > last {
		after = last
		unit := math.Pow(10, -float64(after))
		err = math.Ceil(err/unit) * unit
	}
	after = max(after, 0)
	return fmt.Sprintf("%.*f ± %.*f", after, value, after, err)
}

// Significant returns x with n significant digits, without an exponent if it is of a
// readable size, and without zeros at the end.
func Significant(x float64, n int) string {
	if !finite(x) {
		return fmt.Sprint(x)
	}
	if outsized(x) {
		mantissa, power, _ := strings.Cut(fmt.Sprintf("%.*e", n-1, x), "e")
		return trim(mantissa) + "e" + power
	}
	return trim(fmt.Sprintf("%.*f", max(decimals(x, n), 0), x))
}

// trim takes the zeros off the end of a decimal fraction.
func trim(s string) string {
	if !strings.Contains(s, ".") {
		return s
	}
	return strings.TrimRight(strings.TrimRight(s, "0"), ".")
}

// outsized reports whether x is written with an exponent.
func outsized(x float64) bool {
	a := math.Abs(x)
	return x != 0 && (a < 1e-3 || a >= 1e6)
}

// decimals returns how many digits after the point show n significant ones; it
// may be negative.
func decimals(x float64, n int) int {
	if x == 0 {
		return 0
	}
	return n - 1 - int(math.Floor(math.Log10(math.Abs(x))))
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
