package kernel

import (
	"math"
	"testing"
)

func TestDot(t *testing.T) {
	want := make([]float64, 200)
	use(t, generic)
	x, y := normals(source(), 200), values(1, 200)
	for i, v := range y {
		if v != v || math.IsInf(float64(v), 0) || v > 1e30 {
			y[i] = 0.5
		}
	}
	for n := range want {
		want[n] = Dot(x[:n], y[:n])
		sum, size := 0.0, 0.0
		for i := range n {
			v := float64(x[i]) * float64(y[i])
			sum, size = sum+v, size+math.Abs(v)
		}
		if !(math.Abs(sum-want[n]) <= 1e-15*float64(n)*size) {
			t.Errorf("Dot of length %d = %v, want %v", n, want[n], sum)
		}
	}
	forEach(t, func(t *testing.T) {
		for n := range want {
			if got := Dot(x[:n], y[:n]); got != want[n] {
				t.Errorf("Dot of length %d = %v, generic %v", n, got, want[n])
			}
		}
		if got := Dot([]float32{1, nan, 2}, []float32{1, 1, 1}); got == got {
			t.Errorf("Dot with a NaN = %v", got)
		}
	})
}

func TestColSum(t *testing.T) {
	forEach(t, func(t *testing.T) {
		rnd := source()
		for cols := range 100 {
			for _, rows := range []int{0, 1, 2, 13} {
				x, sum := normals(rnd, rows*cols), make([]float64, cols+8)
				for j := range sum {
					sum[j] = float64(j)
				}
				ColSum(sum[:cols], x, rows, cols)
				for j, got := range sum {
					want := float64(j)
					for r := 0; r < rows && j < cols; r++ {
						want += float64(x[r*cols+j])
					}
					if got != want {
						t.Fatalf("%d×%d, column %d: %v, want %v", rows, cols, j, got, want)
					}
				}
			}
		}
	})
}

func TestMaxOffsets(t *testing.T) {
	forEach(t, func(t *testing.T) {
		rnd := source()
		for range 500 {
			stride, taps := MR(), 1+rnd.IntN(10)
			rows := 1 + rnd.IntN(stride)
			if rnd.IntN(2) == 0 {
				stride, taps = 1+rnd.IntN(100), 1
				rows = stride
			}
			off := make([]int32, taps*stride)
			for i := range off {
				off[i] = int32(rnd.IntN(1000) - 900)
				if i%stride >= rows {
					off[i] = math.MaxInt32
				}
			}
			off = off[: (taps-1)*stride+rows : (taps-1)*stride+rows]
			if got, want := maxOffsets(off, stride, rows, taps), maxOffsetsGeneric(off, stride, rows, taps); got != want {
				t.Fatalf("stride %d, rows %d, taps %d: %d, want %d", stride, rows, taps, got, want)
			}
		}
	})
}
