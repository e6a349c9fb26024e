package spectrum

import (
	"math"
	"slices"
	"testing"

	"breakeven/rng"
)

// Lengths around that of a block: one block, several, and incomplete ones.
var lengths = []int{1, 2, 255, 256, 257, block - 1, block, block + 1, 3*block + 7}

func TestVectorsAgainstLoops(t *testing.T) {
	r := rng.New(1, "vectors")
	for _, n := range lengths {
		q := make([][]float32, 3)
		for j := range q {
			q[j] = toFloat32(unit(n, r))
		}
		w, c := toFloat32(unit(n, r)), []float64{0.5, -2, 3}
		got := dots(q, w)
		want := slices.Clone(w)
		for j, v := range q {
			var s float64
			for i, x := range v {
				s += float64(x) * float64(w[i])
				want[i] -= float32(c[j]) * x
			}
			if math.Abs(got[j]-s) > 1e-13 {
				t.Errorf("n=%d: inner product %g, want %g", n, got[j], s)
			}
		}
		sums := combine(q, [][]float64{c, {1, 0, 0}})
		subtract(w, c, q)
		for i := range w {
			if math.Abs(float64(w[i]-want[i])) > 1e-6 {
				t.Fatalf("n=%d: subtract at %d: %g, want %g", n, i, w[i], want[i])
			}
			s := c[0]*float64(q[0][i]) + c[1]*float64(q[1][i]) + c[2]*float64(q[2][i])
			if math.Abs(float64(sums[0][i])-s) > 1e-6*math.Abs(s)+1e-9 || sums[1][i] != q[0][i] {
				t.Fatalf("n=%d: combine at %d: %g, want %g", n, i, sums[0][i], s)
			}
		}
	}
}

func TestOrthogonalise(t *testing.T) {
	r := rng.New(2, "vectors")
	for _, n := range []int{8, 100, 2*block + 3} {
		var q [][]float32
		for range 6 {
			w := toFloat32(unit(n, r))
			// A vector almost in the span of the others: one pass is not enough.
			for j, v := range q {
				subtract(w, []float64{-1000 * float64(j+1)}, [][]float32{v})
			}
			before := slices.Clone(w)
			c, left := orthogonalise(w, q)
			scale(w, 1/left)
			q = append(q, w)
			if e := orthogonality(q); e > 1e-6 {
				t.Errorf("n=%d, %d vectors: ‖QᵀQ − I‖ = %g", n, len(q), e)
			}
			if back := combine(q, [][]float64{append(slices.Clone(c), left)})[0]; norm(minus(back, before)) > 1e-6*norm(before) {
				t.Errorf("n=%d, %d vectors: the coefficients do not give the vector back", n, len(q))
			}
		}
	}
}

func minus(x, y []float32) []float32 {
	d := slices.Clone(x)
	for i := range d {
		d[i] -= y[i]
	}
	return d
}

func TestProbes(t *testing.T) {
	r := random(rng.New(3, "probes"), "")
	for _, normal := range []bool{false, true} {
		v := make([]float32, 100003)
		probe(v, normal, r)
		var mean, square float64
		for _, x := range v {
			mean += float64(x) / float64(len(v))
			square += float64(x) * float64(x) / float64(len(v))
		}
		if math.Abs(mean) > 0.015 || math.Abs(square-1) > 0.02 || !normal && math.Abs(square-1) > 1e-9 {
			t.Errorf("normal %v: mean %g, mean square %g", normal, mean, square)
		}
	}
}

// combine is combineTo into new vectors.
func combine(v [][]float32, s [][]float64) [][]float32 {
	out := make([][]float32, len(s))
	for k := range out {
		out[k] = make([]float32, len(v[0]))
	}
	combineTo(out, v, s)
	return out
}
