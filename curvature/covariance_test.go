package curvature

import (
	"errors"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/combin"

	"breakeven/nn"
	"breakeven/tensor"
)

// gradients returns the gradients of the batches as the rows of a matrix.
func gradients(net *nn.Network, batches []Set) *mat.Dense {
	m := mat.NewDense(len(batches), net.Dim(), nil)
	for i, b := range batches {
		p := New(net, b, Settings{Chunk: b.Len()})
		p.At(point(net))
		m.SetRow(i, wide(p.Gradient()))
	}
	return m
}

// denseK is the D×D covariance of the rows of g.
func denseK(g *mat.Dense) *mat.SymDense {
	l, d := g.Dims()
	k := mat.NewSymDense(d, nil)
	mean := make([]float64, d)
	for i := range l {
		for j := range d {
			mean[j] += g.At(i, j) / float64(l)
		}
	}
	for i := range l {
		row := mat.NewVecDense(d, nil)
		for j := range d {
			row.SetVec(j, g.At(i, j)-mean[j])
		}
		k.SymRankOne(k, 1/float64(l), row)
	}
	return k
}

// The Gram matrix has the eigenvalues of the D×D covariance, and one more that is zero;
// its eigenvectors give those of the covariance.
func TestCovarianceByDefinition(t *testing.T) {
	both(t, func(t *testing.T, net *nn.Network, s Settings) {
		p := at(net, 10, s)
		batches := Parts(p.Set(), 5)
		k, err := p.Covariance(batches)
		if err != nil {
			t.Fatal(err)
		}
		if k.L != 5 || k.M != 2 {
			t.Fatalf("L, M = %d, %d", k.L, k.M)
		}
		g := gradients(net, batches)
		var inner mat.Dense
		inner.Mul(g, g.T())
		near(t, "inner products", mat.NewDense(5, 5, k.Inner), &inner, 1e-6)
		checkSpectrum(t, k, denseK(g), k.Top)
		checkTopSpace(t, k, g)
	})
}

func checkSpectrum(t *testing.T, k *Covariance, want *mat.SymDense, top func([]float32, int)) {
	t.Helper()
	var eig mat.EigenSym
	if !eig.Factorize(want, false) {
		t.Fatal("the eigenproblem did not converge")
	}
	values := eig.Values(nil) // ascending
	d := len(values)
	for i := range k.L {
		closeTo(t, "eigenvalue", k.Values[i], values[d-1-i], 1e-5, values[d-1])
	}
	closeTo(t, "eigenvalue that centring makes zero", k.Values[k.L-1], 0, 1e-12, values[d-1])
	closeTo(t, "λ_K*", k.Min(), values[d-k.L+1], 1e-5, values[d-1])
	closeTo(t, "trace", k.Trace(), mat.Trace(want), 1e-6, mat.Trace(want))
	e := make([]float32, d)
	for i := range k.L - 1 {
		top(e, i)
		closeTo(t, "norm of an eigenvector", tensor.Norm(e), 1, 1e-6, 1)
		var ke, le mat.VecDense
		v := mat.NewVecDense(d, wide(e))
		ke.MulVec(want, v)
		le.ScaleVec(k.Values[i], v)
		ke.SubVec(&ke, &le)
		closeTo(t, "‖Ke − λe‖", mat.Norm(&ke, 2), 0, 1e-5, values[d-1])
	}
}

// checkTopSpace compares with projections of the gradients themselves.
func checkTopSpace(t *testing.T, k *Covariance, g *mat.Dense) {
	t.Helper()
	for _, dim := range []int{1, 2, 5} {
		want, e := 0.0, make([]float32, len(g.RawRowView(0)))
		for i := range k.L {
			row, inside := mat.NewVecDense(len(e), g.RawRowView(i)), 0.0
			for d := range min(dim, k.L-1) {
				k.Top(e, d)
				dot := mat.Dot(row, mat.NewVecDense(len(e), wide(e)))
				inside += dot * dot
			}
			want += mat.Norm(row, 2) / math.Sqrt(inside) / float64(k.L)
		}
		got, _ := k.TopSpace(dim)
		closeTo(t, "‖g‖/‖Pg‖", got, want, 1e-5, want)
		if got < 1-1e-9 {
			t.Errorf("‖g‖/‖Pg‖ = %v < 1", got)
		}
	}
}

