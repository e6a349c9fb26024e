package digits

import (
	"math"
	"testing"
)

func TestMeasured(t *testing.T) {
	for _, c := range []struct {
		value, err float64
		want       string
	}{
		{0.8712, 0.083, "0.87 ± 0.08"},
		{19.62213, 2e-5, "19.6221 ± 0.0001"},
		{19.62213, 1e-4, "19.6221 ± 0.0001"},
		{19.62213, 4e-22, "19.6221 ± 0.0001"},
		{115.04, 0.62, "115.0 ± 0.6"},
		{115.04, 13.2, "115 ± 13"},
		{1.2345, 0.0251, "1.234 ± 0.025"},
		{0, 0.5, "0.0 ± 0.5"},
		{-3.21, 0.4, "-3.2 ± 0.4"},
		{1e10, 2e8, "(1.000 ± 0.020)e+10"},
		{2.5e-5, 3e-7, "(2.50 ± 0.03)e-05"},
		{2.5e-5, 0.03, "0.00 ± 0.03"},
		{1e6, 1e-3, "(1.00000 ± 0.00001)e+06"},
		{0.5, 2e7, "(0.0 ± 2.0)e+07"},
		{1.5, 0, "1.5"},
		{1.5, math.NaN(), "1.5"},
		{1.5, math.Inf(1), "1.5"},
		{math.NaN(), 1, "NaN"},
		{math.Inf(-1), 1, "-Inf"},
		{5e-324, 5e-324, "4.94e-324 ± 5e-324"},
	} {
		if got := Measured(c.value, c.err); got != c.want {
			t.Errorf("Measured(%g, %g) = %s, want %s", c.value, c.err, got, c.want)
		}
	}
}

func TestSignificant(t *testing.T) {
	for _, c := range []struct {
		x    float64
		n    int
		want string
	}{
		{0, 3, "0"}, {1.2345, 3, "1.23"}, {1234.5, 3, "1234"}, {0.1, 6, "0.1"}, {1e10, 6, "1e+10"}, {1.25e10, 6, "1.25e+10"},
		{2e-5, 3, "2e-05"}, {100, 3, "100"}, {-0.05, 3, "-0.05"}, {math.Inf(1), 3, "+Inf"}, {math.NaN(), 3, "NaN"},
	} {
		if got := Significant(c.x, c.n); got != c.want {
			t.Errorf("Significant(%g, %d) = %s, want %s", c.x, c.n, got, c.want)
		}
	}
}
