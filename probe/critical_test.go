package probe

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// On a quadratic λ_c along a step d of rate η is η·dᵀHd / −⟨g, d⟩ · 1/η², in closed form, whatever
// the method that makes the step.
func TestCriticalSharpnessOfQuadratic(t *testing.T) {
	q := newQuadratic()
	g := q.batchGradient(0, count)
	steps := map[string]*mat.VecDense{}
	plain, scaled, momentum := mat.NewVecDense(inputs, nil), mat.NewVecDense(inputs, nil), mat.NewVecDense(inputs, nil)
	for i := range inputs {
		plain.SetVec(i, -rate*g.AtVec(i))
		scaled.SetVec(i, -rate*g.AtVec(i)*math.Exp(math.Sin(float64(3*i))))
		momentum.SetVec(i, -rate*(g.AtVec(i)+0.9*q.g[0].AtVec(i)))
	}
	steps["gradient descent"], steps["a preconditioner"], steps["momentum"] = plain, scaled, momentum
	steps["a small step"], steps["a large step"] = mat.NewVecDense(inputs, nil), mat.NewVecDense(inputs, nil)
	steps["a small step"].ScaleVec(1./30, plain)
	steps["a large step"].ScaleVec(300, plain)
	for name, d := range steps {
		q.Next = func() ([]float32, error) {
			next := slices.Clone(q.Theta)
			for i := range next {
				next[i] += float32(d.AtVec(i))
			}
			return next, nil
		}
		want := mat.Inner(d, q.h, d) / -mat.Dot(g, d) / rate
		v, ok := measure(t, q.Subject, "critical")["critical_sharpness"]
		switch {
		case !ok:
			t.Errorf("%s: no critical sharpness: %v", name, q.Omitted)
		case math.Abs(v.Value-want) > v.Error || v.Error > 0.03*want || v.How.Error != bracket:
			t.Errorf("%s: λ_c is %g ± %g (%s), want %g", name, v.Value, v.Error, v.How.Error, want)
		case v.How.Products > 5:
			t.Errorf("%s: %d losses for a parabola", name, v.How.Products)
		case !strings.Contains(v.How.Note, "η_c is between"):
			t.Errorf("%s: %q", name, v.How.Note)
		}
	}
	// Later measurements find the problem as it was.
	expect(t, measure(t, q.Subject, "loss"), "grad_norm", mat.Norm(g, 2), 1e-6)
}

// Of a network λ_c is that of a dense scan along the step.
func TestCriticalSharpnessOfNetwork(t *testing.T) {
	for _, norm := range []bool{false, true} {
		s := network(norm)
		v := measure(t, s, "critical")["critical_sharpness"]
		next, _ := s.Next()
		theta, here := slices.Clone(s.Theta), s.Problem.Loss()
		if same, err := s.Problem.LossAt(s.Theta, s.Problem.Set().Len()); err != nil || same != here {
			t.Fatalf("the loss is %v, and at the same parameters %v (%v)", here, same, err)
		}
		alpha := 0.
		for loss := here; loss <= here; alpha += 0.01 {
			for i, x := range s.Theta {
				theta[i] = x + float32(alpha)*(next[i]-x)
			}
			loss, _ = s.Problem.LossAt(theta, s.Problem.Set().Len())
		}
		low, high := 2/(rate*(alpha+0.01)), 2/(rate*(alpha-0.03))
		if v.Value+v.Error < low || v.Value-v.Error > high || v.Error > 0.03*v.Value {
			t.Errorf("λ_c is %g ± %g, by a scan between %g and %g", v.Value, v.Error, low, high)
		}
	}
}

// What has no critical sharpness says so.
func TestNoCriticalSharpness(t *testing.T) {
	q := newQuadratic()
	full, _ := q.Next()
	for why, next := range map[string]func(i int) float32{
		"uphill":        func(i int) float32 { return q.Theta[i] - (full[i] - q.Theta[i]) },
		"step is 0":     func(i int) float32 { return q.Theta[i] },
		"does not rise": func(i int) float32 { return q.Theta[i] + (full[i]-q.Theta[i])*1e-5 },
		"no training":   nil,
	} {
		q.Next = nil
		if next != nil {
			q.Next = func() ([]float32, error) {
				theta := make([]float32, inputs)
				for i := range theta {
					theta[i] = next(i)
				}
				return theta, nil
			}
		}
		if found := measure(t, q.Subject, "critical"); len(found) > 0 || len(q.Omitted) != 1 || !strings.Contains(q.Omitted[0].Why, why) {
			t.Errorf("%s: %v, left out: %v", why, found, q.Omitted)
		}
	}
}

// The search takes fewer than ten values, its bracket holds a rise, and it is narrow unless the
// function is far from a parabola.
func TestFirstRise(t *testing.T) {
	for name, c := range map[string]struct {
		slope float64
		rise  func(x float64) float64
		want  float64
	}{
		"parabola":         {-1, func(x float64) float64 { return -x + x*x/2 }, 2},
		"cubic":            {-1, func(x float64) float64 { return -x + x*x*x/100 }, 10},
		"wall":             {-1, func(x float64) float64 { return -x + math.Pow(x/3, 12) }, 3 * math.Pow(3, 1./11)},
		"not a number":     {-1, func(x float64) float64 { return map[bool]float64{true: -x, false: math.NaN()}[x < 0.3] }, 0.3},
		"concave first":    {-1, func(x float64) float64 { return -x - x*x + x*x*x/50 }, 50.96},
		"very long":        {-1, func(x float64) float64 { return -x + x*x/1000 }, 1000},
		"very short":       {-1, func(x float64) float64 { return -x + x*x*1000 }, 0.001},
		"a kink":           {-1, func(x float64) float64 { return -x + 10*max(0, x-5) }, 50. / 9},
		"a kink before it": {-1, func(x float64) float64 { return -x + 3*max(0, x-0.01) }, 0.015},
	} {
		passes := 0
		b, err := firstRise(c.slope, func(x float64) (float64, error) { passes++; return c.rise(x), nil })
		if err != nil || passes != b.passes || passes > risePasses {
			t.Errorf("%s: %d passes, %d counted (%v)", name, passes, b.passes, err)
		}
		if b.lo > c.want || b.hi < c.want*(1-1e-9) || !b.narrow() && name != "wall" {
			t.Errorf("%s: from %g to %g in %d passes, want %g", name, b.lo, b.hi, b.passes, c.want)
		}
	}
	if b, _ := firstRise(-1, func(x float64) (float64, error) { return -x, nil }); b.lo != riseMost || !math.IsInf(b.hi, 1) {
		t.Errorf("a straight line rises between %g and %g", b.lo, b.hi)
	}
	if b, _ := firstRise(-1, func(x float64) (float64, error) { return math.NaN(), nil }); b.lo != 0 || b.hi > 1e-3 || b.passes != risePasses {
		t.Errorf("what is never a number rises between %g and %g in %d passes", b.lo, b.hi, b.passes)
	}
	failure := errors.New("stopped")
	if _, err := firstRise(-1, func(x float64) (float64, error) { return 0, failure }); err != failure {
		t.Errorf("the error is %v", err)
	}
}
