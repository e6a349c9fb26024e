package curvature

import (
	"errors"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"breakeven/nn"
	"breakeven/rng"
	"breakeven/spectrum"
)

// linearNet is a deep linear network with two dense layers on a vector or, with steps, on each
// step of a sequence, whose outputs may be averaged at the end.
func linearNet(steps int, average bool) *nn.Network {
	shape := nn.Vec(4)
	if steps > 0 {
		shape = nn.Seq(steps, 4)
	}
	net, x := nn.NewNetwork(shape)
	x = net.Add("one", nn.Linear{Units: 3}, x)
	x = net.Add("two", nn.Linear{Units: 2}, x)
	if average {
		net.Add("mean", nn.MeanSteps{}, x)
	}
	return net
}

// vectorSet is a random set with vectors as targets.
func vectorSet(net *nn.Network, n int) Set {
	r := rng.New(3, "vectors")
	out := net.Output()
	x, y := make([]float32, n*net.Input.Size()), make([]float32, n*out.Size())
	for _, v := range [][]float32{x, y} {
		for i := range v {
			v[i] = float32(r.NormFloat64())
		}
	}
	return Set{N: n, In: []nn.Values{{F: x}}, Target: []nn.Target{{Vector: y}}}
}

// problemAt is a problem with factors at random parameters.
func problemAt(t *testing.T, net *nn.Network, set Set, s Settings) *Problem {
	t.Helper()
	s.Factors = true
	p := New(net, set, s)
	if err := p.At(point(net)); err != nil {
		t.Fatal(err)
	}
	return p
}

// onBlocks sets to 0 what lies outside of the blocks of a matrix.
func onBlocks(net *nn.Network, m *mat.Dense) *mat.Dense {
	of := make([]int, net.Dim())
	for k, b := range net.Blocks() {
		for i := range b.Out * b.Columns() {
			of[b.Weight+i] = k + 1
		}
		for o := range b.Out {
			if b.Bias >= 0 {
				of[b.Bias+o] = k + 1
			}
		}
	}
	only := mat.DenseCopyOf(m)
	only.Apply(func(i, j int, v float64) float64 {
		if of[i] == 0 || of[i] != of[j] {
			return 0
		}
		return v
	}, only)
	return only
}

// Factors are exact where they must be: the Fisher matrix of a deep linear network with
// squared errors, without shared weights, with rows that have losses of their own (expand),
// and with rows that are averaged (reduce). The other choice is not.
func TestFactorsOfLinearNetworks(t *testing.T) {
	for _, c := range []struct {
		name    string
		steps   int
		average bool
		sharing Sharing
		exact   bool
	}{
		{"vector", 0, false, Expand, true}, {"vector, reduced", 0, false, Reduce, true},
		{"expand", 5, false, Expand, true}, {"expand, reduced", 5, false, Reduce, false},
		{"reduce", 5, true, Reduce, true}, {"reduce, expanded", 5, true, Expand, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			net := linearNet(c.steps, c.average)
			p := problemAt(t, net, vectorSet(net, 11), Settings{Chunk: 4, Loss: nn.MSE{}})
			want := onBlocks(net, dense(p.GaussNewton()))
			f := must(p.Factors(FactorSettings{Fisher: nn.Type2, Sharing: c.sharing}))
			got := dense(f)
			var d mat.Dense
			d.Sub(got, want)
			if off := mat.Norm(&d, 2) / mat.Norm(want, 2); off < 1e-5 != c.exact {
				t.Errorf("A ⊗ S differs from G by %v of it", off)
			}
			if c.steps > 0 && !c.average {
				return // its gradients are sums over rows: moments are those of the sums
			}
			corrected := must(p.Corrected(FactorSettings{Fisher: nn.Type2, Sharing: c.sharing}))
			if c.exact {
				near(t, "corrected and G", dense(corrected), want, 1e-5)
			}
		})
	}
}

