package ntk_test

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"

	"breakeven/ntk"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// collect returns both kernels from Each, with the triangle that it leaves out.
func collect(t *testing.T, k *ntk.Kernel, x, y *mat.Dense) (nngp, theta *mat.Dense) {
	t.Helper()
	n, _ := x.Dims()
	m := n
	if y != nil {
		m, _ = y.Dims()
	}
	nngp, theta = mat.NewDense(n, m, nil), mat.NewDense(n, m, nil)
	lastRow, lastCol := 0, -1
	err := k.Each(x, y, func(b ntk.Block) error {
		if b.Row < lastRow || b.Row == lastRow && b.Col <= lastCol || y == nil && b.Col > b.Row {
			t.Errorf("a block at %d, %d after one at %d, %d", b.Row, b.Col, lastRow, lastCol)
		}
		lastRow, lastCol = b.Row, b.Col
		rows, cols := b.NNGP.Dims()
		nngp.Slice(b.Row, b.Row+rows, b.Col, b.Col+cols).(*mat.Dense).Copy(b.NNGP)
		theta.Slice(b.Row, b.Row+rows, b.Col, b.Col+cols).(*mat.Dense).Copy(b.NTK)
		if y == nil && b.Col < b.Row {
			nngp.Slice(b.Col, b.Col+cols, b.Row, b.Row+rows).(*mat.Dense).Copy(b.NNGP.T())
			theta.Slice(b.Col, b.Col+cols, b.Row, b.Row+rows).(*mat.Dense).Copy(b.NTK.T())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return nngp, theta
}

// The bits do not depend on blocks, memory or cores.
func TestBits(t *testing.T) {
	for i, n := range zoo {
		x, y := examples(n, 7, uint64(i)), examples(n, 5, uint64(i+1000))
		k := compile(t, n, nil)
		nngp, theta := symmetric(t, k, x)
		cross, crossTheta, err := k.Cross(x, y)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []ntk.Settings{{Block: 1}, {Block: 3}, {Memory: 4 << 20}} {
			for _, cores := range []int{1, 3} {
				before := runtime.GOMAXPROCS(cores)
				k := compile(t, n, &s)
				a, b := collect(t, k, x, nil)
				c, d := collect(t, k, x, y)
				runtime.GOMAXPROCS(before)
				if !mat.Equal(a, nngp) || !mat.Equal(b, theta) || !mat.Equal(c, cross) || !mat.Equal(d, crossTheta) {
					t.Errorf("%v: other bits with %+v on %d cores", n, s, cores)
				}
			}
		}
	}
}

// NNGP kernels computed without tangent kernels are the same.
func TestNNGPAlone(t *testing.T) {
	for i, n := range zoo {
		x := examples(n, 3, uint64(i))
		want, _ := symmetric(t, compile(t, n, nil), x)
		k := compile(t, n, &ntk.Settings{NNGP: true})
		got, theta := symmetric(t, k, x)
		if !mat.Equal(got, want) || theta != nil {
			t.Errorf("%v: not the same alone", n)
		}
		if _, theta, err := k.Cross(x, x); err != nil || theta != nil {
			t.Errorf("%v: %v, %v", n, theta, err)
		}
	}
}

// Kernels are positive semi-definite, and so is the tangent kernel without the NNGP
// kernel in the NTK parameterisation: what layers before the last add.
func TestPositive(t *testing.T) {
	for i, n := range zoo {
		nngp, theta := symmetric(t, compile(t, n, nil), examples(n, 6, uint64(i)))
		rest := mat.NewSymDense(6, nil)
		for a := range 6 {
			for b := range a + 1 {
				rest.SetSym(a, b, theta.At(a, b)-nngp.At(a, b))
			}
		}
		list := []*mat.SymDense{nngp, theta, rest}
		if n.Parameters == ntk.Standard {
			list = list[:2]
		}
		for j, m := range list {
			var e mat.EigenSym
			if !e.Factorize(m, false) {
				t.Fatal("no eigenvalues")
			}
			if v := e.Values(nil); v[0] < -1e-13*v[5] {
				t.Errorf("%v: kernel %d has the eigenvalues %v", n, j, v)
			}
		}
	}
}

// The same example on both sides has the bits of the diagonal, and a copy changes
// nothing: correlations of 1 leave no root of a rounding error.
func TestEqualExamples(t *testing.T) {
	for i, n := range zoo {
		x := examples(n, 4, uint64(i))
		x.SetRow(2, x.RawRowView(0))
		k := compile(t, n, nil)
		nngp, theta := symmetric(t, k, x)
		cross, crossTheta, err := k.Cross(x, x)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range []mat.Matrix{nngp, theta, cross, crossTheta} {
			if m.At(0, 0) != m.At(0, 2) || m.At(0, 0) != m.At(2, 2) {
				t.Errorf("%v: %v of equal examples, %v of one", n, m.At(0, 2), m.At(0, 0))
			}
			if m != mat.Matrix(nngp) && m != mat.Matrix(theta) && (m.At(0, 1) != m.At(2, 1) || m.At(1, 0) != m.At(1, 2)) {
				t.Errorf("%v: %v and %v of equal examples with another", n, m.At(0, 1), m.At(2, 1))
			}
		}
	}
}

// Scaling an input scales the kernels of a ReLU network without biases; by a
// negative factor it turns the angle round.
func TestHomogeneous(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		hidden := rapid.IntRange(0, 4).Draw(t, "hidden")
		factor := math.Ldexp(1, rapid.IntRange(-20, 20).Draw(t, "exponent"))
		n := ntk.Network{Input: ntk.Vec(3), Layers: ntk.FullyConnected(hidden, 0, ntk.ReLU, 1.3, 0)}
		x := examples(n, 2, rapid.Uint64().Draw(t, "seed"))
		k, err := n.Kernel(nil)
		if err != nil {
			t.Fatal(err)
		}
		nngp, theta, err := k.Symmetric(x)
		if err != nil {
			t.Fatal(err)
		}
		var scaled mat.Dense
		scaled.Scale(factor, x)
		a, b, err := k.Cross(x, &scaled)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 2 {
			for j := range 2 {
				if a.At(i, j) != factor*nngp.At(i, j) || b.At(i, j) != factor*theta.At(i, j) {
					t.Errorf("%d hidden layers, factor %v: %v, want %v", hidden, factor, b.At(i, j), factor*theta.At(i, j))
				}
			}
		}
	})
}

// Θ(x, x) = (hidden layers + 1) · K(x, x) at σ_w² = 2 without biases; and without
// hidden layers a network is linear.
func TestDepth(t *testing.T) {
	for _, hidden := range []int{0, 1, 2, 10, 100} {
		n := ntk.Network{Input: ntk.Vec(4), Layers: ntk.FullyConnected(hidden, 1, ntk.ReLU, math.Sqrt2, 0)}
		x := mat.NewDense(1, 4, []float64{1, -2, 0.5, 3})
		nngp, theta := symmetric(t, compile(t, n, nil), x)
		near(t, "K", nngp.At(0, 0), 2*14.25/4, 1e-13)
		near(t, "Θ", theta.At(0, 0), float64(hidden+1)*2*14.25/4, 1e-13)
	}
	linear := ntk.Network{Input: ntk.Vec(2), Layers: ntk.FullyConnected(0, 1, ntk.ReLU, 2, 0.5)}
	nngp, theta := symmetric(t, compile(t, linear, nil), mat.NewDense(2, 2, []float64{1, 2, 3, -1}))
	near(t, "K of a linear network", nngp.At(0, 1), 4*(3-2)/2.0+0.25, 1e-15)
	near(t, "Θ of a linear network", theta.At(0, 1), nngp.At(0, 1), 0)
}

// Inputs of zeros, opposite inputs, weights without variance: no NaN, and what the
// formulas say.
func TestDegenerate(t *testing.T) {
	x := mat.NewDense(4, 3, []float64{0, 0, 0, 1, -2, 0.5, -1, 2, -0.5, 3, -6, 1.5})
	kernels := func(sw, sb float64) (nngp, theta *mat.SymDense) {
		n := ntk.Network{Input: ntk.Vec(3), Layers: ntk.FullyConnected(2, 0, ntk.ReLU, sw, sb)}
		return symmetric(t, compile(t, n, nil), x)
	}
	nngp, theta := kernels(math.Sqrt2, 0)
	for j := range 4 {
		if nngp.At(0, j) != 0 || theta.At(0, j) != 0 {
			t.Errorf("an input of zeros has %v and %v with input %d", nngp.At(0, j), theta.At(0, j), j)
		}
	}
	// Opposite inputs are independent after one layer: K = 2·√(k11 k22)/2π then.
	near(t, "K of opposite inputs", nngp.At(1, 2), 2*5.25/3/math.Pi, 1e-15)
	near(t, "Θ of inputs in one direction", theta.At(1, 3), 3*theta.At(1, 1), 1e-15)
	nngp, theta = kernels(0, 0.5)
	if nngp.At(1, 2) != 0.25 || theta.At(1, 2) != 0.25 {
		t.Errorf("σ_w = 0 has %v and %v, want σ_b²", nngp.At(1, 2), theta.At(1, 2))
	}
	nngp, theta = kernels(0, 0)
	if nngp.At(1, 1) != 0 || theta.At(1, 1) != 0 {
		t.Errorf("no variance has %v and %v", nngp.At(1, 1), theta.At(1, 1))
	}
	// Weights that nearly vanish, in many layers.
	small := ntk.Network{Input: ntk.Vec(3), Layers: ntk.FullyConnected(100, 0, ntk.ReLU, 0.1, 0)}
	nngp, theta = symmetric(t, compile(t, small, nil), x)
	near(t, "K of small weights", nngp.At(1, 1), 5.25/3*math.Pow(0.005, 100)*0.01, 1e-12)
	near(t, "Θ of small weights", theta.At(1, 1), 101*nngp.At(1, 1), 1e-12)
}

// The first line of each error says what to do about it.
func TestKernelErrors(t *testing.T) {
	for want, n := range map[string]ntk.Network{
		"an input of 0×0×0":                       {Layers: dense},
		"a network without layers":                {Input: ntk.Vec(3)},
		"layer 2 of 2 is nil":                     image(3, 1, 1, ntk.Serial{dense, nil}),
		"a network without weights: add a Dense":  image(3, 1, 1, ntk.Serial{}),
		"must be a vector: put a Flatten":         image(3, 4, 4, dense),
		"ends with 7×4×4: add a Flatten":          image(3, 4, 4, conv(3, 3, ntk.Same)),
		"relu: its input is not normal":           image(3, 1, 1, ntk.Serial{ntk.ReLU, dense}),
		"abs: its input is not normal":            image(3, 1, 1, ntk.Serial{dense, ntk.ReLU, ntk.Abs}),
		"erf: its input is not normal":            image(3, 4, 4, ntk.Serial{conv(3, 3, ntk.Same), ntk.Flatten{}, ntk.Erf}),
		"tanh: its input is not normal":           image(3, 1, 1, ntk.Serial{dense, ntk.ReLU, ntk.Sum{ntk.Serial{}, dense}, ntk.Tanh}),
		"layer norm(ε 0): its input is not":       image(3, 1, 1, ntk.Serial{dense, ntk.ReLU, ntk.LayerNorm{}}),
		"Eps must be 0 or more":                   image(3, 1, 1, ntk.Serial{dense, ntk.LayerNorm{Eps: -1}}),
		"not made by this package":                image(3, 1, 1, ntk.Serial{dense, ntk.Activation{}}),
		"a deviation must be 0 or more":           image(3, 1, 1, ntk.Dense{SigmaW: -1}),
		"and finite":                              image(3, 1, 1, ntk.Dense{SigmaW: math.NaN()}),
		"a width must not be negative":            image(3, 1, 1, ntk.Dense{Width: -1}),
		"unknown law of weights 3":                image(3, 1, 1, ntk.Dense{Law: 3}),
		"ZeroBias is for":                         image(3, 1, 1, ntk.Dense{SigmaW: 1, ZeroBias: true}),
		"a window of [5 5], stride [1 1]":         image(3, 4, 4, conv(5, 5, ntk.Valid)),
		"a window of [0 3]":                       image(3, 4, 4, conv(0, 3, ntk.Same)),
		"stride [-1 1]":                           image(3, 4, 4, ntk.Conv{Window: ntk.Size{3, 3}, Stride: ntk.Size{-1, 1}}),
		"padding pad -3":                          image(3, 4, 4, conv(3, 3, -3)),
		"Inside is for means":                     image(3, 4, 4, ntk.AvgPool{Window: ntk.Size{2, 2}, Sum: true, Inside: true}),
		"more zeros than a window":                image(3, 4, 4, ntk.AvgPool{Window: ntk.Size{2, 2}, Pad: 2}),
		"a sum of no branches":                    image(3, 1, 1, ntk.Serial{dense, ntk.Sum{}}),
		"branch 2 is nil":                         image(3, 1, 1, ntk.Serial{dense, ntk.Sum{dense, nil}}),
		"2 branches have no weights of their own": image(3, 1, 1, ntk.Serial{dense, ntk.Sum{ntk.Serial{}, ntk.Serial{dense, ntk.ReLU}}}),
		"is of the few inputs of the network":     image(3, 1, 1, ntk.Residual(dense)),
		"branch 2 gives 9, branch 1 8":            image(3, 1, 1, ntk.Serial{dense, ntk.Sum{dense, ntk.Dense{Width: 9}}}),
		"branch 2 gives 8×3×3, branch 1 8×2×2":    image(3, 4, 4, ntk.Serial{conv(3, 3, ntk.Same), ntk.Sum{ntk.Conv{Width: 8, Window: ntk.Size{3, 3}}, ntk.Conv{Width: 8, Window: ntk.Size{2, 2}}}}),
		"needs the width of the layer before it":  {Input: ntk.Vec(3), Parameters: ntk.Standard, Layers: ntk.Serial{ntk.Dense{SigmaW: 1}, ntk.ReLU, dense}},
	} {
		_, err := n.Kernel(nil)
		if err == nil || !strings.HasPrefix(err.Error(), "ntk: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want … %s …", n, err, want)
		}
	}
}

