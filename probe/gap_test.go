package probe

import (
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"breakeven/curvature"
	"breakeven/rng"
	"breakeven/run"
	"breakeven/spectrum"
	"breakeven/tensor"
)

// On a quadratic the noise along e_H¹ has a closed form, and λ_H¹ does not change.
func TestGapOfQuadratic(t *testing.T) {
	q := newQuadratic()
	values, vectors := eigen(t, q.h)
	found := measure(t, q.Subject, "gap")
	mean, squares := 0.0, 0.0
	for _, g := range q.g {
		d := mat.Dot(g, vectors.ColView(inputs-1))
		mean += d / count
		squares += d * d / count
	}
	expect(t, found, "top_noise", (squares-mean*mean)*(count-6)/(6*(count-1)), 1e-4)
	expect(t, found, "edge_distance", 2/rate-values[inputs-1], 1e-5)
	for _, key := range []string{"sharpening", "stabilisation"} {
		if v := found[key]; math.Abs(v.Value) > v.Error || v.Error > 1e-3 {
			t.Errorf("%s is %g ± %g where λ_H¹ does not change", key, v.Value, v.Error)
		}
	}
	if v, ok := found["sharpness_gap"]; ok || !strings.Contains(omission(q.Subject, "sharpness_gap"), "0 within its error") {
		t.Errorf("ΔS is %g without progressive sharpening: %v", v.Value, q.Omitted)
	}
}

// omission returns why a key was left out.
func omission(s *Subject, key string) string {
	i := slices.IndexFunc(s.Omitted, func(o run.Omission) bool { return o.Key == key })
	if i < 0 {
		return ""
	}
	return s.Omitted[i].Why
}

// topEigenvalue returns λ_H¹ at other parameters, and its eigenvector, from the dense matrix.
func topEigenvalue(t *testing.T, s *Subject, theta []float32) (float64, []float64) {
	t.Helper()
	at, n := *s, len(theta)
	at.Theta = theta
	values, vectors := eigen(t, denseHessian(t, &at, s.Problem.Set()))
	return values[n-1], mat.Col(nil, n-1, vectors)
}

// α and β are those of λ_H¹ found anew, with the dense matrix, at parameters on both sides of θ: along
// the gradient, and along ∇λ_H¹ itself, both without their parts along e_H¹.
func TestSharpeningOfNetwork(t *testing.T) {
	for _, norm := range []bool{false, true} {
		s := network(norm)
		found := measure(t, s, "gap")
		_, u := topEigenvalue(t, s, s.Theta)
		across := func(v []float32) []float32 {
			v, dot := slices.Clone(v), 0.0
			for i, x := range v {
				dot += float64(x) * u[i]
			}
			for i := range v {
				v[i] -= float32(dot * u[i])
			}
			return v
		}
		change := func(v []float32) float64 {
			const h = 1. / 32
			up, down := slices.Clone(s.Theta), slices.Clone(s.Theta)
			tensor.Axpy(up, h, v)
			tensor.Axpy(down, -h, v)
			a, _ := topEigenvalue(t, s, up)
			b, _ := topEigenvalue(t, s, down)
			return (a - b) / (2 * h)
		}
		alpha, beta := found["sharpening"], found["stabilisation"]
		g := across(s.Problem.Gradient())
		scale := math.Sqrt(beta.Value) * tensor.Norm(g)
		if want := -change(g); math.Abs(alpha.Value-want) > 0.01*scale+alpha.Error || alpha.Error > 0.05*scale {
			t.Errorf("batch norm %v: α is %g ± %g, by differences of λ_H¹ %g", norm, alpha.Value, alpha.Error, want)
		}
		d := make([]float32, len(u))
		if err := s.Problem.Third(d, s.eigen.Vectors[0], 1./64); err != nil {
			t.Fatal(err)
		}
		d = across(d)
		tensor.Scale(d, float32(1/tensor.Norm(d)))
		if want := change(d); math.Abs(math.Sqrt(beta.Value)-want) > 0.02*want || beta.Error > 0.05*beta.Value {
			t.Errorf("batch norm %v: √β is %g, by differences of λ_H¹ %g; β ± %g", norm, math.Sqrt(beta.Value), want, beta.Error)
		}
	}
}

// ΔS is where the equations of self-stabilisation with noise settle: x ← −(1 + ηy)x + ηξ along
// e_H¹, and y ← y + η(α − βx²/2) for λ_H¹ = 2/η + y. It is the mean of −y weighted by x²: λ_H¹ and
// the oscillation fluctuate together.
func TestClosedGap(t *testing.T) {
	const eta, alpha, beta, sigma = 0.1, 0.02, 3.0, 0.2
	s := &Subject{LR: eta, eigen: &found{&spectrum.Result{Values: []float64{19}}, []float64{0}}}
	v, why := s.closedGap(run.Value{Value: sigma * sigma, Error: 0.1 * sigma * sigma}, run.Value{Value: alpha, Error: 0.2 * alpha}, run.Value{Value: beta, Error: 0.3 * beta})
	if why != "" || math.Abs(v.Error-0.5*v.Value) > 1e-12 || math.Abs(v.Sample-0.1*v.Value) > 1e-12 || v.How.Note != "" {
		t.Fatalf("ΔS is %g ± %g, sampling %g (%s) %s", v.Value, v.Error, v.Sample, v.How.Note, why)
	}
	r, x, y, weighted, squares := rng.New(1, "gap"), 0.01, 0.0, 0.0, 0.0
	for range 2000000 {
		weighted += y * x * x
		squares += x * x
		x, y = -(1+eta*y)*x+eta*sigma*r.NormFloat64(), y+eta*(alpha-beta*x*x/2)
	}
	if mean := -weighted / squares; math.Abs(mean-v.Value) > 0.05*v.Value {
		t.Errorf("ΔS is %g, and simulated %g", v.Value, mean)
	}
	s.eigen.Values[0] = 3
	if v, _ := s.closedGap(run.Value{Value: 100}, run.Value{Value: alpha}, run.Value{Value: beta}); !strings.Contains(v.How.Note, "below half of 2/η") || !strings.Contains(v.How.Note, "takes it as small") {
		t.Errorf("far from the edge: %q", v.How.Note)
	}
	if _, why := s.closedGap(run.Value{Value: 1}, run.Value{Value: -alpha}, run.Value{Value: beta}); !strings.Contains(why, "falls along the gradient") {
		t.Errorf("falling sharpness: %q", why)
	}
}

// The closed form is that of plain SGD.
func TestGapOfOtherMethods(t *testing.T) {
	for _, change := range []func(s *Subject){
		func(s *Subject) { s.Bound = func() (float64, bool) { return run.Bound("momentum", rate, 0.9) } },
		func(s *Subject) { s.Bound = func() (float64, bool) { return 0, false } },
		func(s *Subject) {
			s.Preconditioner = func() (curvature.Preconditioner, error) { return curvature.Preconditioner{Decay: 0.1}, nil }
		},
	} {
		s := network(false)
		change(s)
		found := measure(t, s, "gap")
		if _, ok := found["edge_distance"]; ok || !strings.Contains(omission(s, "sharpness_gap"), "plain SGD") {
			t.Errorf("another method: %v", s.Omitted)
		}
		expect(t, found, "sharpening", found["sharpening"].Value, 0)
	}
}
