package tensor_test

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"breakeven/internal/testenv"
	"breakeven/rng"
	"breakeven/tensor"
)

// A productCase is a product and the layout of its factors.
type productCase struct {
	tensor.Product
	turnA, turnB, acc bool
	gap               int // numbers between the rows of each matrix
}

func (p productCase) String() string {
	return fmt.Sprintf("%d×%d×%d, a turned %v, b turned %v, acc %v, gap %d", p.M, p.K, p.N, p.turnA, p.turnB, p.acc, p.gap)
}

// random returns a rows×cols matrix, transposed if it is stored by columns.
func random(r *rng.Stream, rows, cols, gap int, turned bool) tensor.Matrix {
	if turned {
		return tensor.Rows(normal(r, cols*(rows+gap)), rows+gap).T()
	}
	return tensor.Rows(normal(r, rows*(cols+gap)), cols+gap)
}

func at(m tensor.Matrix, i, j int) float32 { return m.Data[i*m.Row+j*m.Col] }

// check compares the product with sums in float64, and the numbers between the rows of
// c with those from before.
func (p productCase) check(t *testing.T) {
	t.Helper()
	r := rng.New(3, "tensor/product")
	a, b := random(r, p.M, p.K, p.gap, p.turnA), random(r, p.K, p.N, p.gap, p.turnB)
	ldc := p.N + p.gap
	start := normal(r, p.M*ldc)
	want, size := sums(start)
	for i := range p.M {
		for j := range p.N {
			if !p.acc {
				want[i*ldc+j], size[i*ldc+j] = 0, 0
			}
			for k := range p.K {
				addProduct(want, size, i*ldc+j, at(a, i, k), at(b, k, j))
			}
		}
	}
	c := newGuarded(start)
	p.Mul(c.x, ldc, a, b, p.acc)
	c.check(t, p.String(), want, size)
}

func TestProduct(t *testing.T) {
	shapes := [][3]int{
		{0, 3, 4}, {3, 0, 4}, {3, 4, 0}, {1, 1, 1}, {1, 300, 70}, {70, 300, 1}, {40, 1, 50}, {12, 256, 32}, {13, 257, 33},
		{25, 31, 16}, {7, 512, 17}, {30, 2, 65}, {128, 64, 10}, {2, 513, 49}, {33, 600, 129}, {530, 40, 40}, {50, 40, 500},
	}
	for i, s := range shapes {
		for layout := range 8 {
			p := productCase{tensor.Product{M: s[0], K: s[1], N: s[2]}, layout&1 > 0, layout&2 > 0, layout&4 > 0, (i + layout) % 3}
			p.check(t)
		}
	}
}

// The lower triangle of a symmetric product is that of the whole.
func TestLowerProduct(t *testing.T) {
	for _, n := range []int{1, 5, 40, 130, 600} {
		const k = 70
		e := tensor.Rows(normal(rng.New(4, "tensor/product"), n*k), k)
		whole, lower := make([]float32, n*n), make([]float32, n*n)
		tensor.Product{M: n, K: k, N: n}.Mul(whole, n, e, e.T(), false)
		tensor.Product{M: n, K: k, N: n, Lower: true}.Mul(lower, n, e, e.T(), false)
		for i := range n {
			if !slices.Equal(lower[i*n:i*n+i+1], whole[i*n:i*n+i+1]) {
				t.Fatalf("row %d of %d differs", i, n)
			}
		}
	}
}

// The tasks cover each element once, and the bits are the same for any number of
// workers and however a matrix lies.
func TestProductWorkers(t *testing.T) {
	p := tensor.Product{M: 150, K: 300, N: 500}
	r := rng.New(5, "tensor/product")
	a, b := random(r, p.M, p.K, 0, false), random(r, p.K, p.N, 0, false)
	turned := make([]float32, len(a.Data))
	for i := range p.M {
		for k := range p.K {
			turned[k*p.M+i] = at(a, i, k)
		}
	}
	want := make([]float32, p.M*p.N)
	p.Mul(want, p.N, a, b, false)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, workers := range []int{1, 2, 3, 4, 7, 16, 40} {
		runtime.GOMAXPROCS(workers)
		times := make([]int, p.M*p.N)
		cut := p.Cut(workers)
		for task := range cut.Tasks() {
			row, end, col, colEnd := cut.Block(task)
			for i := row; i < end; i++ {
				for j := col; j < colEnd; j++ {
					times[i*p.N+j]++
				}
			}
		}
		if slices.Min(times) != 1 || slices.Max(times) != 1 {
			t.Errorf("%d workers: elements are computed %d to %d times", workers, slices.Min(times), slices.Max(times))
		}
		for _, left := range []tensor.Matrix{a, tensor.Rows(turned, p.M).T()} {
			c := make([]float32, p.M*p.N)
			p.Mul(c, p.N, left, b, false)
			if !slices.Equal(c, want) {
				t.Errorf("%d workers, left factor with strides %d and %d: other bits", workers, left.Row, left.Col)
			}
		}
	}
}

