package spectrum

import (
	"math"
	"testing"

	"breakeven/rng"
)

// The relation behind every residual, A·V = V·H + Z·B, and the bound on memory hold
// through expansions, turns, restarts and random directions.
func TestKrylovRelation(t *testing.T) {
	const n = 120
	a := randomDense(n, rng.New(1, "dense"))
	r := rng.New(2, "start")
	var start [][]float32
	for range 3 {
		start = append(start, toFloat32(unit(n, r)))
	}
	// MaxBasis is raised to 18.
	set := (&Settings{Largest: 3, Smallest: 2, MaxBasis: 4, Start: start}).defaults(n)
	l := &lanczos{krylov: krylov{a: a, n: n}, set: set, rand: random(nil, "test")}
	if err := l.begin(); err != nil {
		t.Fatal(err)
	}
	for step := range 60 {
		if _, err := l.step(); err != nil {
			t.Fatal(err)
		}
		if len(l.v)+len(l.z) > set.MaxBasis {
			t.Fatalf("step %d: %d + %d vectors, MaxBasis is %d", step, len(l.v), len(l.z), set.MaxBasis)
		}
		if e := l.defect(a); e > 2e-5 {
			t.Fatalf("step %d: ‖AV − VH − ZB‖ = %g", step, e)
		}
		if e := orthogonality(l.all()); e > 2e-6 {
			t.Fatalf("step %d: ‖QᵀQ − I‖ = %g", step, e)
		}
	}
}

func toFloat32(x []float64) []float32 {
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = float32(v)
	}
	return y
}

// defect returns the largest entry of A·V − V·H − Z·B.
func (k *krylov) defect(a Operator) float64 {
	var worst float64
	w := make([]float32, k.n)
	for j, v := range k.v {
		a.MulVecTo(w, v)
		for i := range w {
			x := float64(w[i])
			for p := range k.v {
				x -= float64(k.v[p][i]) * k.h[p][j]
			}
			for q := range k.z {
				x -= float64(k.z[q][i]) * k.b[q][j]
			}
			worst = max(worst, math.Abs(x))
		}
	}
	return worst
}

func orthogonality(q [][]float32) float64 {
	var worst float64
	for i := range q {
		for j := range i + 1 {
			want := 0.0
			if i == j {
				want = 1
			}
			worst = max(worst, math.Abs(dot(q[i], q[j])-want))
		}
	}
	return worst
}

func TestInvariantSubspaces(t *testing.T) {
	ones := make([]float64, 1000)
	for i := range ones {
		ones[i] = 2.5
	}
	lowRank := make([]float64, 1000)
	copy(lowRank, []float64{7, 5, -3})
	for _, tt := range []struct {
		name   string
		d      []float64
		k, m   int
		values []float64
	}{
		{"identity", ones, 3, 1, []float64{2.5, 2.5, 2.5, 2.5}},
		{"zero", make([]float64, 1000), 2, 0, []float64{0, 0}},
		{"rank 3", lowRank, 2, 2, []float64{7, 5, -3, 0}},
		{"dimension 1", []float64{-4}, 3, 2, []float64{-4, -4}},
		{"dimension 3", []float64{1, 1, 1}, 5, 0, []float64{1, 1, 1}},
		{"whole space", []float64{1, 2, 2, 3}, 4, 4, []float64{3, 2, 2, 1, 1, 2, 2, 3}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := newRotated(tt.d, 2, rng.New(4, "mirrors"))
			r := mustLanczos(t, a, &Settings{Largest: tt.k, Smallest: tt.m, Src: rng.New(5, "start")})
			if !r.Converged || len(r.Values) != len(tt.values) {
				t.Fatalf("%d values, converged %v", len(r.Values), r.Converged)
			}
			for i, v := range r.Values {
				if math.Abs(v-tt.values[i]) > r.Residuals[i] {
					t.Errorf("value %d: %g, want %g", i, v, tt.values[i])
				}
			}
			if r.Products > 20 {
				t.Errorf("%d products for %d distinct eigenvalues", r.Products, 4)
			}
		})
	}
}
