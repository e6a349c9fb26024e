package spectrum

import (
	"fmt"
	"math"
	"testing"

	"breakeven/rng"

	"gonum.org/v1/gonum/mat"
)

// repeated returns the value, copies times, followed by the rest.
func repeated(copies int, value float64, rest ...float64) []float64 {
	var d []float64
	for range copies {
		d = append(d, value)
	}
	return append(d, rest...)
}

// twin is a dense matrix with the given eigenvalues.
func twin(values []float64, r *rng.Stream) dense {
	a, n := newRotated(values, 3, r), len(values)
	m := mat.NewSymDense(n, nil)
	e, col := make([]float32, n), make([]float32, n)
	for j := range n {
		clear(e)
		e[j] = 1
		a.MulVecTo(col, e)
		for i := range j + 1 {
			m.SetSym(i, j, float64(col[i]))
		}
	}
	return dense{m}
}

// Of multiple eigenvalues all copies that are wanted are found, whether the other
// eigenvalues are zero, so that the basis becomes invariant, or a bulk, with which it
// never does.
func TestMultipleEigenvalues(t *testing.T) {
	for _, n := range []int{30, 120} {
		bulk := network(n, nil, 3, 1)
		for copies := 2; copies <= 20; copies += 6 {
			for name, d := range map[string][]float64{
				"over zero":    repeated(copies, 0.1, make([]float64, n-copies)...),
				"over one":     repeated(copies, 0.1, repeated(n-copies, -1)...),
				"over a bulk":  repeated(copies, 5, bulk[copies:]...),
				"below a top":  append([]float64{9, 8}, repeated(copies, 5, bulk[copies+2:]...)...),
				"at both ends": append(repeated(copies/2, 5, bulk[copies:]...), repeated(copies-copies/2, -5)...),
				"negative":     append(bulk[copies:n:n], repeated(copies, -7)...),
				"all":          repeated(copies, 2.5),
			} {
				t.Run(fmt.Sprintf("%d/%d %s", n, copies, name), func(t *testing.T) {
					a := twin(d, rng.New(uint64(copies), "mirrors"))
					for seed := range uint64(3) {
						s := &Settings{Largest: 5, Smallest: 2, Tol: 1e-3, Src: rng.New(seed, "start")}
						r := mustLanczos(t, a, s)
						if !r.Converged {
							t.Errorf("seed %d: not converged after %d products: %v", seed, r.Products, r.Values)
						}
						checkPairs(t, a, r, s, a.eigenvalues())
					}
				})
			}
		}
	}
}

// Clusters as narrow as the tolerance, and a start that has only some of their vectors.
// If seven values are not resolved, the fifth may be one of the next two.
func TestClusters(t *testing.T) {
	for _, width := range []float64{0, 1e-6, 1e-4, 1e-2} {
		d := network(300, nil, 3, 3)
		for i := range 7 {
			d[i] = 5 - width*float64(i)
		}
		a := twin(d, rng.New(3, "mirrors"))
		for seed := range uint64(5) {
			s := &Settings{Largest: 5, Smallest: 1, Src: rng.New(seed, "start")}
			for _, begun := range []string{"random", "warm"} {
				r := mustLanczos(t, a, s)
				if !r.Converged {
					t.Errorf("width %g, seed %d, %s: not converged", width, seed, begun)
				}
				for i, want := range a.eigenvalues()[:5] {
					if d := math.Abs(r.Values[i] - want); d > 2*width+r.Residuals[i] {
						t.Errorf("width %g, seed %d, %s: value %d is %g ± %g, want %g", width, seed, begun, i, r.Values[i], r.Residuals[i], want)
					}
				}
				s.Start = r.Vectors[:2]
			}
		}
	}
}

// A search that runs out of products before it has excluded further copies says
// that it has not converged.
func TestCopiesNotExcluded(t *testing.T) {
	d := repeated(20, 5, network(300, nil, 3, 3)...)
	a := newRotated(d, 2, rng.New(3, "mirrors"))
	all := sorted(d)
	unsure := 0
	for most := 5; most < 120; most += 5 {
		r := mustLanczos(t, a, &Settings{Largest: 5, MaxProducts: most})
		if r.Products > most {
			t.Errorf("%d products, at most %d were asked for", r.Products, most)
		}
		if r.Converged && r.Missing {
			t.Errorf("%d products: converged, and something is missing", r.Products)
		}
		for i, v := range r.Values {
			if r.Converged && math.Abs(v-all[i]) > 1e-3*all[i] {
				t.Errorf("%d products: converged with %v", most, r.Values)
			}
		}
		if r.Missing {
			unsure++
		}
	}
	if unsure == 0 {
		t.Error("nothing was ever missing")
	}
}
