package run_test

import (
	"math"
	"testing"

	"breakeven/run"
)

// Just below its bound a method shrinks on the quadratic λx²/2, just above it grows. Adam is the
// mean of gradients with its denominator held at 1.
func TestBound(t *testing.T) {
	const eta, beta = 0.3, 0.7
	methods := map[string]func(x, g, b float64) (float64, float64){
		"sgd":      func(x, g, b float64) (float64, float64) { return x - eta*g, 0 },
		"momentum": func(x, g, b float64) (float64, float64) { b = beta*b + g; return x - eta*b, b },
		"nesterov": func(x, g, b float64) (float64, float64) { b = beta*b + g; return x - eta*(g+beta*b), b },
		"adam":     func(x, g, b float64) (float64, float64) { b = 0.9*b + 0.1*g; return x - eta*b, b },
	}
	for name, step := range methods {
		bound, ok := run.Bound(name, eta, beta)
		if !ok {
			t.Fatalf("no bound for %s", name)
		}
		for _, off := range []float64{0.98, 1.02} {
			x, b := 1.0, 0.0
			for range 3000 {
				x, b = step(x, off*bound*x, b)
			}
			if grows := math.Abs(x) > 1 || math.IsNaN(x); grows != (off > 1) {
				t.Errorf("%s at %v of its bound: %v after 3,000 steps", name, off, x)
			}
		}
	}
	if _, ok := run.Bound("lion", eta, beta); ok {
		t.Error("a bound of an unknown method")
	}
}