// The number of processors may change at any time: products and Gram matrices are
// cut once.
func TestProductWhileProcessorsChange(t *testing.T) {
	shapes := []tensor.Product{{M: 64, K: 40, N: 96}, {M: 33, K: 300, N: 200}, {M: 128, K: 64, N: 31}, {M: 90, K: 70, N: 90, Lower: true}}
	r := rng.New(8, "tensor/product")
	var a, b []tensor.Matrix
	var want [][]float32
	for _, p := range shapes {
		a, b = append(a, random(r, p.M, p.K, 0, false)), append(b, random(r, p.K, p.N, 0, false))
		c := make([]float32, p.M*p.N)
		p.Mul(c, p.N, a[len(a)-1], b[len(b)-1], false)
		want = append(want, c)
	}
	const n, k = 70, 600
	rows, part := random(r, n, k, 0, false).Data, make([]float32, n*n)
	gram := make([]float64, n*n)
	tensor.Gram(gram, part, n, k, rows)

	testenv.FlipProcessors(t)
	for i := range 10000 {
		s := i % len(shapes)
		p, c := shapes[s], slices.Clone(want[s])
		for j := range c {
			if !p.Lower || j%p.N <= j/p.N {
				c[j] = -1
			}
		}
		p.Mul(c, p.N, a[s], b[s], false)
		for j := range c {
			if c[j] != want[s][j] && (!p.Lower || j%p.N <= j/p.N) {
				t.Fatalf("product %d, %+v: element %d is %v, want %v", i, p, j, c[j], want[s][j])
			}
		}
		if i%10 == 0 {
			again := make([]float64, n*n)
			tensor.Gram(again, part, n, k, rows)
			if !slices.Equal(again, gram) {
				t.Fatalf("Gram matrix %d has other bits", i)
			}
		}
	}
}

func TestProductPanics(t *testing.T) {
	x := make([]float32, 20)
	p := tensor.Product{M: 4, K: 5, N: 3}
	for name, f := range map[string]func(){
		"negative":    func() { tensor.Product{M: -1}.Mul(x, 3, tensor.Rows(x, 5), tensor.Rows(x, 3), false) },
		"rows of c":   func() { p.Mul(x, 2, tensor.Rows(x, 5), tensor.Rows(x, 3), false) },
		"short c":     func() { p.Mul(x[:11], 3, tensor.Rows(x, 5), tensor.Rows(x, 3), false) },
		"short a":     func() { p.Mul(x, 3, tensor.Rows(x[:19], 5), tensor.Rows(x, 3), false) },
		"short b":     func() { p.Mul(x, 3, tensor.Rows(x, 5), tensor.Rows(x[:14], 3), false) },
		"stride of a": func() { p.Mul(x, 3, tensor.Rows(x, 4), tensor.Rows(x, 3), false) },
		"stride of b": func() { p.Mul(x, 3, tensor.Rows(x, 5), tensor.Rows(x, 3).T(), false) },
		"two strides": func() { p.Mul(x, 3, tensor.Matrix{Data: x, Row: 5, Col: 2}, tensor.Rows(x, 3), false) },
		"not symmetric": func() {
			tensor.Product{M: 4, K: 1, N: 3, Lower: true}.Mul(x, 3, tensor.Rows(x, 1), tensor.Rows(x, 3), false)
		},
	} {
		func() {
			defer func() {
				if text, ok := recover().(string); !ok || !strings.HasPrefix(text, "tensor: ") {
					t.Errorf("%s: panics with %q, want tensor: …", name, text)
				}
			}()
			f()
		}()
	}
}

func TestProductAllocatesNothing(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // a helper may begin late
	p := tensor.Product{M: 60, K: 300, N: 400}
	r := rng.New(6, "tensor/product")
	a, b, c := random(r, p.M, p.K, 0, true), random(r, p.K, p.N, 0, false), make([]float32, p.M*p.N)
	if n := testing.AllocsPerRun(10, func() { p.Mul(c, p.N, a, b, true) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
