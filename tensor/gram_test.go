package tensor_test

import (
	"math"
	"runtime"
	"slices"
	"testing"

	"breakeven/rng"
	"breakeven/tensor"
)

// The inner products of rows are those of sums in float64 within the stated bound, with
// equal bits for any number of workers.
func TestGram(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, s := range [][2]int{{1, 1}, {3, 5}, {40, 1}, {70, 256}, {70, 257}, {130, 1500}} {
		n, k := s[0], s[1]
		e, part := normal(rng.New(7, "tensor/gram"), n*k), make([]float32, n*n)
		var first []float64
		for _, workers := range []int{1, 2, 5} {
			runtime.GOMAXPROCS(workers)
			dst := make([]float64, n*n)
			for i := range dst {
				dst[i] = 1 // Gram adds
			}
			tensor.Gram(dst, part, n, k, e)
			if first == nil {
				first = dst
			} else if !slices.Equal(dst, first) {
				t.Errorf("%d×%d: other bits with %d workers", n, k, workers)
			}
		}
		for i := range n {
			for j := range n {
				want, size := 1.0, 0.0
				for c := range k {
					v := float64(e[i*k+c]) * float64(e[j*k+c])
					want, size = want+v, size+math.Abs(v)
				}
				if j > i {
					want, size = 1, 0 // untouched
				}
				if got := first[i*n+j]; math.Abs(got-want) > 257.0/(1<<24)*size {
					t.Fatalf("%d×%d: element (%d,%d) is %v, want %v", n, k, i, j, got, want)
				}
			}
		}
	}
}

func TestGramPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a matrix that is too small is taken")
		}
	}()
	tensor.Gram(make([]float64, 4), make([]float32, 3), 2, 1, make([]float32, 2))
}
