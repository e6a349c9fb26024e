package golden

import (
	"math"
	"testing"
	"time"

	"breakeven/curvature"
	"breakeven/internal/testenv"
	"breakeven/nn"
	"breakeven/spectrum"
	"breakeven/tensor"
)

// lanczos finds eigenpairs to the accuracy that single measurements have.
func lanczos(t *testing.T, a spectrum.Operator, largest, smallest int) *spectrum.Result {
	t.Helper()
	start := time.Now()
	r, err := spectrum.Lanczos(a, &spectrum.Settings{Largest: largest, Smallest: smallest, Tol: 1e-5, MaxProducts: 1000})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d products in %.1f s, converged: %v", r.Products, time.Since(start).Seconds(), r.Converged)
	return r
}

// The ends of the spectrum of H, and the quantities made of its top eigenvector.
func TestHessianSpectrum(t *testing.T) {
	testenv.Slow(t)
	names := networks
	if !everything() {
		names = []string{"tiny", "mlp", "lstm"}
	}
	compare(t, names, func(t *testing.T, s *subject, l *ledger) {
		p := s.problem()
		r := lanczos(t, p.Hessian(), 5, 2)
		h := s.Hessian
		scale := largest(append(h.Top, h.Bottom...)...)
		all(l, "five eigenvalues of H, to the largest", l.hessian, r.Values[:5], h.Top, scale)
		all(l, "two smallest of H, to the largest", l.hessian, r.Values[5:], h.Bottom, scale)
		for i, v := range r.Values {
			want := append(h.Top, h.Bottom...)[i]
			if d := math.Abs(v - want); d > r.Residuals[i]+l.hessian*scale {
				t.Errorf("eigenvalue %g is %.3g from %g, but its residual is %.3g", v, d, want, r.Residuals[i])
			}
		}

		e := r.Vectors[0]
		cosine := func(v []float32) float64 { return math.Abs(tensor.Dot(e, v)) / tensor.Norm(v) }
		l.near("cos(e_H¹, g)", l.along, cosine(p.Gradient()), h.CosGradient, 1)
		s.compareAlong(l, p, e)
		g := lanczos(t, p.GaussNewton(), 1, 0)
		l.relative("λ_G¹", l.ggn, g.Values[0], s.GaussNewton.Max)
		l.near("cos(e_H¹, e_G¹)", l.along, cosine(g.Vectors[0]), s.GaussNewton.Cosine, 1)

		v := make([]float32, s.Dim)
		k, err := p.Covariance(s.parts())
		if err != nil {
			t.Fatal(err)
		}
		k.Top(v, 0)
		l.near("cos(e_H¹, e_K¹)", l.along, cosine(v), h.CosMinibatch, 1)
		if h.CosExample == nil {
			return
		}
		one, err := curvature.ExampleCovariance(s.net, s.set, s.theta, nn.CrossEntropy{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		one.Top(v, 0)
		l.near("cos(e_H¹, e_K¹) (M = 1)", l.along, cosine(v), *h.CosExample, 1)
	})
}

// compareAlong compares curvatures and slopes of single examples along e_H¹.
func (s *subject) compareAlong(l *ledger, p *curvature.Problem, e []float32) {
	if s.Along == nil {
		return
	}
	x, slopes := make([]float64, s.N), make([]float64, s.N)
	p.Curvatures(x, e)
	p.Slopes(slopes, e)
	mean, variance := 0.0, 0.0
	for _, v := range x {
		mean += v / float64(s.N)
	}
	for _, v := range x {
		variance += (v - mean) * (v - mean) / float64(s.N)
	}
	a := s.Along
	all(l, "eᵀH_i e, to the largest", l.along, x, a.EHE, largest(a.EHE...))
	l.relative("mean of eᵀH_i e", l.along, mean, a.Mean)
	l.relative("s²", l.along, variance, a.Variance)
	for i, want := range a.GE {
		l.near("|g_i·e|, to the largest", l.along, math.Abs(slopes[i]), want, largest(a.GE...))
	}
	q := s.Stability
	n, size := float64(q.N), float64(q.S)
	left := (1-q.Eta*mean)*(1-q.Eta*mean) + variance*q.Eta*q.Eta*(n-size)/(size*(n-1))
	l.relative("left side of Eq. 1", l.along, left, q.Left)
}
