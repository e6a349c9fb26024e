package kernel

import (
	"math"
	"testing"
)

// columns returns a rows×cols matrix whose columns have means of all sizes.
func columns(rows, cols int) []float32 {
	x := normals(source(), rows*cols)
	for i := range x {
		x[i] += float32(i%cols*7%30) * 0.3
	}
	return x
}

// TestMoments compares ColMoments and ColSquares with their defining loops
// within the stated bound, and AVX-512 with AVX2 to the bit.
func TestMoments(t *testing.T) {
	for cols := 1; cols < 150; cols += 1 + cols/20 {
		for _, rows := range []int{0, 1, 2, 7, 8, 9, 40, 101} {
			x, y := columns(rows, cols), columns(rows, cols)
			for i := range x {
				x[i] = -0.3*x[i] + y[(i+1)%len(y)]
			}
			results := map[level][]float64{}
			for _, l := range supported() {
				use(t, l)
				results[l] = momentsNear(t, x, y, rows, cols)
			}
			for i, v := range results[avx512] {
				if v != results[avx2][i] {
					t.Fatalf("%d×%d: AVX-512 %v, AVX2 %v at %d", rows, cols, v, results[avx2][i], i)
				}
			}
		}
	}
}

// momentsNear returns the results of the active set, checked.
func momentsNear(t *testing.T, x, y []float32, rows, cols int) []float64 {
	t.Helper()
	sum, dot, sumY, squares := make([]float64, cols+8), make([]float64, cols+8), make([]float64, cols+8), make([]float64, cols+8)
	for j := range sum {
		sum[j], dot[j], sumY[j], squares[j] = float64(j), -float64(j), 1, 2
	}
	ColMoments(sum[:cols], dot[:cols], x, y, rows, cols)
	ColSquares(sumY[:cols], squares[:cols], y, rows, cols)
	for j := range sum {
		first := 0.0
		if j < cols && rows > 0 {
			first = float64(y[j])
		}
		// The quantities that the doc comments bound: the sums, and the products
		// without what they have in common with the sums.
		got := [4]float64{sum[j], dot[j] - first*sum[j], sumY[j], squares[j] - 2*first*sumY[j]}
		want := [4]float64{float64(j), -float64(j) - first*float64(j), 1, 2 - 2*first}
		var size [4]float64
		for i := j; i < len(x) && j < cols; i += cols {
			u, v := float64(x[i]), float64(y[i])
			for k, term := range [4]float64{u, u * (v - first), v, v * (v - 2*first)} {
				want[k] += term
			}
			for k, term := range [4]float64{u, u * (v - first), v - first, (v - first) * (v - first)} {
				size[k] += math.Abs(term)
			}
		}
		for k := range got {
			if !(math.Abs(got[k]-want[k]) <= 5e-7*size[k]+1e-12*(math.Abs(want[k])+1e3)) {
				t.Fatalf("%s, %d×%d, column %d, sum %d: %v, want %v", ISA(), rows, cols, j, k, got[k], want[k])
			}
		}
	}
	return append(append(append(sum, dot...), sumY...), squares...)
}

// TestConstantColumns: the variance of equal values vanishes, whatever they are.
func TestConstantColumns(t *testing.T) {
	forEach(t, func(t *testing.T) {
		const rows, cols = 1000, 40
		x := make([]float32, rows*cols)
		for i := range x {
			x[i] = 1e3 / float32(1+i%cols)
		}
		sum, dot := make([]float64, cols), make([]float64, cols)
		ColSquares(sum, dot, x, rows, cols)
		for j := range cols {
			mean := sum[j] / rows
			if v := dot[j]/rows - mean*mean; math.Abs(v) > 1e-14*mean*mean {
				t.Errorf("variance %v of values %v", v, x[j])
			}
		}
	})
}
