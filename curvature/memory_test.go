package curvature

import (
	"errors"
	"runtime"
	"slices"
	"testing"

	"breakeven/model"
	"breakeven/nn"
)

// A problem of gradients alone takes less memory and gives the same bits.
func TestGradientsOnly(t *testing.T) {
	for _, m := range model.All {
		if m.Tokens {
			continue
		}
		net, err := model.New(m.Name, nn.Shape{C: 3, H: 16, W: 16}, 10)
		if err != nil {
			t.Fatal(err)
		}
		set, theta := points(net, 20), net.InitialParams(nn.Glorot, 3)
		metrics := []func(nn.Row) float64{nn.Correct}
		all, only := Settings{Chunk: 8, Metrics: metrics}, Settings{Chunk: 8, Metrics: metrics, Gradients: true}
		if a, b := Memory(net, 20, all), Memory(net, 20, only); b >= a {
			t.Errorf("%s: gradients alone take %d bytes, curvature %d", m.Name, b, a)
		}
		p, q := New(net, set, all), New(net, set, only)
		if err := errors.Join(p.At(theta), q.At(theta)); err != nil {
			t.Fatal(err)
		}
		next := net.InitialParams(nn.Glorot, 4)
		a, err1 := p.LossAt(next, 13)
		b, err2 := q.LossAt(next, 13)
		if p.Loss() != q.Loss() || p.Metric(0) != q.Metric(0) || a != b || err1 != nil || err2 != nil {
			t.Errorf("%s: losses %v and %v, elsewhere %v and %v (%v, %v)", m.Name, p.Loss(), q.Loss(), a, b, err1, err2)
		}
		if !slices.Equal(p.Gradient(), q.Gradient()) {
			t.Errorf("%s: gradients differ", m.Name)
		}
		k, err := p.Covariance(Parts(set, 4))
		if err != nil {
			t.Fatal(err)
		}
		l, err := q.Covariance(Parts(set, 4))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(k.Inner, l.Inner) {
			t.Errorf("%s: inner products differ", m.Name)
		}
	}
}

// What is measured again and again is measured in the memory of the first time.
func TestKeptMemory(t *testing.T) {
	net, x := nn.NewNetwork(nn.Shape{C: 1, H: 8, W: 8})
	x = net.Add("conv", nn.Conv2D{Filters: 8, K: 3, Pad: 1}, x)
	x = net.Add("tanh", nn.Tanh{}, x)
	x = net.Add("flatten", nn.Flatten{}, x)
	net.Add("fc", nn.Linear{Units: 40}, x)
	const n, parts = 60, 20
	set := points(net, n)
	p := New(net, set, Settings{Chunk: n})
	if err := p.At(point(net)); err != nil {
		t.Fatal(err)
	}
	if _, err := p.BatchCurvature(set, random(net.Dim(), "v")); err != nil { // the products allocate their workspaces
		t.Fatal(err)
	}
	matrix := func(n int) int64 { return 8 * int64(n*n) }
	kept, _ := CovarianceMemory(net, parts)
	keptOfExamples, _ := ExampleMemory(net, n)
	for _, c := range []struct {
		name string
		run  func() error
		kept int64
	}{
		{"gradients of K", func() error { _, err := p.Covariance(Parts(set, parts)); return err }, kept - matrix(parts)},
		{"per-example K", func() error { _, err := p.ExampleCovariance(set); return err }, keptOfExamples - matrix(n)},
		{"batches", func() error { _, err := p.BatchCurvature(set.Slice(0, 20), nil); return err }, BatchMemory(net)},
	} {
		first, again := taken(t, c.run), taken(t, c.run)
		if d := first - again; d < c.kept*9/10 || d > c.kept*11/10 {
			t.Errorf("%s: %d bytes are taken at first and %d again; announced are %d to be kept", c.name, first, again, c.kept)
		}
	}
}

// taken returns the bytes that f allocates.
func taken(t *testing.T, f func() error) int64 {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if err := f(); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	return int64(after.TotalAlloc - before.TotalAlloc)
}
