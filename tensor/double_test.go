package tensor_test

import (
	"fmt"
	"math"
	"runtime"
	"testing"

	"breakeven/rng"
	"breakeven/tensor"
)

// normal64 returns n normal variates.
func normal64(r *rng.Stream, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = r.NormFloat64()
	}
	return x
}

// random64 returns a rows×cols matrix, transposed if it is stored by columns.
func random64(r *rng.Stream, rows, cols, gap int, turned bool) tensor.Matrix64 {
	if turned {
		return tensor.Rows64(normal64(r, cols*(rows+gap)), rows+gap).T()
	}
	return tensor.Rows64(normal64(r, rows*(cols+gap)), cols+gap)
}

// chain is element (i, j) of s + sign·A·B as one chain of fused multiply-adds.
func chain(s, sign float64, a, b tensor.Matrix64, i, j, depth int) float64 {
	for k := range depth {
		s = math.FMA(sign*a.Data[i*a.Row+k*a.Col], b.Data[k*b.Row+j*b.Col], s)
	}
	return s
}

// The bits are those of the defining loop, and nothing else is written.
func TestProduct64(t *testing.T) {
	shapes := [][3]int{
		{0, 3, 4}, {3, 0, 4}, {3, 4, 0}, {1, 1, 1}, {1, 300, 70}, {70, 300, 1}, {40, 1, 50}, {12, 256, 16}, {13, 257, 17},
		{6, 31, 8}, {7, 513, 9}, {97, 20, 65}, {200, 5, 20}, {20, 5, 520},
	}
	for i, s := range shapes {
		for layout := range 16 {
			p := tensor.Product64{M: s[0], K: s[1], N: s[2], Minus: layout&8 > 0}
			acc, gap := layout&4 > 0, (i+layout)%3
			r := rng.New(1, "tensor/product64")
			a, b := random64(r, p.M, p.K, gap, layout&1 > 0), random64(r, p.K, p.N, gap, layout&2 > 0)
			ldc := p.N + gap
			c := normal64(r, p.M*ldc+5)
			got := append([]float64(nil), c...)
			p.Mul(got, ldc, a, b, acc)
			for at, v := range got {
				want := c[at]
				if ldc > 0 && at/ldc < p.M && at%ldc < p.N {
					s, sign := 0.0, 1.0
					if acc {
						s = want
					}
					if p.Minus {
						sign = -1
					}
					want = chain(s, sign, a, b, at/ldc, at%ldc, p.K)
				}
				if v != want {
					t.Fatalf("%+v, layout %d: number %d is %v, want %v", p, layout, at, v, want)
				}
			}
		}
	}
}

// The lower triangle of a symmetric product is that of the whole, for any number
// of cores.
func TestLowerProduct64(t *testing.T) {
	for _, n := range []int{1, 5, 40, 130, 600} {
		const k = 70
		e := tensor.Rows64(normal64(rng.New(2, "tensor/product64"), n*k), k)
		whole := make([]float64, n*n)
		tensor.Product64{M: n, K: k, N: n}.Mul(whole, n, e, e.T(), false)
		for _, cores := range []int{1, 3} {
			before := runtime.GOMAXPROCS(cores)
			lower := make([]float64, n*n)
			tensor.Product64{M: n, K: k, N: n, Lower: true}.Mul(lower, n, e, e.T(), false)
			runtime.GOMAXPROCS(before)
			for i := range n {
				for j := range i + 1 {
					if lower[i*n+j] != whole[i*n+j] {
						t.Fatalf("n = %d, %d cores: element (%d, %d) is %v, want %v", n, cores, i, j, lower[i*n+j], whole[i*n+j])
					}
				}
			}
		}
	}
}

func TestProduct64Panics(t *testing.T) {
	a := tensor.Rows64(make([]float64, 12), 4)
	c := make([]float64, 9)
	for name, f := range map[string]func(){
		"short c":       func() { tensor.Product64{M: 3, K: 4, N: 3}.Mul(c[1:], 3, a, a.T(), false) },
		"short a":       func() { tensor.Product64{M: 3, K: 5, N: 3}.Mul(c, 3, a, a.T(), false) },
		"lower, oblong": func() { tensor.Product64{M: 3, K: 4, N: 2, Lower: true}.Mul(c, 3, a, a.T(), false) },
	} {
		mustPanic(t, name, f)
	}
}

func TestProduct64AllocatesNothing(t *testing.T) {
	a, c := tensor.Rows64(make([]float64, 300*20), 20), make([]float64, 300*300)
	p := tensor.Product64{M: 300, K: 20, N: 300}
	if n := testing.AllocsPerRun(10, func() { p.Mul(c, 300, a, a.T(), false) }); n > 0 {
		t.Errorf("a product allocates %v times", n)
	}
}

func BenchmarkProduct64(b *testing.B) {
	for _, s := range [][3]int{{1024, 1024, 1024}, {2000, 100, 2000}, {2000, 3072, 2000}, {32, 2048, 4096}} {
		p := tensor.Product64{M: s[0], K: s[1], N: s[2]}
		r := rng.New(1, "tensor/bench")
		x, y, c := tensor.Rows64(normal64(r, p.M*p.K), p.K), tensor.Rows64(normal64(r, p.N*p.K), p.K), make([]float64, p.M*p.N)
		b.Run(fmt.Sprintf("%dx%dx%d", p.M, p.K, p.N), func(b *testing.B) {
			for b.Loop() {
				p.Mul(c, p.N, x, y.T(), false)
			}
			b.ReportMetric(2*float64(p.M*p.K*p.N)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}
