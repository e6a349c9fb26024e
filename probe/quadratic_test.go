package probe

import (
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"breakeven/rng"
)

func TestLossOfQuadratic(t *testing.T) {
	q := newQuadratic()
	q.Valid = func() (Evaluation, error) { return Evaluation{Loss: 7, Metrics: []float64{0.5}, Examples: 11}, nil }
	found := measure(t, q.Subject, "loss")
	expect(t, found, "loss", q.loss(), 1e-6)
	expect(t, found, "accuracy", 1, 0)
	expect(t, found, "grad_norm", mat.Norm(q.batchGradient(0, count), 2), 1e-6)
	expect(t, found, "valid_loss", 7, 0)
	if v := expect(t, found, "valid_accuracy", 0.5, 0); v.How.Examples != 11 {
		t.Errorf("valid_accuracy of %d examples, want 11", v.How.Examples)
	}
}

func TestHessianOfQuadratic(t *testing.T) {
	q := newQuadratic()
	found := measure(t, q.Subject, "k", "examples", "h5", "ggn", "trace", "density")
	values, vectors := eigen(t, q.h)
	top := func(i int) float64 { return values[inputs-1-i] }
	h := expect(t, found, "h_max", top(0), 1e-6)
	if h.How.Rounding <= 0 || h.How.Rounding > h.Error {
		t.Errorf("the rounding %g of the error %g", h.How.Rounding, h.Error)
	}
	if math.Abs(h.Value-top(0)) > h.Error || h.Error > 1e-4*top(0) || h.How.Error != residualBound {
		t.Errorf("h_max carries the error %g (%s)", h.Error, h.How.Error)
	}
	for i, v := range expect(t, found, "h_top5", top(0), 1e-6).Vector {
		if math.Abs(v-top(i)) > 1e-6*top(0) {
			t.Errorf("eigenvalue %d is %g, want %g", i, v, top(i))
		}
	}
	expect(t, found, "h_min", values[0], 1e-4)
	expect(t, found, "h_condition5", top(0)/top(4), 1e-5)
	expect(t, found, "ggn_max", top(0), 1e-6)
	expect(t, found, "h_trace", mat.Trace(q.h), 1e-5)
	d := expect(t, found, "h_density", mat.Trace(q.h)/inputs, 0.5)
	if d.Error != 0 || !strings.Contains(d.How.Note, "no error is known") {
		t.Errorf("mean eigenvalue ± %g of two vectors: %q", d.Error, d.How.Note)
	}
	checkDensity(t, d.Vector, values)

	e := mat.Col(nil, inputs-1, vectors)
	for key, l := range map[string]int{"alignment": 6, "alignment_example": count} {
		k := mat.NewSymDense(inputs, nil)
		for i := range l {
			c := q.batchGradient(i*count/l, (i+1)*count/l)
			c.SubVec(c, q.batchGradient(0, count))
			k.SymRankOne(k, 1/float64(l), c)
		}
		_, v := eigen(t, k)
		expect(t, found, key, math.Abs(mat.Dot(mat.NewVecDense(inputs, e), v.ColView(inputs-1))), 1e-4)
	}
}

// checkDensity checks that pairs of point and density make a density that has
// its mass where the eigenvalues are.
func checkDensity(t *testing.T, pairs, values []float64) {
	t.Helper()
	mass, outside := 0.0, 0.0
	width := values[len(values)-1] - values[0]
	for i := 2; i < len(pairs); i += 2 {
		m := pairs[i+1] * (pairs[i] - pairs[i-2])
		mass += m
		if pairs[i] < values[0]-0.1*width || pairs[i] > values[len(values)-1]+0.1*width {
			outside += m
		}
	}
	if math.Abs(mass-1) > 0.01 || outside > 0.01 {
		t.Errorf("a density of mass %g, %g of it outside the spectrum", mass, outside)
	}
}

// The left side of Eq. 1 is what one step of SGD does, on average over all
// batches, to the square of the distance along e.
func TestStabilityOfQuadratic(t *testing.T) {
	q := newQuadratic()
	found := measure(t, q.Subject, "h", "stability")
	values, vectors := eigen(t, q.h)
	lambda, e := values[inputs-1], vectors.ColView(inputs-1)
	var curvatures []float64
	s2 := 0.0
	for i := range count {
		p := mat.Dot(q.x.RowView(i), e)
		curvatures = append(curvatures, 2*p*p)
		s2 += (2*p*p - lambda) * (2*p*p - lambda) / count
	}
	const c = float64(count-6) / (6 * (count - 1))
	left := (1-rate*lambda)*(1-rate*lambda) + s2*rate*rate*c
	expect(t, found, "curvature_variance", s2, 1e-4)
	expect(t, found, "stability", left, 1e-5)
	expect(t, found, "predicted_h_max", 2/rate-c*s2/lambda, 1e-4)

	const draws = 200000
	r, order, mean, square := rng.New(9, "batches"), make([]int, count), 0.0, 0.0
	for range draws {
		r.Perm(order)
		h := 0.0
		for _, i := range order[:6] {
			h += curvatures[i] / 6
		}
		m := (1 - rate*h) * (1 - rate*h)
		mean += m / draws
		square += m * m / draws
	}
	if dev := math.Sqrt((square - mean*mean) / draws); math.Abs(mean-left) > 5*dev {
		t.Errorf("one step multiplies the square by %.6f ± %.6f, Eq. 1 says %.6f", mean, dev, left)
	}
}