// Inputs that are not finite, kernels that do not fit, variances out of range: one
// clear error each.
func TestDataErrors(t *testing.T) {
	n := ntk.Network{Input: ntk.Vec(2), Layers: ntk.FullyConnected(1, 0, ntk.ReLU, 1, 0)}
	good := mat.NewDense(3, 2, []float64{1, 2, 3, 4, 5, 6})
	bad := mat.NewDense(3, 2, []float64{1, 2, 3, 4, math.NaN(), 6})
	zero := mat.NewDense(2, 2, []float64{1, 2, 0, 0})
	huge := mat.NewDense(2, 2, []float64{1, 2, 1e200, 1e200})
	norm := ntk.Network{Input: ntk.Vec(2), Layers: ntk.Serial{ntk.Dense{SigmaW: 1}, ntk.LayerNorm{}, dense}}
	many := mat.NewDense(1000, 2, nil)
	for want, f := range map[string]func() error{
		"number 0 of example 2 of x is NaN": func() error { _, _, err := compile(t, n, nil).Symmetric(bad); return err },
		"number 0 of example 2 of y is NaN": func() error { _, _, err := compile(t, n, nil).Cross(good, bad); return err },
		"no examples in x":                  func() error { return compile(t, n, nil).Each(new(mat.Dense), nil, nil) },
		"no examples in y":                  func() error { return compile(t, n, nil).Each(good, new(mat.Dense), nil) },
		"kernels of 1000×1000 examples take 16.0 MB, and Memory allows 10.0 MB: use Each": func() error {
			_, _, err := compile(t, n, &ntk.Settings{Memory: 1e7}).Symmetric(many)
			return err
		},
		"kernels of 3×1000 examples": func() error {
			_, _, err := compile(t, n, &ntk.Settings{Memory: 1e4}).Cross(good, many)
			return err
		},
		"one pair of examples takes": func() error {
			return compile(t, n, &ntk.Settings{Memory: 100}).Each(good, nil, nil)
		},
		"example 1: layer norm(ε 0) of a variance of 0: give it an Eps": func() error { _, _, err := compile(t, norm, nil).Symmetric(zero); return err },
		"the kernel of examples 0 and 1 is NaN: variances have left":    func() error { _, _, err := compile(t, n, nil).Cross(huge, huge); return err },
		"enough": func() error {
			return compile(t, n, nil).Each(good, nil, func(ntk.Block) error { return errors.New("enough") })
		},
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	mustPanic(t, "examples of another size", func() { compile(t, n, nil).Symmetric(mat.NewDense(2, 3, nil)) })
}

// A call allocates no more than Memory allows: blocks become smaller, for outputs and
// for intermediate results.
func TestMemory(t *testing.T) {
	for _, c := range []struct {
		ntk.Network
		count  int
		memory int64
	}{
		{ntk.Network{Input: ntk.Vec(3), Layers: ntk.FullyConnected(2, 0, ntk.ReLU, 1, 0)}, 700, 3 << 20},
		{image(1, 6, 6, ntk.Serial{conv(3, 3, ntk.Same), ntk.Erf, ntk.AvgPool{Window: ntk.Size{2, 2}}, conv(3, 3, ntk.Same), ntk.Tanh, ntk.Flatten{}, dense}), 300, 7 << 19},
	} {
		x := examples(c.Network, c.count, 1)
		k := compile(t, c.Network, &ntk.Settings{Memory: c.memory})
		var most, before runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		blocks := 0
		err := k.Each(x, nil, func(ntk.Block) error {
			blocks++
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			most.HeapAlloc = max(most.HeapAlloc, m.HeapAlloc)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if used := int64(most.HeapAlloc) - int64(before.HeapAlloc); used > c.memory || blocks == 1 {
			t.Errorf("%v: %d bytes are in use, %d allowed, in %d blocks", c.Network, used, c.memory, blocks)
		}
	}
}

func TestNetworkString(t *testing.T) {
	n := ntk.Network{Input: ntk.Shape{C: 3, H: 8, W: 8}, Parameters: ntk.Standard, Layers: ntk.Serial{
		ntk.Conv{Width: 16, Window: ntk.Size{3, 3}, Stride: ntk.Size{2, 2}, Pad: ntk.Same, SigmaW: 1.5, SigmaB: 0.1, Law: ntk.DeltaOrthogonal},
		ntk.LayerNorm{Eps: 1e-5, Whole: true}, ntk.Residual(ntk.LeakyReLU(0.2), ntk.Conv{Window: ntk.Size{1, 1}, SigmaW: 1, ZeroBias: true}),
		ntk.AvgPool{Window: ntk.Size{2, 2}, Stride: ntk.Size{1, 2}, Pad: 1, Inside: true}, ntk.AvgPool{Window: ntk.Size{2, 2}, Sum: true},
		ntk.GlobalAvgPool{Sum: true}, ntk.Polynomial(1, 0, 2), ntk.Flatten{}, ntk.GlobalAvgPool{}, ntk.LayerNorm{}, ntk.Dense{Width: 10, SigmaW: 1, Law: ntk.Orthogonal},
	}}
	want := "3×8×8 → conv(3×3/2×2 same, 16, σ_w 1.5, σ_b 0.1, delta-orthogonal) → layer norm(whole, ε 1e-05) → " +
		"(identity + leaky relu(0.2) → conv(1×1 valid, σ_w 1, biases from 0)) → avgpool(2×2/1×2 pad 1, of those inside) → " +
		"sumpool(2×2) → global sumpool → polynomial(1, 0, 2) → flatten → global avgpool → layer norm(ε 0) → " +
		"dense(10, σ_w 1, orthogonal), standard parameters"
	if got := fmt.Sprint(n); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}
