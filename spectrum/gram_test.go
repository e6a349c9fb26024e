package spectrum

import (
	"errors"
	"math"
	"testing"

	"breakeven/rng"

	"gonum.org/v1/gonum/mat"
)

// vectors returns n random vectors of the given dimension with a common mean.
func vectors(n, dim int, r *rng.Stream) *mat.Dense {
	g := mat.NewDense(n, dim, nil)
	for j := range dim {
		mean := 3 * r.NormFloat64()
		for i := range n {
			g.Set(i, j, mean+r.NormFloat64()*float64(j%3+1))
		}
	}
	return g
}

func gramOf(g *mat.Dense) *mat.SymDense {
	n, _ := g.Dims()
	var s mat.SymDense
	s.SymOuterK(1/float64(n), g)
	return &s
}

// The Gram matrix has the spectrum of the covariance matrix, written out.
func TestGramAgainstCovariance(t *testing.T) {
	for _, c := range [][2]int{{2, 5}, {5, 12}, {8, 8}, {25, 40}, {12, 4}} {
		n, dim := c[0], c[1]
		g := vectors(n, dim, rng.New(uint64(n), "vectors"))
		inner := gramOf(g)
		Centre(inner)
		got, err := GramSpectrum(inner, &GramSettings{Largest: n})
		if err != nil {
			t.Fatal(err)
		}
		cov := dense{covariance(g)}
		want := cov.eigenvalues()
		for i, v := range got.Values {
			w := 0.0
			if i < dim {
				w = want[i]
			}
			if math.Abs(v-w) > 1e-12*want[0] {
				t.Errorf("%d vectors in %d dimensions: eigenvalue %d is %g, want %g", n, dim, i, v, w)
			}
		}
		if math.Abs(got.Min()-got.Values[n-2]) > 1e-15*want[0] || got.Max() != got.Values[0] {
			t.Errorf("Min %g, Max %g of %v", got.Min(), got.Max(), got.Values)
		}
		if tr := mat.Trace(cov); math.Abs(got.Trace()-tr) > 1e-12*tr {
			t.Errorf("trace %g, want %g", got.Trace(), tr)
		}
		if r := got.Rank(); r < 1-1e-12 || r > float64(n-1)+1e-12 {
			t.Errorf("effective rank %g outside 1…%d", r, n-1)
		}
		checkLift(t, g, cov, got)
	}
}

// covariance returns (1/n) Σ (g_i − ḡ)(g_i − ḡ)ᵀ.
func covariance(g *mat.Dense) *mat.SymDense {
	n, dim := g.Dims()
	c := mat.DenseCopyOf(g)
	for j := range dim {
		mean := mat.Sum(g.ColView(j)) / float64(n)
		for i := range n {
			c.Set(i, j, c.At(i, j)-mean)
		}
	}
	var s mat.SymDense
	s.SymOuterK(1/float64(n), c.T())
	return &s
}

// checkLift tests Gram.Vectors: Σ u_i·g_i, of the uncentred vectors, is an eigenvector
// of the covariance.
func checkLift(t *testing.T, g *mat.Dense, cov dense, s *Gram) {
	t.Helper()
	n, dim := g.Dims()
	e := mat.NewVecDense(dim, nil)
	e.MulVec(g.T(), s.Vectors.ColView(0))
	e.ScaleVec(1/math.Sqrt(s.Max()*float64(n)), e)
	if l := mat.Norm(e, 2); math.Abs(l-1) > 1e-10 {
		t.Errorf("the lifted eigenvector has length %g", l)
	}
	var r mat.VecDense
	r.MulVec(cov.SymDense, e)
	r.AddScaledVec(&r, -s.Max(), e)
	if l := mat.Norm(&r, 2); l > 1e-10*s.Max() {
		t.Errorf("‖Ke − λe‖ = %g", l)
	}
}

func TestCentre(t *testing.T) {
	g := gramOf(vectors(9, 30, rng.New(1, "vectors")))
	Centre(g)
	var rows mat.VecDense
	rows.MulVec(g, mat.NewVecDense(9, []float64{1, 1, 1, 1, 1, 1, 1, 1, 1}))
	if l := mat.Norm(&rows, 2); l > 1e-12*mat.Norm(g, 2) {
		t.Errorf("rows sum to %g", l)
	}
	again := mat.NewSymDense(9, nil)
	again.CopySym(g)
	Centre(again)
	if !mat.EqualApprox(g, again, 1e-12) {
		t.Error("centring twice changes the matrix")
	}
}

func TestGramEdges(t *testing.T) {
	one := mat.NewSymDense(1, []float64{5})
	Centre(one)
	s, err := GramSpectrum(one, nil)
	if err != nil {
		t.Fatal(err)
	}
	if s.Max() != 0 || s.Trace() != 0 || !math.IsNaN(s.Min()) || !math.IsNaN(s.Rank()) || !math.IsNaN(s.Condition()) {
		t.Errorf("one vector: %+v", *s)
	}
	two := mat.NewSymDense(2, []float64{1, 0, 0, 1})
	Centre(two)
	if s, _ = GramSpectrum(two, nil); s.Min() != s.Max() || math.Abs(s.Rank()-1) > 1e-15 || s.Condition() != 1 {
		t.Errorf("two vectors: %+v", *s)
	}
	if _, err = GramSpectrum(mat.NewSymDense(2, []float64{1, math.NaN(), math.NaN(), 1}), nil); !errors.Is(err, ErrNotFinite) {
		t.Errorf("NaN: %v", err)
	}
}
