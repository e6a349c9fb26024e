package probe

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"breakeven/curvature"
)

// On a quadratic the largest eigenvalue of D(H + λI), and its ratio to the bound, are those of
// the dense matrix, with a preconditioner and without.
func TestEdgeOfQuadratic(t *testing.T) {
	q := newQuadratic()
	values, _ := eigen(t, q.h)
	for range 2 { // after h and without
		found := measure(t, q.Subject, "edge")
		expect(t, found, "ph_max", values[inputs-1], 1e-5)
		expect(t, found, "edge", values[inputs-1]*rate/2, 1e-5)
		measure(t, q.Subject, "h")
	}
	d := make([]float32, inputs)
	for i := range d {
		d[i] = float32(math.Exp(math.Sin(float64(3 * i))))
	}
	for _, p := range []curvature.Preconditioner{{}, {D: d, Decay: 0.1}} {
		q.Preconditioner = func() (curvature.Preconditioner, error) { return p, nil }
		q.Bound = func() (float64, bool) { return 2 / rate, true }
		m := mat.DenseCopyOf(q.h)
		for i := range inputs {
			m.Set(i, i, m.At(i, i)+p.Decay)
			for j := range inputs {
				if p.D != nil {
					m.Set(i, j, m.At(i, j)*float64(d[i]))
				}
			}
		}
		var e mat.Eigen
		e.Factorize(m, mat.EigenNone)
		top := 0.0
		for _, v := range e.Values(nil) {
			top = max(top, real(v))
		}
		found := measure(t, q.Subject, "edge")
		expect(t, found, "ph_max", top, 1e-5)
		expect(t, found, "edge", top*rate/2, 1e-5)
	}
}
