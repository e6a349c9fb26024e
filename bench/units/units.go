// Package units writes measured numbers for the tables of bench.
package units

import "fmt"

// Duration writes seconds with three digits in the unit that fits, and nothing
// for what is not positive.
func Duration(seconds float64) string {
	switch {
	case !(seconds > 0):
		return ""
	case seconds < 1e-3:
		return fmt.Sprintf("%.3g µs", 1e6*seconds)
	case seconds < 1:
		return fmt.Sprintf("%.3g ms", 1e3*seconds)
	case seconds < 100:
		return fmt.Sprintf("%.3g s", seconds)
	}
	return fmt.Sprintf("%.0f s", seconds)
}
