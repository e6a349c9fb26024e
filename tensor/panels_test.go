package tensor_test

import (
	"fmt"
	"math"
	"testing"

	"breakeven/rng"
	"breakeven/tensor"
)

func eachProduct(t *testing.T, f func(t *testing.T, m, k, n int, r *rng.Stream)) {
	for _, s := range [][3]int{
		{1, 1, 1}, {3, 5, 7}, {12, 8, 32}, {13, 9, 33}, {25, 31, 16}, {7, 70, 17},
		{30, 2, 65}, {40, 33, 48}, {5, 3, 100}, {128, 64, 10}, {2, 300, 49},
	} {
		t.Run(fmt.Sprint(s), func(t *testing.T) { f(t, s[0], s[1], s[2], rng.New(2, "tensor/panels")) })
	}
}

// The panels cover each column once.
func TestPanelColumns(t *testing.T) {
	for n := 1; n < 150; n++ {
		p := tensor.NewPanels(3, n)
		next := 0
		for i := range p.Count() {
			j, cols := p.Column(i)
			if j != next || cols < 1 {
				t.Fatalf("panel %d of %d columns begins at %d, want %d, and has %d columns", i, n, j, next, cols)
			}
			next += cols
		}
		if next != n {
			t.Fatalf("panels cover %d of %d columns", next, n)
		}
		if p.Bytes() < 4*3*int64(n) {
			t.Errorf("3×%d panels hold only %d bytes", n, p.Bytes())
		}
	}
}

// Products of rows with panels packed from a matrix and from its transpose, with
// row lengths larger than the rows.
func TestPanelProduct(t *testing.T) {
	eachProduct(t, func(t *testing.T, m, k, n int, r *rng.Stream) {
		lda, ldc := k+3, n
		a, b, start := normal(r, m*lda), normal(r, k*n), normal(r, m*ldc)
		transposed := make([]float32, k*n)
		for i := range k {
			for j := range n {
				transposed[j*k+i] = b[i*n+j]
			}
		}
		plain, turned := tensor.NewPanels(k, n), tensor.NewPanels(k, n)
		plain.Set(b, n, 1)
		turned.Set(transposed, 1, k)
		for _, acc := range []bool{false, true} {
			want, size := sums(begin(start, acc))
			for i := range m {
				for j := range n {
					for p := range k {
						addProduct(want, size, i*ldc+j, a[i*lda+p], b[p*n+j])
					}
				}
			}
			for name, panels := range map[string]*tensor.Panels{"rows": plain, "columns": turned} {
				c, product := newGuarded(start), tensor.NewProduct(lda)
				for panel := range panels.Count() {
					product.Mul(c.x, ldc, a, m, panels, panel, acc)
				}
				c.check(t, fmt.Sprintf("panels from %s, acc %v", name, acc), want, size)
			}
		}
	})
}

// Packing again leaves nothing of the matrix before.
func TestPanelsAreReused(t *testing.T) {
	p := tensor.NewPanels(2, 5)
	p.Set([]float32{9, 9, 9, 9, 9, 9, 9, 9, 9, 9}, 5, 1)
	p.Set([]float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 1, 2)
	c := make([]float32, 5)
	tensor.NewProduct(2).Mul(c, 5, []float32{1, 10}, 1, p, 0, false)
	for j, want := range []float32{21, 43, 65, 87, 109} {
		if p.Count() == 1 && c[j] != want {
			t.Errorf("column %d is %v, want %v", j, c[j], want)
		}
	}
}

func TestOuterPanel(t *testing.T) {
	eachProduct(t, func(t *testing.T, m, k, n int, r *rng.Stream) {
		lda, ldb, ldc := m+2, n+5, n+1
		a, b, start := normal(r, k*lda), normal(r, k*ldb), normal(r, m*ldc)
		scratch := newGuarded(make([]float32, k*tensor.OuterWidth()))
		for _, acc := range []bool{false, true} {
			want, size := sums(start)
			for i := range m {
				for j := range n {
					at := i*ldc + j
					if !acc {
						want[at], size[at] = 0, 0
					}
					for p := range k {
						addProduct(want, size, at, a[p*lda+i], b[p*ldb+j])
					}
				}
			}
			c := newGuarded(start)
			for j := 0; j < n; j += tensor.OuterWidth() {
				tensor.OuterPanel(c.x, ldc, a, tensor.RowOffsets(k, lda), m, b, ldb, n, j, scratch.x, acc)
			}
			c.check(t, fmt.Sprintf("acc %v", acc), want, size) // and nothing between the rows
		}
	})
}

func TestNorm(t *testing.T) {
	x := []float32{3, 4, 12}
	if got := tensor.Norm(x); math.Abs(got-13) > 1e-12 {
		t.Errorf("norm of %v is %v", x, got)
	}
	if got := tensor.Norm(nil); got != 0 {
		t.Errorf("norm of nothing is %v", got)
	}
	if got := tensor.Norm([]float32{1e30, 1e30}); math.Abs(got/1e30-math.Sqrt2) > 1e-6 {
		t.Errorf("norm of large numbers is %v", got)
	}
}
