package curvature

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"breakeven/nn"
	"breakeven/spectrum"
)

// A root of the inverse of factors, corrected or not, times its transpose is that inverse, and
// TransMulVecTo is the transpose of MulVecTo.
func TestRoot(t *testing.T) {
	net := smooth(true) // batch norm has no block
	p := problemAt(t, net, points(net, 9), Settings{Inference: true})
	for name, c := range map[string]Rooted{
		"factors":   must(must(p.Factors(FactorSettings{Fisher: nn.Sampled})).Inverse(Damping{Epsilon: 0.01}, nil)),
		"corrected": must(p.Corrected(FactorSettings{Fisher: nn.Sampled})).Inverse(0.1),
	} {
		b := must(c.Root())
		root, trans := mat.NewDense(net.Dim(), net.Dim(), nil), mat.NewDense(net.Dim(), net.Dim(), nil)
		e, y := make([]float32, net.Dim()), make([]float32, net.Dim())
		for i := range e {
			e[i] = 1
			b.MulVecTo(y, e)
			root.SetCol(i, wide(y))
			b.TransMulVecTo(y, e)
			trans.SetRow(i, wide(y))
			e[i] = 0
		}
		near(t, name+": transpose", root, trans, 1e-6)
		var product mat.Dense
		product.Mul(root, root.T())
		near(t, name+": B Bᵀ", &product, dense(c.(spectrum.Operator)), 1e-5)
	}
	indefinite := must(p.Factors(FactorSettings{}))
	indefinite.A[0][0] = -1
	if _, err := indefinite.Root(); err == nil {
		t.Error("a root of an indefinite matrix")
	}
}

// The operator of every preconditioner has the eigenvalues of D(CH + λI) + μI, and is symmetric
// where it says so.
func TestCurvatureOfSteps(t *testing.T) {
	net := smooth(false)
	p := problemAt(t, net, points(net, 9), Settings{})
	h, n := dense(p.Hessian()), net.Dim()
	c := must(must(p.Factors(FactorSettings{Fisher: nn.Sampled})).Inverse(Damping{Epsilon: 0.1}, nil))
	d := random(n, "d")
	for i := range d {
		d[i] = float32(math.Exp(float64(d[i])))
	}
	for _, q := range []Preconditioner{{}, {D: d}, {C: c}, {C: c, D: d}, {Decay: 0.2}, {D: d, Decay: 0.2, Decoupled: 0.1}, {C: c, Decay: 0.2}, {C: c, D: d, Decay: 0.2, Decoupled: 0.1}} {
		m := mat.DenseCopyOf(h)
		if q.C != nil {
			m.Mul(dense(c), h)
		}
		for i := range n {
			m.Set(i, i, m.At(i, i)+q.Decay)
		}
		if q.D != nil {
			m.Apply(func(i, _ int, v float64) float64 { return float64(d[i]) * v }, m)
		}
		for i := range n {
			m.Set(i, i, m.At(i, i)+q.Decoupled)
		}
		op, symmetric, err := q.Curvature(p.Hessian())
		if err != nil {
			t.Fatal(err)
		}
		got := dense(op)
		if want := q.C == nil || q.D == nil; symmetric != want {
			t.Errorf("%+v: symmetric %v", q, symmetric)
		}
		if symmetric {
			near(t, "transpose", mat.DenseCopyOf(got.T()), got, 1e-5)
		}
		if x, y := rightmost(got), rightmost(m); math.Abs(x-y) > 1e-4*math.Abs(y) {
			t.Errorf("C %v, D %v, λ %v, μ %v: the largest eigenvalue is %v, want %v", q.C != nil, q.D != nil, q.Decay, q.Decoupled, x, y)
		}
	}
}

// rightmost is the largest real part of an eigenvalue.
func rightmost(m *mat.Dense) float64 {
	var e mat.Eigen
	e.Factorize(m, mat.EigenNone)
	top := math.Inf(-1)
	for _, v := range e.Values(nil) {
		top = max(top, real(v))
	}
	return top
}
