package spectrum

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"breakeven/internal/testenv"
	"breakeven/rng"
)

func mustQuadrature(t *testing.T, a Operator, s *DensitySettings) *Density {
	t.Helper()
	d, err := Quadrature(a, s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The m-point rule of a probe v integrates polynomials of degree up to 2m−1
// exactly: Σ w_i p(x_i) = vᵀp(A)v.
func TestGaussIsExactForPolynomials(t *testing.T) {
	const n, steps = 40, 6
	a := randomDense(n, rng.New(1, "dense"))
	v := toFloat32(unit(n, rng.New(2, "v")))
	want := make([]float64, 2*steps)
	x, w := slices.Clone(v), make([]float32, n)
	for k := range want {
		want[k] = dot(v, x) // vᵀ(A/10)^k v
		a.MulVecTo(w, x)
		scale(w, 0.1)
		x, w = w, x
	}
	for _, forget := range []bool{false, true} {
		alpha, beta, err := (&krylov{a: a, n: n}).tridiagonal(slices.Clone(v), steps, forget)
		if err != nil {
			t.Fatal(err)
		}
		nodes, weights, err := gauss(alpha, beta)
		if err != nil {
			t.Fatal(err)
		}
		if len(nodes) != steps || !slices.IsSorted(nodes) {
			t.Fatalf("nodes %v", nodes)
		}
		for k := range want {
			var got float64
			for i, z := range nodes {
				got += weights[i] * math.Pow(z/10, float64(k))
			}
			if math.Abs(got-want[k]) > 1e-5 {
				t.Errorf("forget %v, degree %d: %g, want %g", forget, k, got, want[k])
			}
		}
	}
}

func TestDensityIsADensity(t *testing.T) {
	d := network(3000, []float64{30, 20, 12}, 1, 2)
	a := newRotated(d, 2, rng.New(1, "mirrors"))
	for _, s := range []*DensitySettings{
		{Steps: 40}, {Steps: 40, Gaussian: true}, {Steps: 40, Forget: true}, {Steps: 40, Points: 200, Sigma: 0.5},
	} {
		t.Run(fmt.Sprintf("%+v", *s), func(t *testing.T) {
			got := mustQuadrature(t, a, s)
			if got.Products != 160 {
				t.Errorf("%d products, want 160", got.Products)
			}
			var integral float64
			for i := 1; i < len(got.Grid); i++ {
				integral += (got.Grid[i] - got.Grid[i-1]) * (got.Value[i] + got.Value[i-1]) / 2
			}
			if math.Abs(integral-1) > 2e-3 {
				t.Errorf("integral %g", integral)
			}
			for p, w := range got.Weights {
				var sum float64
				for _, x := range w {
					sum += x
				}
				if math.Abs(sum-1) > 1e-10 {
					t.Errorf("weights of probe %d sum to %g", p, sum)
				}
			}
			top := got.Nodes[0][len(got.Nodes[0])-1]
			if math.Abs(top-30) > 1e-3 {
				t.Errorf("largest node %g, want 30", top)
			}
		})
	}
}

// With as many steps as dimensions and many probes the blurred density is
// that of the eigenvalues themselves.
func TestDensityConverges(t *testing.T) {
	d := []float64{-2, -1, -0.5, 0, 0, 0.25, 1, 1.5, 3, 7}
	a := newRotated(d, 2, rng.New(1, "mirrors"))
	s := &DensitySettings{Probes: 4000, Sigma: 0.4, Points: 60, Src: rng.New(2, "probes")}
	got := mustQuadrature(t, a, s)
	for i, x := range got.Grid {
		var want float64
		for _, v := range d {
			want += math.Exp(-(x-v)*(x-v)/(2*0.4*0.4)) / (0.4 * math.Sqrt(2*math.Pi)) / float64(len(d))
		}
		if e := math.Abs(got.Value[i] - want); e > 4*got.StdErr[i]+1e-6 || e > 0.01 {
			t.Errorf("density at %.2f: %.5f ± %.5f, want %.5f", x, got.Value[i], got.StdErr[i], want)
		}
	}
}

// The stated standard error covers the truth as often as Student's t with 9
// degrees of freedom says for ± 2: 92.3 %.
func TestDensityErrorCovers(t *testing.T) {
	d := network(400, []float64{6, 5, 3}, 1, 2)
	var truth float64
	for _, v := range d {
		truth += v * v / 400
	}
	a := newRotated(d, 2, rng.New(1, "mirrors"))
	covered, src := 0, rng.New(9, "probes")
	const trials = 400
	for range trials {
		got := mustQuadrature(t, a, &DensitySettings{Probes: 10, Steps: 3, Points: 2, Src: src})
		mean, stderr := got.Mean(func(x float64) float64 { return x * x })
		if math.Abs(mean-truth) < 2*stderr {
			covered++
		}
	}
	if share := float64(covered) / trials; share < 0.88 || share > 0.97 {
		t.Errorf("covered in %.1f %% of trials, want 92 %%", 100*share)
	}
}

// Without reorthogonalisation copies of eigenvalues appear, and share their weight.
func TestForgetKeepsTheDensity(t *testing.T) {
	d := network(2000, []float64{30, 20, 12, 9, 7}, 2, 2)
	a := newRotated(d, 2, rng.New(1, "mirrors"))
	s := &DensitySettings{Steps: 100, Sigma: 0.5, Src: rng.New(3, "probes")}
	full := mustQuadrature(t, a, s)
	s.Forget, s.Src, s.Min, s.Max = true, rng.New(3, "probes"), full.Grid[0], full.Grid[511]
	short := mustQuadrature(t, a, s)
	ghosts := 0
	for _, x := range short.Nodes[0] {
		if math.Abs(x-30) < 1e-3 {
			ghosts++
		}
	}
	if ghosts < 2 {
		t.Errorf("%d copies of the largest eigenvalue: the test is too easy", ghosts)
	}
	for i := range full.Grid {
		if e := math.Abs(full.Value[i] - short.Value[i]); e > 1e-4 {
			t.Errorf("density at %.2f: %g, with reorthogonalisation %g", full.Grid[i], short.Value[i], full.Value[i])
		}
	}
}

func TestDensityOfSimpleOperators(t *testing.T) {
	for name, d := range map[string]diagonal{"zero": make(diagonal, 50), "one": {3}, "identity": {2, 2, 2, 2}} {
		t.Run(name, func(t *testing.T) {
			got := mustQuadrature(t, d, &DensitySettings{Probes: 1})
			if got.Products != 1 || math.Abs(got.Nodes[0][0]-d[0]) > 1e-6 {
				t.Errorf("%d products, nodes %v", got.Products, got.Nodes)
			}
			if !finite(got.Value...) || !math.IsNaN(got.StdErr[0]) {
				t.Errorf("density %v ± %v", got.Value[:3], got.StdErr[:3])
			}
		})
	}
}

func TestDensityBits(t *testing.T) {
	a := newRotated(network(2*block+5, []float64{9, 8}, 2, 3), 1, rng.New(1, "mirrors"))
	var first *Density
	testenv.OnProcessors(t, func(when string) {
		d := mustQuadrature(t, a, &DensitySettings{Probes: 2, Steps: 12})
		if first == nil {
			first = d
		}
		if !slices.Equal(d.Value, first.Value) || !slices.Equal(d.StdErr, first.StdErr) {
			t.Errorf("another density %s", when)
		}
	})
}
