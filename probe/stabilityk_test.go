package probe

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"breakeven/curvature"
	"breakeven/tensor"
)

// denseHessian returns the Hessian of a set, column by column.
func denseHessian(t *testing.T, s *Subject, set curvature.Set) *mat.SymDense {
	t.Helper()
	p := curvature.New(s.Net, set, curvature.Settings{Loss: s.Loss, Chunk: set.N})
	p.At(s.Theta)
	n := len(s.Theta)
	h, v, hv := mat.NewSymDense(n, nil), make([]float32, n), make([]float32, n)
	for j := range v {
		clear(v)
		v[j] = 1
		if err := p.Hessian().MulVecTo(hv, v); err != nil {
			t.Fatal(err)
		}
		for i, x := range hv[:j+1] {
			h.SetSym(i, j, float64(x))
		}
	}
	return h
}

// denseNoise returns the covariance of the gradients of minibatches, without one of them if leave ≥ 0.
func denseNoise(s *Subject, leave int) *mat.SymDense {
	var all []*mat.VecDense
	n := len(s.Theta)
	mean := mat.NewVecDense(n, nil)
	for i, b := range s.Batches {
		if i == leave {
			continue
		}
		p := curvature.New(s.Net, b, curvature.Settings{Loss: s.Loss, Chunk: b.N})
		p.At(s.Theta)
		g := mat.NewVecDense(n, nil)
		for j, x := range p.Gradient() {
			g.SetVec(j, float64(x))
		}
		all = append(all, g)
		mean.AddVec(mean, g)
	}
	mean.ScaleVec(1/float64(len(all)), mean)
	k := mat.NewSymDense(n, nil)
	for _, g := range all {
		g.SubVec(g, mean)
		k.SymRankOne(k, 1/float64(len(all)), g)
	}
	return k
}

// along returns the curvature of h along the top eigenvector of k, and the eigenvalue.
func along(t *testing.T, h, k *mat.SymDense) (curvature, lambda float64, e mat.Vector) {
	values, vectors := eigen(t, k)
	last := len(values) - 1
	e = vectors.ColView(last)
	return mat.Inner(e, h, e), values[last], e
}

// Eq. 1 along e_K¹ is that of dense matrices: K of its gradients, H of the measurement set and of each
// example. So are both closed forms, and the jackknife, although the eigenvector turns by up to 60°.
func TestStabilityAlongNoise(t *testing.T) {
	s := network(false)
	found := measure(t, s, "stability_k")
	h := denseHessian(t, s, s.Problem.Set())
	curve, lambda, e := along(t, h, denseNoise(s, -1))
	s2 := 0.0
	for i := range count {
		c := mat.Inner(e, denseHessian(t, s, s.Problem.Set().Slice(i, i+1)), e)
		s2 += (c - curve) * (c - curve) / count
	}
	const c = float64(count-6) / (6 * (count - 1))
	closed := 2/rate - c*s2/curve
	expect(t, found, "k_curvature", curve, 1e-4)
	expect(t, found, "k_curvature_variance", s2, 1e-4)
	expect(t, found, "stability_k", (1-rate*curve)*(1-rate*curve)+s2*rate*rate*c, 1e-4)
	expect(t, found, "predicted_h_max_k", closed, 1e-4)
	expect(t, found, "predicted_k_max", lambda/curve*closed, 1e-4)

	var without []float64
	mean := 0.0
	for i := range s.Batches {
		x, _, _ := along(t, h, denseNoise(s, i))
		without = append(without, x)
		mean += x / float64(len(s.Batches))
	}
	squares, n := 0.0, float64(len(without))
	for _, x := range without {
		squares += (x - mean) * (x - mean) * (n - 1) / n
	}
	scatter, err := s.curvatures(topOf(s))
	if err != nil {
		t.Fatal(err)
	}
	want := math.Hypot(scatter.error(count), math.Sqrt(squares))
	if v := found["k_curvature"]; math.Abs(v.Sample-want) > 0.1*want {
		t.Errorf("the sampling error of e_K¹ᵀHe_K¹ = %g is %g, by dense matrices %g", v.Value, v.Sample, want)
	}
}

// topOf returns e_K¹ of the last measurement.
func topOf(s *Subject) []float32 {
	e := make([]float32, len(s.Theta))
	s.k.Top(e, 0)
	return e
}

// Under batch norm the mean curvature is that of the measurement set, and its variance that of
// minibatches.
func TestStabilityAlongNoiseOfNorm(t *testing.T) {
	s := network(true)
	found := measure(t, s, "k", "stability_k")
	curve, _, e := along(t, denseHessian(t, s, s.Problem.Set()), denseNoise(s, -1))
	expect(t, found, "k_curvature", curve, 1e-3)
	var x []float64
	for _, b := range s.Sharp {
		x = append(x, mat.Inner(e, denseHessian(t, s, b), e))
	}
	v, _ := variance(x)
	expect(t, found, "k_curvature_variance", v*6*float64(count-1)/count*4/3, 1e-3)
}

// If λ_H¹ and λ_K¹ are those predicted, with s² in proportion, Eq. 1 along e_K¹ holds with equality. With
// the full batch that is at 2/η.
func TestPredictionSolvesEq1AlongNoise(t *testing.T) {
	q := newQuadratic()
	found := measure(t, q.Subject, "k", "stability_k")
	h, p, k := found["k_curvature"].Value, found["predicted_h_max_k"].Value, found["predicted_k_max"].Value
	expect(t, found, "predicted_k_max", found["k_max"].Value*p/h, 1e-6)
	const c = float64(count-6) / (6 * (count - 1))
	if left := (1-rate*p)*(1-rate*p) + found["k_curvature_variance"].Value*k/found["k_max"].Value*rate*rate*c; math.Abs(left-1) > 1e-6 {
		t.Errorf("Eq. 1 at the prediction is %g", left)
	}
	q.Size = count
	q.Forget()
	expect(t, measure(t, q.Subject, "stability_k"), "predicted_h_max_k", 2/rate, 1e-6)
	q.LR = 0
	q.Forget()
	if _, ok := measure(t, q.Subject, "stability_k")["predicted_k_max"]; ok || omission(q.Subject, "predicted_k_max") == "" {
		t.Error("a closed form at the learning rate 0")
	}
	if e := topOf(q.Subject); math.Abs(tensor.Norm(e)-1) > 1e-6 {
		t.Errorf("e_K¹ has length %g", tensor.Norm(e))
	}
}

// |Δψ| is that of the dense eigenvector, for a step with the whole set.
func TestOscillation(t *testing.T) {
	s := network(false)
	_, _, e := along(t, denseHessian(t, s, s.Problem.Set()), denseNoise(s, -1))
	want := 0.0
	for i, g := range s.Problem.Gradient() {
		want += rate * float64(g) * e.AtVec(i)
	}
	expect(t, measure(t, s, "oscillation"), "step_along_k", math.Abs(want), 1e-4)
}