// If λ_H¹ is the prediction, with λ_K¹ = s²(ψ−ψ*)² as measured, Eq. 1 holds with
// equality.
func TestPredictionSolvesEq1(t *testing.T) {
	q := newQuadratic()
	found := measure(t, q.Subject, "stability")
	s2, lambda, p := found["curvature_variance"].Value, found["stability"], found["predicted_h_max"].Value
	h := measure(t, q.Subject, "h")["h_max"].Value
	// s² at the prediction is the measured s² times the ratio of both λ.
	const c = float64(count-6) / (6 * (count - 1))
	if left := (1-rate*p)*(1-rate*p) + s2*p/h*rate*rate*c; math.Abs(left-1) > 1e-4 {
		t.Errorf("Eq. 1 at the prediction %g is %g (here %g)", p, left, lambda.Value)
	}
}

func TestSharpnessOfQuadratic(t *testing.T) {
	q := newQuadratic()
	want := 0.0
	for b := range 4 {
		lo, hi := b*6, (b+1)*6
		g, ghg := q.batchGradient(lo, hi), 0.0
		for i := lo; i < hi; i++ {
			p := mat.Dot(q.x.RowView(i), g)
			ghg += 2 * p * p / 6
		}
		want += ghg / mat.Dot(g, g) / 4
	}
	expect(t, measure(t, q.Subject, "sharpness"), "batch_sharpness", want, 1e-5)
}

// Along a full gradient step L(α) = L − αη‖g‖² + α²η² gᵀHg/2.
func TestStepMarginOfQuadratic(t *testing.T) {
	q := newQuadratic()
	g := q.batchGradient(0, count)
	a, b := mat.Inner(g, q.h, g)*rate*rate/2, mat.Dot(g, g)*rate
	want := (b + math.Sqrt(b*b+0.8*a*q.loss())) / (2 * a)
	v := measure(t, q.Subject, "step")["step_margin"]
	if math.Abs(v.Value-want) > v.Error*1.001 || v.Error > 0.02*want || v.How.Error != bracket {
		t.Errorf("α* is %g ± %g (%s), want %g", v.Value, v.Error, v.How.Error, want)
	}
	// Later measurements find the problem as it was.
	expect(t, measure(t, q.Subject, "loss"), "grad_norm", mat.Norm(g, 2), 1e-6)

	q.Next = func() ([]float32, error) { // a step that is too small to raise anything
		next := slices.Clone(q.Theta)
		next[0] += 1e-5
		return next, nil
	}
	v = measure(t, q.Subject, "step")["step_margin"]
	if v.Value != 64 || !strings.Contains(v.How.Note, "at least") {
		t.Errorf("α* of a small step is %g (%s)", v.Value, v.How.Note)
	}
}

func TestCovarianceOfQuadratic(t *testing.T) {
	q := newQuadratic()
	found := measure(t, q.Subject, "k", "examples", "ntk")
	mean := q.batchGradient(0, count)
	for prefix, l := range map[string]int{"k_": 6, "k_example_": count} {
		k := mat.NewSymDense(inputs, nil)
		for i := range l {
			c := q.batchGradient(i*count/l, (i+1)*count/l)
			c.SubVec(c, mean)
			k.SymRankOne(k, 1/float64(l), c)
		}
		values, _ := eigen(t, k)
		top, trace := values[inputs-1], mat.Trace(k)
		expect(t, found, prefix+"max", top, 1e-5)
		expect(t, found, prefix+"trace", trace, 1e-5)
		expect(t, found, prefix+"rank", trace/top, 1e-5)
		if l-1 <= inputs { // of more gradients than parameters the last are zero
			expect(t, found, prefix+"min", values[inputs-l+1], 1e-4)
			expect(t, found, prefix+"condition", values[inputs-l+1]/top, 1e-4)
		}
		if prefix == "k_example_" {
			expect(t, found, "noise_scale", trace/mat.Dot(mean, mean), 1e-5)
		}
		if v := found[prefix+"max"]; v.How.L != l || v.How.M != count/l || v.How.Error != jackknifed || v.Error <= 0 {
			t.Errorf("%smax: %d × %d gradients, error %g (%s)", prefix, v.How.L, v.How.M, v.Error, v.How.Error)
		}
	}
	theta := mat.NewSymDense(3, nil) // w·x has the Jacobian x
	for i := range 3 {
		for j := range 3 {
			theta.SetSym(i, j, mat.Dot(q.x.RowView(i), q.x.RowView(j)))
		}
	}
	values, _ := eigen(t, theta)
	expect(t, found, "ntk_max", values[2], 1e-5)
	expect(t, found, "ntk_trace", mat.Trace(theta), 1e-5)
	if v := found["topspace"]; v.Value < 1 || v.Value > 3 || v.Error <= 0 {
		t.Errorf("topspace is %g ± %g", v.Value, v.Error)
	}
}
