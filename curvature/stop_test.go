package curvature

import (
	"errors"
	"slices"
	"sync/atomic"
	"testing"

	"gonum.org/v1/gonum/mat"

	"breakeven/nn"
)

// A countdown says stop after it was asked so many times.
type countdown struct {
	asked, after atomic.Int64
}

const never = 1 << 40

var errStopped = errors.New("stopped")

func (c *countdown) ask() error {
	if c.asked.Add(1) > c.after.Load() {
		return errStopped
	}
	return nil
}

func (c *countdown) set(n int64) {
	c.asked.Store(0)
	c.after.Store(n)
}

// All long work can be stopped anywhere: it asks, and returns the error unchanged. What
// follows returns the error again or is right; it is right for certain after the next
// At.
func TestStops(t *testing.T) {
	both(t, func(t *testing.T, net *nn.Network, s Settings) {
		s.Keep = 1
		p, c := at(net, 30, s), new(countdown)
		want := everything(p)
		p.SetStop(c.ask)
		for name, f := range stoppable(p) {
			c.set(never)
			if err := errors.Join(p.At(point(net)), f(c.ask)); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			c.set(never)
			if err := f(c.ask); err != nil || c.asked.Load() < 3 {
				t.Errorf("%s: asks %d times, %v", name, c.asked.Load(), err)
			}
			for asked, n := c.asked.Load(), int64(0); n < asked; n += 1 + asked/20 {
				c.set(never)
				if err := p.At(point(net)); err != nil {
					t.Fatal(err)
				}
				c.set(n)
				if err := f(c.ask); err != errStopped {
					t.Errorf("%s, stopped at question %d of %d: %v", name, n+1, asked, err)
				}
				c.set(never)
				hv := make([]float32, net.Dim())
				if err := p.Hessian().MulVecTo(hv, random(net.Dim(), "v")); err != errStopped {
					sameBits(t, map[string]any{"Hv": hv}, map[string]any{"Hv": want["Hv"]})
				}
			}
			if err := p.At(point(net)); err != nil {
				t.Fatal(err)
			}
			sameBits(t, everything(p), want)
		}
	})
}

// stoppable lists everything that takes time.
func stoppable(p *Problem) map[string]func(stop func() error) error {
	net, theta := p.Network(), point(p.Network())
	v, dst, x := random(net.Dim(), "v"), make([]float32, net.Dim()), make([]float64, p.Set().Len())
	batches := Split(p.Set(), p.plan.Batch())
	product := func(o *Operator) func(func() error) error {
		return func(func() error) error { return o.MulVecTo(dst, v) }
	}
	rough, _ := p.Hessian().Rough()
	all := map[string]func(func() error) error{
		"At":                 func(func() error) error { return p.At(theta) },
		"H":                  product(p.Hessian()),
		"G":                  product(p.GaussNewton()),
		"H of some":          product(rough),
		"LossAt":             func(func() error) error { return second(p.LossAt(theta, 30)) },
		"BatchCurvature":     func(func() error) error { return second(p.BatchCurvature(batches[0], v)) },
		"Third":              func(func() error) error { return p.Third(dst, v, 0.1) },
		"FisherTrace":        func(func() error) error { return second(p.FisherTrace(batches[0], SignsOf(1), 0)) },
		"sharpness":          func(func() error) error { return second(p.BatchCurvature(batches[0], nil)) },
		"K of minibatches":   func(func() error) error { return second(p.Covariance(batches)) },
		"inner products":     func(stop func() error) error { return second(inner([][]float32{v, v, v}, stop)) },
		"ends of a spectrum": func(stop func() error) error { return (&Covariance{L: 4, Inner: make([]float64, 16)}).solve(4, stop) },
	}
	if !p.PerExample() {
		return all
	}
	all["Curvatures"] = func(func() error) error { return p.Curvatures(x, v) }
	all["Slopes"] = func(func() error) error { return p.Slopes(x, v) }
	all["Θ"] = func(stop func() error) error { return second(TangentKernel(net, p.Set().Slice(0, 3), theta, stop)) }
	all["K of examples"] = func(stop func() error) error {
		return second(ExampleCovariance(net, p.Set(), theta, nil, stop))
	}
	return all
}

func second[T any](_ T, err error) error { return err }

// Making an eigenvector of K of examples is a pass that can be stopped like others.
func TestTopStops(t *testing.T) {
	net, c := smooth(false), new(countdown)
	c.set(never)
	k := must(ExampleCovariance(net, points(net, 8), point(net), nil, c.ask))
	dst := make([]float32, net.Dim())
	c.set(never)
	if err := k.Top(dst, 0); err != nil || c.asked.Load() == 0 {
		t.Errorf("asks %d times, %v", c.asked.Load(), err)
	}
	c.set(0)
	if err := k.Top(dst, 0); err != errStopped {
		t.Error(err)
	}
}

// Only five eigenvectors of K are kept, but all numbers of its whole spectrum.
func TestEndsOfSpectrum(t *testing.T) {
	net := smooth(false)
	k := must(ExampleCovariance(net, points(net, 20), point(net), nil, nil))
	g := mat.NewSymDense(20, slices.Clone(k.Inner))
	var eig mat.EigenSym
	centre := mat.NewDense(20, 20, nil)
	for i := range 20 {
		for j := range 20 {
			centre.Set(i, j, -1.0/20)
		}
		centre.Set(i, i, 1-1.0/20)
	}
	var half, whole mat.Dense
	half.Mul(centre, g)
	whole.Mul(&half, centre)
	for i := range 20 {
		for j := range i + 1 {
			g.SetSym(i, j, whole.At(i, j)/20)
		}
	}
	if !eig.Factorize(g, false) {
		t.Fatal("the slow twin did not converge")
	}
	want := eig.Values(nil)
	closeTo(t, "λ¹", k.Max(), want[19], 1e-13, want[19])
	closeTo(t, "λ*", k.Min(), want[1], 1e-13, want[19])
	closeTo(t, "Tr", k.Trace(), mat.Trace(g), 1e-13, want[19])
	if _, columns := k.Vectors.Dims(); columns != topVectors {
		t.Errorf("%d eigenvectors", columns)
	}
}
