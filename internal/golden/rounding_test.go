package golden

import (
	"math"
	"testing"
)

// The residual of an eigenvalue and the measured rounding of its product bound its
// distance from float64's, also when the rounding is the larger part by far.
func TestRounding(t *testing.T) {
	names := []string{"simplecnn-bn", "resnet32", "mlp", "tiny"}
	if !everything() {
		names = []string{"tiny"}
	}
	compare(t, names, func(t *testing.T, s *subject, _ *ledger) {
		p := s.problem()
		g := lanczos(t, p.GaussNewton(), 1, 0)
		r, err := p.GaussNewton().Rounding(g.Vectors[0])
		if err != nil {
			t.Fatal(err)
		}
		if d := math.Abs(g.Values[0] - s.GaussNewton.Max); d > g.Residuals[0]+r[0] {
			t.Errorf("λ_G¹ is off by %.3g, residual %.3g, rounding %.3g", d, g.Residuals[0], r[0])
		}
		h := lanczos(t, p.Hessian(), 1, 1)
		if r, err = p.Hessian().Rounding(h.Vectors...); err != nil {
			t.Fatal(err)
		}
		for i, want := range []float64{s.Hessian.Top[0], s.Hessian.Bottom[0]} {
			if d := math.Abs(h.Values[i] - want); d > h.Residuals[i]+r[i] {
				t.Errorf("%g is off by %.3g, residual %.3g, rounding %.3g", h.Values[i], d, h.Residuals[i], r[i])
			}
		}
	})
}
