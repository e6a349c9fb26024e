package golden

import (
	"os"
	"testing"

	"gonum.org/v1/gonum/mat"

	"breakeven/curvature"
	"breakeven/nn"
	"breakeven/spectrum"

	"github.com/sbinet/npyio/npz"
)

// eigenpairs returns all eigenpairs, descending.
func eigenpairs(t *testing.T, m *mat.SymDense) *spectrum.Gram {
	t.Helper()
	g, err := spectrum.GramSpectrum(m, &spectrum.GramSettings{Largest: m.SymmetricDim()})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// centred returns the Gram matrix whose spectrum is that of K.
func centred(k *curvature.Covariance) *mat.SymDense {
	g := mat.NewSymDense(k.L, append([]float64(nil), k.Inner...))
	spectrum.Centre(g)
	g.ScaleSym(1/float64(k.L), g)
	return g
}

// kernel returns the tangent kernel of the first eight examples.
func kernel(t *testing.T, s *subject) *mat.SymDense {
	t.Helper()
	theta, err := curvature.TangentKernel(s.net, s.set.Slice(0, 8), s.theta, nil)
	if err != nil {
		t.Fatal(err)
	}
	return theta
}

// array reads one array of tiny's file of whole arrays.
func array(t *testing.T, name string) []float64 {
	t.Helper()
	return arrayOf(t, "testdata/tiny.seed0.arrays.npz", name)
}

func arrayOf(t *testing.T, file, name string) []float64 {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var x []float64
	if err := npz.Read(f, name+".npy", &x); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return x
}

// The whole gradient, per-example Gram matrix and tangent kernel of tiny.
func TestArrays(t *testing.T) {
	compare(t, []string{"tiny"}, func(t *testing.T, s *subject, l *ledger) {
		g := s.problem().Gradient()
		var want []float64
		for _, p := range s.net.Params() {
			want = append(want, array(t, "grad."+p.Name)...)
		}
		if len(want) != s.Dim {
			t.Fatalf("a gradient of %d numbers, want %d", len(want), s.Dim)
		}
		all(l, "whole gradient, to the largest", l.entries, g, want, largest(want...))

		k, err := curvature.ExampleCovariance(s.net, s.set, s.theta, nn.CrossEntropy{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		matrix(l, "whole Gram matrix (M = 1), to the largest", l.example, centred(&k.Covariance), array(t, "per_example_gram"))

		matrix(l, "whole Θ, to the largest", l.kernel, kernel(t, s), array(t, "ntk_first8"))
	})
}

// matrix compares all entries of a symmetric matrix, relative to the largest.
func matrix(l *ledger, quantity string, limit float64, got mat.Symmetric, want []float64) {
	n := got.SymmetricDim()
	for i := range n {
		for j := range n {
			l.near(quantity, limit, got.At(i, j), want[i*n+j], largest(want...))
		}
	}
}

// The whole tangent kernel of the lstm.
func TestTextArrays(t *testing.T) {
	compare(t, []string{"lstm"}, func(t *testing.T, s *subject, l *ledger) {
		theta := kernel(t, s)
		matrix(l, "whole Θ, to the largest", l.kernel, theta, arrayOf(t, shared(t, "lstm.seed0.arrays.npz"), "ntk_first8"))
	})
}