// The empirical factors of one example are its gradient times itself, and the factors of the
// last layer of a graph network are exact if one node has a label.
func TestFactorsOfOneExample(t *testing.T) {
	net, x := nn.NewNetwork(nn.Vec(4))
	x = net.Add("tanh", nn.Tanh{}, net.Add("one", nn.Linear{Units: 5}, x))
	net.Add("two", nn.Linear{Units: 3, NoBias: true}, x)
	p := problemAt(t, net, points(net, 1), Settings{})
	g := mat.NewDense(net.Dim(), 1, wide(p.Gradient()))
	var outer mat.Dense
	outer.Mul(g, g.T())
	near(t, "A ⊗ S and g gᵀ", dense(must(p.Factors(FactorSettings{}))), onBlocks(net, &outer), 1e-5)
	near(t, "corrected and g gᵀ", dense(must(p.Corrected(FactorSettings{}))), onBlocks(net, &outer), 1e-5)

	on, all := onGraph(12)
	q := problemAt(t, on, all.Slice(3, 4), Settings{})
	f := must(q.Factors(FactorSettings{}))
	last := len(f.Blocks) - 1
	for k := range last {
		clear(f.A[k])
	}
	g = mat.NewDense(on.Dim(), 1, wide(q.Gradient()))
	outer.Reset()
	outer.Mul(g, g.T())
	want := onBlocks(on, &outer)
	for i := range f.Blocks[last].Weight {
		for j := range on.Dim() {
			want.Set(i, j, 0)
			want.Set(j, i, 0)
		}
	}
	near(t, "last layer on a graph", dense(f), want, 1e-5)
}

// The corrected matrix has the diagonal of the Fisher matrix in its own basis, also for
// convolutions, and trace and size in common with it.
func TestCorrectedDiagonal(t *testing.T) {
	net := smooth(false)
	set := points(net, 9)
	p := problemAt(t, net, set, Settings{Chunk: 4})
	c := must(p.Corrected(FactorSettings{}))
	want := mat.NewDense(net.Dim(), net.Dim(), nil)
	for i := range set.N {
		one := problemAt(t, net, set.Slice(i, i+1), Settings{})
		g := mat.NewDense(net.Dim(), 1, wide(one.Gradient()))
		var outer mat.Dense
		outer.Mul(g, g.T())
		outer.Scale(1/float64(set.N), &outer)
		want.Add(want, &outer)
	}
	basis := *c
	basis.M, basis.Rest = nil, 1
	for k := range c.M {
		basis.M = append(basis.M, make([]float32, len(c.M[k])))
	}
	for k, b := range c.Blocks {
		for at := range c.M[k] { // the direction that this moment belongs to
			for j := range basis.M {
				clear(basis.M[j])
			}
			v := make([]float32, net.Dim())
			w := make([]float32, b.Out*b.Inputs)
			for o := range b.Out {
				for i := range b.Inputs {
					w[o*b.Inputs+i] = c.US[k][o*b.Out+at/b.Inputs] * c.UA[k][i*b.Inputs+at%b.Inputs]
				}
			}
			putMatrix(v, w, b)
			x := mat.NewVecDense(len(v), wide(v))
			if m := mat.Inner(x, want, x); math.Abs(m-float64(c.M[k][at])) > 1e-5*mat.Norm(want, 2) {
				t.Errorf("block %d: moment %d is %v, want %v", k, at, c.M[k][at], m)
			}
		}
	}
}