// K of single examples is K of minibatches of one.
func TestExampleCovariance(t *testing.T) {
	for _, loss := range []nn.Loss{nn.CrossEntropy{}, nn.MSE{}} {
		net := smooth(false)
		p := at(net, 10, Settings{Chunk: 4, Loss: loss})
		want, err := p.Covariance(Parts(p.Set(), 10))
		if err != nil {
			t.Fatal(err)
		}
		got, err := ExampleCovariance(net, p.Set(), point(net), loss, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got.L != 10 || got.M != 1 {
			t.Errorf("L, M = %d, %d", got.L, got.M)
		}
		near(t, "inner products", mat.NewDense(10, 10, got.Inner), mat.NewDense(10, 10, want.Inner), 2e-6)
		a, b := make([]float32, net.Dim()), make([]float32, net.Dim())
		if err := errors.Join(got.solve(10, nil), want.solve(10, nil)); err != nil {
			t.Fatal(err)
		}
		for k := range 9 {
			closeTo(t, "eigenvalue", got.Values[k], want.Values[k], 1e-5, want.Max())
			if err := got.Top(a, k); err != nil {
				t.Fatal(err)
			}
			want.Top(b, k)
			closeTo(t, "cosine of eigenvectors", math.Abs(tensor.Dot(a, b)), 1, 1e-4, 1)
		}
	}
}

// The covariance of the gradients of all batches of M out of N examples is
// (N−M)/(M(N−1)) times that of single examples.
func TestCovarianceOfBatches(t *testing.T) {
	const n, m = 8, 3
	net := smooth(false)
	p := at(net, n, Settings{Chunk: n})
	one, err := p.Covariance(Parts(p.Set(), n))
	if err != nil {
		t.Fatal(err)
	}
	var batches []Set
	size := net.Input.Size()
	for _, index := range combin.Combinations(n, m) {
		var x []float32
		var y []int32
		for _, i := range index {
			x, y = append(x, p.Set().In[0].F[i*size:(i+1)*size]...), append(y, p.Set().Target[0].Labels[i])
		}
		batches = append(batches, nn.Labelled(x, y))
	}
	k, err := p.Covariance(batches)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(one.solve(n, nil), k.solve(n, nil)); err != nil {
		t.Fatal(err)
	}
	const ratio = float64(n-m) / (m * (n - 1))
	closeTo(t, "Tr K", k.Trace(), ratio*one.Trace(), 1e-6, k.Trace())
	for i := range n - 1 {
		closeTo(t, "eigenvalue", k.Values[i], ratio*one.Values[i], 1e-6, k.Max())
	}
}

// If all gradients are equal the covariance has no directions.
func TestCovarianceOfEqualGradients(t *testing.T) {
	net := smooth(false)
	p := at(net, 4, Settings{})
	b := p.Set().Slice(0, 2)
	k, err := p.Covariance([]Set{b, b, b})
	if err != nil {
		t.Fatal(err)
	}
	closeTo(t, "λ_K¹", k.Max(), 0, 1e-12, k.Inner[0])
}

func TestCuts(t *testing.T) {
	net := smooth(false)
	set := points(net, 10)
	for _, c := range []struct {
		cut  []Set
		want []int
	}{
		{Split(set, 4), []int{4, 4, 2}},
		{Split(set, 10), []int{10}},
		{Split(set, 99), []int{10}},
		{Parts(set, 3), []int{3, 3, 3}}, // one example is left over
		{Parts(set, 10), []int{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
		{Split(Set{}, 3), nil},
	} {
		if len(c.cut) != len(c.want) {
			t.Fatalf("%d parts, want %d", len(c.cut), len(c.want))
		}
		at := 0
		for i, part := range c.cut {
			if part.Len() != c.want[i] || part.In[0].F[0] != set.In[0].F[at*16] || part.Target[0].Labels[0] != set.Target[0].Labels[at] {
				t.Errorf("part %d has %d examples, want %d, in order", i, part.Len(), c.want[i])
			}
			at += part.Len()
		}
	}
}

func TestMisuse(t *testing.T) {
	net := smooth(false)
	norm := at(smooth(true), 4, Settings{Chunk: 4})
	x := make([]float64, 4)
	for name, f := range map[string]func(){
		"no examples":         func() { New(net, Set{}, Settings{}) },
		"too many parts":      func() { Parts(points(net, 3), 4) },
		"curvatures and norm": func() { norm.Curvatures(x, random(norm.net.Dim(), "v")) },
		"slopes and norm":     func() { norm.Slopes(x, random(norm.net.Dim(), "v")) },
		"vector too short":    func() { norm.Hessian().MulVecTo(make([]float32, 3), make([]float32, 3)) },
	} {
		func() {
			defer func() {
				if e, ok := recover().(string); !ok || len(e) < 4 {
					t.Errorf("%s: no panic with a message", name)
				}
			}()
			f()
		}()
	}
	if norm.PerExample() {
		t.Error("batch norm has gradients of single examples")
	}
}
