package nntest

import (
	"fmt"
	"math"
	"testing"

	"breakeven/nn"
	"breakeven/rng"
)

// TestLoss tests a loss, for rows of the given number of outputs, against the contract:
//
//   - Adjoint is the derivative of Value and Hessian that of Adjoint, by differences.
//     Hessian is symmetric. The Gauss-Newton form is symmetric and positive semidefinite;
//     a loss without one has such a Hessian.
//   - A loss of package nn agrees with its twin in float64.
//   - Scale is a factor, the rules share nothing but Memo, and nothing is allocated.
//   - If an output is NaN, so is the loss.
//
// Vectors are drawn from 0 to 1. A loss with kinks cannot pass.
func TestLoss(t *testing.T, l nn.Loss, outputs int) {
	t.Helper()
	classes, width := l.Targets(outputs)
	if classes == 0 && width == 0 {
		t.Fatalf("%s takes neither labels nor vectors", l.Name())
	}
	for try := range 20 {
		r := rng.New(uint64(try), "nntest/loss")
		row := nn.Row{Z: normal(r, outputs), Memo: make([]float32, outputs)}
		if classes > 0 {
			row.Label = int32(r.IntN(classes))
			t.Run(fmt.Sprintf("label/%d", try), func(t *testing.T) { testLoss(t, l, row, r) })
		}
		if width > 0 {
			row.Vector, row.Label = make([]float32, width), 0
			for i := range row.Vector {
				row.Vector[i] = float32(r.Float64())
			}
			t.Run(fmt.Sprintf("vector/%d", try), func(t *testing.T) { testLoss(t, l, row, r) })
		}
	}
}

func testLoss(t *testing.T, l nn.Loss, row nn.Row, r *rng.Stream) {
	const scale = 0.75
	n := len(row.Z)
	at := func(c int, h float32) nn.Row { // the row with output c moved
		moved := row
		moved.Z, moved.Memo = append([]float32(nil), row.Z...), make([]float32, n)
		moved.Z[c] += h
		return moved
	}
	adjoint := func(row nn.Row) []float32 {
		d := make([]float32, n)
		l.Value(row)
		l.Adjoint(d, row, scale)
		return d
	}
	size := 0.0 // of the largest number that want is one of
	near := func(what string, got, want, tolerance float64) {
		t.Helper()
		if !(math.Abs(got-want) <= tolerance*(1+max(size, math.Abs(want)))) {
			t.Errorf("%s of %v: %.8g, want %.8g", what, row.Z, got, want)
		}
	}
	// Differences of the loss with step h are off by h² times its third derivative and by
	// rounding in float64; those of the adjoint at four places by big⁴ times its fifth
	// derivative and by rounding in float32.
	const h, big = 1.0 / 4096, 1.0 / 512
	g := adjoint(row)
	hessian := form(t, l, l.Hessian, row, scale)
	for c := range n { // where one is large, so are the derivatives of higher order
		for _, v := range hessian[c] {
			size = max(size, math.Abs(v))
		}
	}
	for c := range n {
		near("adjoint", float64(g[c]), scale*(l.Value(at(c, h))-l.Value(at(c, -h)))/(2*h), 1e-5)
		up, down := adjoint(at(c, big)), adjoint(at(c, -big))
		up2, down2 := adjoint(at(c, 2*big)), adjoint(at(c, -2*big))
		for k := range n {
			near("Hessian", hessian[k][c], (8*float64(up[k]-down[k])-float64(up2[k]-down2[k]))/(12*big), 1e-4)
			near("transpose of the Hessian", hessian[k][c], hessian[c][k], 1e-6)
		}
	}
	size = 0
	lossAgrees(l, row, g, hessian, scale, near)
	convex := hessian
	if c, ok := l.(nn.CurvedLoss); ok {
		convex = form(t, l, c.GaussNewton, row, scale)
	}
	for range 10 {
		v, sum := normal(r, n), 0.0
		for i := range v {
			for j := range v {
				near("transpose of the Gauss-Newton form", convex[i][j], convex[j][i], 1e-6)
				sum += float64(v[i]) * convex[i][j] * float64(v[j])
			}
		}
		if !(sum >= -1e-6) {
			t.Errorf("%v has the Gauss-Newton form %v along %v", row.Z, sum, v)
		}
	}
	if x := l.Value(at(r.IntN(n), float32(math.NaN()))); x == x {
		t.Errorf("the loss of not-a-number is %v", x)
	}
	d := make([]float32, n)
	if allocs := testing.AllocsPerRun(3, func() { l.Value(row); l.Adjoint(d, row, 1); l.Hessian(d, g, row, 1) }); allocs != 0 {
		t.Errorf("the rules allocate %v times", allocs)
	}
}

// lossAgrees compares value, adjoint and Hessian with those of the twin, if there is one.
func lossAgrees(l nn.Loss, row nn.Row, adjoint []float32, hessian [][]float64, scale float64, near func(what string, got, want, tolerance float64)) {
	z := make([]hyper, len(row.Z))
	for c, v := range row.Z {
		z[c] = constant(float64(v))
	}
	for c := range z {
		for k := range z {
			z[c].a, z[k].b = 1, 1
			twin, ok := lossTwin(l, z, goal{row.Label, row.Vector})
			if z[c].a, z[k].b = 0, 0; !ok {
				return
			}
			near("value", l.Value(row), twin.v, 1e-9)
			near("adjoint by the twin", float64(adjoint[c]), scale*twin.a, 1e-6)
			near("Hessian by the twin", hessian[c][k], scale*twin.ab, 1e-5)
		}
	}
}

// form returns the matrix of a second-order rule.
func form(t *testing.T, l nn.Loss, rule func(dst, tangent []float32, r nn.Row, scale float64), row nn.Row, scale float64) [][]float64 {
	t.Helper()
	n := len(row.Z)
	m := make([][]float64, n)
	for i := range m {
		m[i] = make([]float64, n)
	}
	l.Value(row)
	for c := range n {
		e, col, twice := make([]float32, n), make([]float32, n), make([]float32, n)
		e[c] = 1
		rule(col, e, row, scale)
		rule(twice, e, row, 2*scale)
		for k, v := range col {
			m[k][c] = float64(v)
			if math.Abs(float64(twice[k]-2*v)) > 2*math.SmallestNonzeroFloat32 { // tiny numbers are rounded
				t.Errorf("twice the scale makes %v of %v", twice[k], v)
			}
		}
	}
	return m
}
