package tensor_test

import (
	"math"
	"testing"

	"breakeven/tensor"
)

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
