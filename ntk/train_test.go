package ntk_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"breakeven/ntk"

	"gonum.org/v1/gonum/mat"
)

// kernels returns those of n training and s test examples of an erf network, and
// targets of two outputs.
type kernels struct {
	theta, nngp           *mat.SymDense
	crossTheta, crossNNGP *mat.Dense
	testNNGP              *mat.SymDense
	y                     *mat.Dense
}

func trainingKernels(t *testing.T, n, s int) kernels {
	t.Helper()
	net := ntk.Network{Input: ntk.Vec(4), Layers: ntk.FullyConnected(2, 0, ntk.Erf, 1.4, 0.2)}
	k := compile(t, net, nil)
	var ks kernels
	x, test := examples(net, n, 1), examples(net, s, 2)
	ks.nngp, ks.theta = symmetric(t, k, x)
	ks.testNNGP, _ = symmetric(t, k, test)
	var err error
	if ks.crossNNGP, ks.crossTheta, err = k.Cross(test, x); err != nil {
		t.Fatal(err)
	}
	ks.y = waves(n, 2, 0.3)
	return ks
}

func regression(t *testing.T, theta, nngp mat.Symmetric, y *mat.Dense, l *ntk.Loss) *ntk.Regression {
	t.Helper()
	r, err := ntk.NewRegression(theta, nngp, y, l)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// sameMatrix fails unless two matrices are near, relative to the largest element.
func sameMatrix(t *testing.T, what string, got, want mat.Matrix, relative float64) {
	t.Helper()
	rows, cols := want.Dims()
	list := make([][]float64, rows)
	for i := range list {
		list[i] = make([]float64, cols)
		for j := range list[i] {
			list[i][j] = want.At(i, j)
		}
	}
	compare(t, what, got, list, relative)
}

// Gradient descent in closed form is gradient descent of the outputs, step by step.
func TestStepsAreGradientDescent(t *testing.T) {
	k := trainingKernels(t, 5, 3)
	const scale, ridge = 0.3, 0.01
	r := regression(t, k.theta, nil, k.y, &ntk.Loss{Scale: scale, Ridge: ridge})
	theta := mat.DenseCopyOf(k.theta)
	for i := range 5 {
		theta.Set(i, i, theta.At(i, i)+ridge)
	}
	train, test := waves(5, 2, 0.9), waves(3, 2, 1.1)
	for _, rate := range []float64{0.3 * r.MaxLearningRate(), 0.9 * r.MaxLearningRate()} {
		f, g := mat.DenseCopyOf(train), mat.DenseCopyOf(test)
		for step := range 8 {
			sameMatrix(t, fmt.Sprintf("rate %v, step %d", rate, step), r.Steps(rate, step).From(k.crossTheta, train, test), g, 1e-12)
			var left, df, dg mat.Dense
			left.Sub(f, k.y)
			df.Mul(theta, &left)
			dg.Mul(k.crossTheta, &left)
			df.Scale(rate*scale, &df)
			dg.Scale(rate*scale, &dg)
			f.Sub(f, &df)
			g.Sub(g, &dg)
		}
	}
}

// Small steps approach the flow, and the flow solves the differential equation,
// integrated by the Runge-Kutta method of order 4.
func TestFlow(t *testing.T) {
	k := trainingKernels(t, 4, 2)
	r := regression(t, k.theta, nil, k.y, nil)
	const time, steps = 1.5, 4000
	f := mat.NewDense(4, 2, nil)
	slope := func(f *mat.Dense) *mat.Dense {
		var left, d mat.Dense
		left.Sub(k.y, f)
		d.Mul(k.theta, &left)
		return &d
	}
	const h = time / steps
	moved := func(f, d *mat.Dense, h float64) *mat.Dense {
		var m mat.Dense
		m.Scale(h, d)
		m.Add(&m, f)
		return &m
	}
	for range steps {
		a := slope(f)
		b := slope(moved(f, a, h/2))
		c := slope(moved(f, b, h/2))
		d := slope(moved(f, c, h))
		f = moved(moved(moved(moved(f, a, h/6), b, h/3), c, h/3), d, h/6)
	}
	sameMatrix(t, "flow", r.Flow(time).Mean(mat.DenseCopyOf(k.theta)), f, 1e-11)
	sameMatrix(t, "small steps", r.Steps(time/1e7, 1e7).Mean(mat.DenseCopyOf(k.theta)), f, 1e-5)
}

// Before training the mean is 0 and the covariance that of the NNGP; after infinite
// time the training examples are learned without variance; in between covariances are
// positive semi-definite.
func TestEnsemble(t *testing.T) {
	k := trainingKernels(t, 6, 4)
	r := regression(t, k.theta, k.nngp, k.y, nil)
	sameMatrix(t, "covariance at 0", r.Flow(0).Covariance(k.crossTheta, k.crossNNGP, k.testNNGP), k.testNNGP, 0)
	if m := r.Flow(0).Mean(k.crossTheta); mat.Max(m) != 0 || mat.Min(m) != 0 {
		t.Errorf("the mean at 0 is %v", mat.Formatted(m))
	}
	theta, nngp := mat.DenseCopyOf(k.theta), mat.DenseCopyOf(k.nngp)
	end := r.Flow(math.Inf(1))
	sameMatrix(t, "training examples at the end", end.Mean(theta), k.y, 1e-12)
	if c := end.Covariance(theta, nngp, k.nngp); mat.Max(c) > 1e-12*mat.Max(k.nngp) || mat.Min(c) < -1e-12*mat.Max(k.nngp) {
		t.Errorf("the covariance of training examples at the end is %v", mat.Formatted(c))
	}
	for _, at := range []*ntk.Trained{r.Flow(0.1), r.Flow(10), end, r.Steps(0.5*r.MaxLearningRate(), 3)} {
		var e mat.EigenSym
		e.Factorize(at.Covariance(k.crossTheta, k.crossNNGP, k.testNNGP), false)
		if v := e.Values(nil); v[0] < -1e-13 {
			t.Errorf("a covariance has the eigenvalues %v", v)
		}
	}
}

// With the NNGP kernel alone the end of training is the Bayesian posterior: mean and
// covariance of normal variables given others.
func TestPosterior(t *testing.T) {
	k := trainingKernels(t, 5, 3)
	at := regression(t, k.nngp, k.nngp, k.y, nil).Flow(math.Inf(1))
	var inverse, mean, gain, covariance mat.Dense
	if err := inverse.Inverse(k.nngp); err != nil {
		t.Fatal(err)
	}
	gain.Mul(k.crossNNGP, &inverse)
	mean.Mul(&gain, k.y)
	covariance.Mul(&gain, k.crossNNGP.T())
	covariance.Sub(k.testNNGP, &covariance)
	sameMatrix(t, "mean", at.Mean(k.crossNNGP), &mean, 1e-11)
	sameMatrix(t, "covariance", at.Covariance(k.crossNNGP, k.crossNNGP, k.testNNGP), &covariance, 1e-11)
}

// Below the largest learning rate gradient descent converges, above it diverges.
func TestMaxLearningRate(t *testing.T) {
	k := trainingKernels(t, 5, 1)
	r := regression(t, k.theta, nil, k.y, &ntk.Loss{Scale: 2})
	theta := mat.DenseCopyOf(k.theta)
	sameMatrix(t, "below", r.Steps(0.99*r.MaxLearningRate(), 1e6).Mean(theta), k.y, 1e-9)
	if m := r.Steps(1.01*r.MaxLearningRate(), 1e4).Mean(theta); mat.Max(m) < 1e10 {
		t.Errorf("above, the outputs reach %v", mat.Max(m))
	}
	zero := regression(t, mat.NewSymDense(2, nil), nil, mat.NewDense(2, 1, nil), nil)
	if !math.IsInf(zero.MaxLearningRate(), 1) || zero.Null != 2 {
		t.Errorf("a kernel of zeros: %v, %d null directions", zero.MaxLearningRate(), zero.Null)
	}
}

// Two equal training examples with different targets: a direction that is never
// learned, and their mean for both.
func TestSingularKernel(t *testing.T) {
	net := ntk.Network{Input: ntk.Vec(3), Layers: ntk.FullyConnected(2, 0, ntk.ReLU, 1.4, 0.2)}
	x := examples(net, 4, 3)
	x.SetRow(3, x.RawRowView(1))
	nngp, theta := symmetric(t, compile(t, net, nil), x)
	y := mat.NewDense(4, 1, []float64{1, 2, 3, 4})
	r := regression(t, theta, nngp, y, nil)
	if r.Null != 1 {
		t.Errorf("%d null directions, want 1", r.Null)
	}
	want := mat.NewDense(4, 1, []float64{1, 3, 3, 3})
	sameMatrix(t, "the end", r.Flow(math.Inf(1)).Mean(mat.DenseCopyOf(theta)), want, 1e-12)
	sameMatrix(t, "nearly the end", r.Flow(1e20).Mean(mat.DenseCopyOf(theta)), want, 1e-12)
	if c := r.Flow(math.Inf(1)).Covariance(mat.DenseCopyOf(theta), mat.DenseCopyOf(nngp), nngp); mat.Max(c) > 1e-12*mat.Max(nngp) {
		t.Errorf("the covariance at the end is %v", mat.Formatted(c))
	}
}

// An invalid kernel is one clear error.
func TestRegressionErrors(t *testing.T) {
	y := mat.NewDense(2, 1, []float64{1, 2})
	good := mat.NewSymDense(2, []float64{2, 1, 1, 2})
	bad := mat.NewSymDense(2, []float64{1, 2, 2, 1})
	nan := mat.NewSymDense(2, []float64{1, math.NaN(), 0, 1})
	try := func(theta, nngp mat.Symmetric, y *mat.Dense, l *ntk.Loss) func() error {
		return func() error { _, err := ntk.NewRegression(theta, nngp, y, l); return err }
	}
	for want, f := range map[string]func() error{
		"not positive semi-definite: its eigenvalues are from -1": try(bad, nil, y, nil),
		"element 0, 1 of the kernel is NaN":                       try(nan, nil, y, nil),
		"element 0, 1 of the NNGP kernel is NaN":                  try(good, nan, y, nil),
		"element 1, 0 of targets is +Inf":                         try(good, nil, mat.NewDense(2, 1, []float64{1, math.Inf(1)}), nil),
		"a loss of scale -1":                                      try(good, nil, y, &ntk.Loss{Scale: -1}),
		"with a ridge of NaN":                                     try(good, nil, y, &ntk.Loss{Ridge: math.NaN()}),
		"a kernel of no examples":                                 try(new(mat.SymDense), nil, new(mat.Dense), nil),
		"a ridge of -1":                                           func() error { _, err := ntk.LeaveOneOut(good, y, -1); return err },
		"the kernel is singular within rounding with every ridge": func() error { _, err := ntk.LeaveOneOut(mat.NewSymDense(2, []float64{1, 1, 1, 1}), y, 0); return err },
		"the kernel is 0":                                         func() error { _, err := ntk.LeaveOneOut(mat.NewSymDense(2, nil), y); return err },
	} {
		if err := f(); err == nil || !strings.HasPrefix(err.Error(), "ntk: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	r := regression(t, good, nil, y, nil)
	mustPanic(t, "another number of targets", func() { ntk.NewRegression(good, nil, mat.NewDense(3, 1, nil), nil) })
	mustPanic(t, "another number of targets", func() { ntk.LeaveOneOut(good, mat.NewDense(3, 1, nil)) })
	mustPanic(t, "a negative time", func() { r.Flow(-1) })
	mustPanic(t, "negative steps", func() { r.Steps(1, -1) })
	mustPanic(t, "a kernel of other examples", func() { r.Flow(1).Mean(mat.NewDense(2, 3, nil)) })
	mustPanic(t, "no NNGP kernel", func() { r.Flow(1).Covariance(mat.NewDense(2, 2, nil), mat.NewDense(2, 2, nil), good) })
}

// The error of a ridge is that of N regressions that leave out one example each.
func TestLeaveOneOut(t *testing.T) {
	const n = 7
	k := trainingKernels(t, n, 3)
	ridges := []float64{1e-6, 0.01, 0.3, 5}
	fit, err := ntk.LeaveOneOut(k.theta, k.y, ridges...)
	if err != nil {
		t.Fatal(err)
	}
	best := 0
	for i, ridge := range ridges {
		sum := 0.0
		for out := range n {
			var keep []int
			for j := range n {
				if j != out {
					keep = append(keep, j)
				}
			}
			part, y, row := mat.NewDense(n-1, n-1, nil), mat.NewDense(n-1, 2, nil), mat.NewDense(1, n-1, nil)
			for a, j := range keep {
				for b, l := range keep {
					part.Set(a, b, k.theta.At(j, l))
				}
				part.Set(a, a, part.At(a, a)+ridge)
				y.SetRow(a, k.y.RawRowView(j))
				row.Set(0, a, k.theta.At(out, j))
			}
			var coefs, f mat.Dense
			if err := coefs.Solve(part, y); err != nil {
				t.Fatal(err)
			}
			f.Mul(row, &coefs)
			for c := range 2 {
				sum += math.Pow(f.At(0, c)-k.y.At(out, c), 2) / (2 * n)
			}
		}
		near(t, fmt.Sprintf("error of ridge %v", ridge), fit.Tried[i].Error, sum, 1e-8)
		if fit.Tried[i].Error < fit.Tried[best].Error {
			best = i
		}
	}
	if fit.Ridge != ridges[best] || fit.Error != fit.Tried[best].Error {
		t.Errorf("ridge %v of error %v is chosen of %v", fit.Ridge, fit.Error, fit.Tried)
	}
	shifted := mat.DenseCopyOf(k.theta)
	for i := range n {
		shifted.Set(i, i, shifted.At(i, i)+fit.Ridge)
	}
	var coefs, want mat.Dense
	if err := coefs.Solve(shifted, k.y); err != nil {
		t.Fatal(err)
	}
	want.Mul(k.crossTheta, &coefs)
	sameMatrix(t, "predictions", fit.Predict(k.crossTheta), &want, 1e-9)
}

// By default 40 ridges are tried; a singular kernel excludes the smallest, and a single
// example is predicted by nothing.
func TestLeaveOneOutDefaults(t *testing.T) {
	singular := mat.NewSymDense(3, []float64{1, 1, 0.5, 1, 1, 0.5, 0.5, 0.5, 1})
	fit, err := ntk.LeaveOneOut(singular, mat.NewDense(3, 1, []float64{1, 1.1, -2}), append([]float64{0}, 1e-3)...)
	if err != nil || fit.Ridge != 1e-3 || !math.IsInf(fit.Tried[0].Error, 1) {
		t.Errorf("%+v, %v", fit, err)
	}
	one, err := ntk.LeaveOneOut(mat.NewSymDense(1, []float64{2}), mat.NewDense(1, 1, []float64{3}))
	if err != nil || math.Abs(one.Error-9) > 1e-13 || len(one.Tried) != 40 {
		t.Errorf("one example: %+v, %v", one, err)
	}
}

// The fixed points of layers: closed forms for linear and rectified networks, none, too
// many, and 0.
func TestFixedPoints(t *testing.T) {
	for _, c := range []struct {
		ntk.Activation
		sw, sb, q, chi float64
	}{
		{ntk.ReLU, 1, 0.5, 0.5, 0.5},
		{ntk.Identity, 0.5, 1, 4.0 / 3, 0.25},
		{ntk.Abs, 0.5, 0.3, 0.09 / 0.75, 0.25},
		{ntk.Tanh, 0.9, 0, 0, 0.81},
		{ntk.Tanh, 1, 0, 0, 1},
		{ntk.Erf, 0, 0.5, 0.25, 0},
		{ntk.Tanh, 0, 0, 0, 0},
		{ntk.Monomial(0), 2, 1, 5, 0},
	} {
		q, chi, err := c.FixedPoint(c.sw, c.sb)
		if err != nil {
			t.Errorf("%v: %v", c, err)
		}
		near(t, fmt.Sprintf("q* of %v", c), q, c.q, 1e-12)
		near(t, fmt.Sprintf("χ of %v", c), chi, c.chi, 1e-12)
	}
	// Chaotic: the stable fixed point is not 0. q is a fixed point, by the integral.
	q, chi, err := ntk.Tanh.FixedPoint(1.5, 0)
	if err != nil || q < 0.1 || chi < 1 {
		t.Errorf("tanh at σ_w = 1.5: %v, %v, %v", q, chi, err)
	}
	near(t, "q* of tanh at σ_w = 1.5", 2.25*plane(math.Tanh, [3]float64{q, q * (1 - 1e-15), q}), q, 1e-11)
	for want, f := range map[string]func() error{
		"every variance is a fixed point": func() error { _, _, err := ntk.ReLU.FixedPoint(math.Sqrt2, 0); return err },
		"grow from layer to layer":        func() error { _, _, err := ntk.ReLU.FixedPoint(1.5, 0.1); return err },
		"the variances grow":              func() error { _, _, err := ntk.Exp(1, 1).FixedPoint(1, 0.1); return err },
		"deviations of NaN":               func() error { _, _, err := ntk.ReLU.FixedPoint(math.NaN(), 0); return err },
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
