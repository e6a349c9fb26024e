package onnx

import "math"

// wholeOf computes with two integers.
func wholeOf(op string, x, y int64) int64 {
	switch op {
	case "Add":
		return x + y
	case "Sub":
		return x - y
	case "Mul":
		if x != 0 && (x*y/x != y || x == -1 && y == math.MinInt64) {
			failf("%d times %d is too large", x, y)
		}
		return x * y
	case "Max":
		return max(x, y)
	case "Min":
		return min(x, y)
	case "Pow":
		failf("powers of integers are not supported")
	}
	switch {
	case y == 0:
		failf("it divides by 0")
	case op == "Mod" && (x%y < 0) != (y < 0) && x%y != 0:
		return x%y + y
	case op == "Mod", op == "Fmod":
		return x % y
	}
	return x / y
}

// realOf computes with two real numbers.
func realOf(op string, x, y float64) float64 {
	switch op {
	case "Pow":
		return math.Pow(x, y)
	case "Add":
		return x + y
	case "Sub":
		return x - y
	case "Mul":
		return x * y
	case "Max":
		return max(x, y)
	case "Min":
		return min(x, y)
	case "Mod":
		m := math.Mod(x, y)
		if m != 0 && (m < 0) != (y < 0) {
			m += y
		}
		return m
	case "Fmod":
		return math.Mod(x, y)
	}
	return x / y
}
