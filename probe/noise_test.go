package probe

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"breakeven/curvature"
	"breakeven/run"
)

// The parts of the noise scale are those of their definitions, from the gradients themselves.
func TestNoiseOfQuadratic(t *testing.T) {
	q := quadraticAt(10) // where the gradient is larger than its noise
	q.Batches = curvature.Parts(q.Problem.Set(), 8)
	for _, names := range [][]string{{"noise", "batchsize"}, {"k", "noise", "batchsize"}} {
		found := measure(t, q.Subject, names...)
		q.Forget()
		var g []*mat.VecDense
		mean := mat.NewVecDense(inputs, nil)
		for b := range 8 {
			g = append(g, q.batchGradient(3*b, 3*b+3))
			mean.AddScaledVec(mean, 1./8, g[b])
		}
		variance, inH := 0.0, 0.0
		for _, x := range g {
			var d mat.VecDense
			d.SubVec(x, mean)
			variance += 3 * mat.Dot(&d, &d) / 7
			inH += 3 * mat.Inner(&d, q.h, &d) / 7
		}
		square, gHg := mat.Dot(mean, mean)-variance/24, mat.Inner(mean, q.h, mean)-inH/24
		expect(t, found, "grad_square", square, 1e-4)
		expect(t, found, "example_variance", variance, 1e-5)
		if v := expect(t, found, "noise_scale_unbiased", variance/square, 1e-4); v.How.Error != jackknifed || v.Error <= 0 {
			t.Errorf("the noise scale ± %g (%s)", v.Error, v.How.Error)
		}
		expect(t, found, "critical_batch", inH/gHg, 1e-4)
	}
}

// A gradient that cannot be told from 0 has no noise scale.
func TestNoNoiseScale(t *testing.T) {
	q := newQuadratic()
	var minimum mat.VecDense // (w − w*) = H⁻¹g
	if err := minimum.SolveVec(q.h, q.batchGradient(0, count)); err != nil {
		t.Fatal(err)
	}
	theta := make([]float32, inputs)
	for i, w := range q.Theta {
		theta[i] = w - float32(minimum.AtVec(i))
	}
	s := subjectOf(q.Net, q.Loss, q.Problem.Set(), theta)
	found := measure(t, s, "noise")
	if _, ok := found["noise_scale_unbiased"]; ok || !strings.Contains(omission(s, "noise_scale_unbiased"), "not above 0") {
		t.Errorf("at the minimum: %v, %v", found, s.Omitted)
	}
	if v := found["grad_square"]; v.Value >= v.Error {
		t.Errorf("at the minimum ‖∇L‖² is %g ± %g", v.Value, v.Error)
	}
}

// The jackknife of a mean of independent numbers is their standard error.
func TestOwnAndOther(t *testing.T) {
	const n = 6
	m, sum, squares := make([]float64, n*n), 0.0, 0.0
	for i := range n {
		x := math.Sin(float64(i * i))
		m[i*n+i] = x
		sum += x / n
		squares += x * x / n
	}
	var how run.How
	value, dev := ownAndOther(m, n, &how, func(own, other float64) []float64 { return []float64{own, other} })
	if want := math.Sqrt((squares - sum*sum) / (n - 1)); math.Abs(value[0]-sum) > 1e-12 || math.Abs(dev[0]-want) > 1e-12 || math.Abs(value[1])+math.Abs(dev[1]) > 1e-12 {
		t.Errorf("the mean %g ± %g, want %g ± %g; beside the diagonal %g ± %g", value[0], dev[0], sum, want, value[1], dev[1])
	}
}

// The part of the gradient in the top space is that of the dense eigenvectors, and its sampling error
// that of other samples.
func TestOverlapOfQuadratic(t *testing.T) {
	q := newQuadratic()
	_, vectors := eigen(t, q.h)
	g, want := q.batchGradient(0, count), 0.0
	for i := range 5 {
		d := mat.Dot(g, vectors.ColView(inputs-1-i))
		want += d * d / mat.Dot(g, g)
	}
	for _, names := range [][]string{{"overlap"}, {"h", "overlap"}, {"h5", "overlap"}} {
		v := expect(t, measure(t, q.Subject, names...), "h_overlap", want, 1e-3)
		q.Forget()
		if len(v.Vector) != 5 || v.Sample <= 0 || math.Abs(v.Value-want) > v.Error+1e-4 {
			t.Errorf("%v: %d parts, %g ± %g, sampling %g, want %g", names, len(v.Vector), v.Value, v.Error, v.Sample, want)
		}
	}
}

// With one output and the squared error F is 2xxᵀ for each example, whatever the signs.
func TestFisherOfQuadratic(t *testing.T) {
	q := newQuadratic()
	want := 0.0
	for i := range leastBlocks { // blocks of one, and a remainder that is dropped
		want += 2 * mat.Dot(q.x.RowView(i), q.x.RowView(i)) / leastBlocks
	}
	if v := expect(t, measure(t, q.Subject, "fisher"), "fisher_trace", want, 1e-5); v.How.L != leastBlocks || v.Error <= 0 {
		t.Errorf("Tr F ± %g of %d blocks", v.Error, v.How.L)
	}
	few := q.Problem.Set().Slice(0, 3) // fewer than blocks, and more than a chunk
	q.Problem = curvature.New(q.Net, few, curvature.Settings{Loss: q.Loss, Chunk: 1})
	if err := q.Problem.At(q.Theta); err != nil {
		t.Fatal(err)
	}
	want = 0
	for i := range few.N {
		want += 2 * mat.Dot(q.x.RowView(i), q.x.RowView(i)) / float64(few.N)
	}
	if v := expect(t, measure(t, q.Subject, "fisher"), "fisher_trace", want, 1e-5); v.How.L != 3 || v.How.M != 1 {
		t.Errorf("Tr F of %d blocks of %d", v.How.L, v.How.M)
	}
}