// The inverse is that of the damped Kronecker product, ((S + sI) ⊗ (A + aI))⁻¹ for a matrix in
// rows, with and without the correction; what belongs to no block stays as it is.
func TestInverseOfFactors(t *testing.T) {
	net := smooth(true) // batch norm has no block
	p := problemAt(t, net, points(net, 9), Settings{Inference: true})
	f := must(p.Factors(FactorSettings{Fisher: nn.Sampled}))
	for _, d := range []Damping{{0.01, false}, {0.01, true}} {
		inverse := must(f.Inverse(d, nil))
		v, got := random(net.Dim(), "v"), make([]float32, net.Dim())
		if err := inverse.MulVecTo(got, v); err != nil {
			t.Fatal(err)
		}
		want := append([]float32(nil), v...)
		for k, b := range f.Blocks {
			shiftA, shiftS := d.Shifts(f, k)
			a, s := symmetric(f.A[k], b.Inputs, shiftA), symmetric(f.S[k], b.Out, shiftS)
			var product mat.Dense
			product.Kronecker(s, a)
			w := make([]float32, b.Out*b.Inputs)
			takeMatrix(w, v, b)
			var x mat.VecDense
			if err := x.SolveVec(&product, mat.NewVecDense(len(w), wide(w))); err != nil {
				t.Fatal(err)
			}
			for i := range w {
				w[i] = float32(x.AtVec(i))
			}
			putMatrix(want, w, b)
			if got := shiftA * shiftS; math.Abs(got-d.Epsilon) > 1e-12 {
				t.Errorf("the dampings of the factors have the product %v", got)
			}
		}
		nearVector(t, "inverse", got, want, 1e-5)
	}
	c := must(p.Corrected(FactorSettings{}))
	v, w := random(net.Dim(), "v"), make([]float32, net.Dim())
	if err := errors.Join(c.Inverse(0.1).MulVecTo(w, v), c.MulVecTo(v, w)); err != nil {
		t.Fatal(err)
	}
	back := random(net.Dim(), "v") // (C + ε) C⁻¹ v = v within blocks
	for _, b := range c.Blocks {
		for i := range b.Out * b.Columns() {
			if at := b.Weight + i; math.Abs(float64(v[at]+0.1*w[at]-back[at])) > 1e-5 {
				t.Fatalf("number %d: %v, want %v", at, v[at]+0.1*w[at], back[at])
			}
		}
	}
}

func symmetric(x []float32, n int, shift float64) *mat.SymDense {
	m := mat.NewSymDense(n, wide(x))
	for i := range n {
		m.SetSym(i, i, m.At(i, i)+shift)
	}
	return m
}

// Matrices of several blocks, of odd sizes, are inverted; those without an inverse are raised,
// or refused.
func TestInvert(t *testing.T) {
	for _, n := range []int{1, 5, smallBlock, smallBlock + 1, 301} {
		x := mat.NewDense(n+3, n, nil)
		r := rng.New(1, "invert")
		for i := range n + 3 {
			for j := range n {
				x.Set(i, j, r.NormFloat64())
			}
		}
		var a mat.SymDense
		a.SymOuterK(1/float64(n), x.T())
		flat, got := make([]float32, n*n), make([]float32, n*n)
		for i := range n {
			for j := range n {
				flat[i*n+j] = float32(a.At(i, j))
			}
		}
		v := NewInverter(301)
		if err := v.Invert(got, flat, n, 0.1); err != nil {
			t.Fatal(err)
		}
		var product mat.Dense
		product.Mul(symmetric(flat, n, 0.1), mat.NewDense(n, n, wide(got)))
		for i := range n {
			product.Set(i, i, product.At(i, i)-1)
		}
		if off := mat.Max(&product) - mat.Min(&product); off > 1e-4 {
			t.Errorf("n = %d: the product with the inverse differs from I by %v", n, off)
		}
	}
	v, dst := NewInverter(200), make([]float32, 200*200)
	if err := v.Invert(dst, []float32{1, 0, 1, 1}, 2, 0); err != nil || !(dst[0] > 1e4) {
		t.Errorf("a singular matrix: %v, %v", dst[:4], err)
	}
	if err := v.Invert(dst, []float32{1, 0, 3, 1}, 2, 0); err != errIndefinite {
		t.Errorf("an indefinite matrix: %v", err)
	}
	nan := make([]float32, 200*200)
	nan[199*200+3] = float32(math.NaN())
	if err := v.Invert(dst, nan, 200, 1); err != spectrum.ErrNotFinite {
		t.Errorf("a matrix with NaN: %v", err)
	}
	stopped := errors.New("stopped")
	v.Stop = func() error { return stopped }
	if err := v.Invert(dst, nan, 200, 1); err != stopped {
		t.Errorf("an inversion that was stopped: %v", err)
	}

	net := linearNet(0, false)
	f := NewFactors(net)
	f.A[0][0] = -1
	if _, err := f.Inverse(Damping{Epsilon: 0.01}, nil); err == nil || !strings.Contains(err.Error(), "inputs of one.weight") {
		t.Errorf("a factor with a negative diagonal: %v", err)
	}
}
