package curvature

import (
	"errors"
	"math"
	"runtime"
	"slices"
	"testing"

	"breakeven/model"
	"breakeven/nn"
)

// A problem with gradients only takes less memory and gives the same bits.
func TestGradientsOnly(t *testing.T) {
	for _, m := range model.All {
		if m.Reads != model.Numbers {
			continue
		}
		side := max(16, m.MinSide)
		net, err := model.New(m.Name, nn.Shape{C: 3, H: side, W: side}, 10)
		if err != nil {
			t.Fatal(err)
		}
		if net.Dim() > 3e6 { // takes long, and has no operation that others lack
			continue
		}
		set, theta := points(net, 20), net.InitialParams(nn.Glorot, 3)
		metrics := []Metric{{Of: nn.Correct}}
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
		minibatches := New(net, set, Settings{Chunk: 8, Gradients: true, BatchCurvature: 5})
		if err := minibatches.At(theta); err != nil {
			t.Fatal(err)
		}
		a, err1 = p.BatchCurvature(set.Slice(0, 5), nil)
		b, err2 = minibatches.BatchCurvature(set.Slice(0, 5), nil)
		if !slices.Equal(p.Gradient(), minibatches.Gradient()) || a != b || err1 != nil || err2 != nil {
			t.Errorf("%s: curvatures of a minibatch %v and %v (%v, %v)", m.Name, a, b, err1, err2)
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

// Repeated measurements use the memory of the first one.
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
	if _, err := p.BatchCurvature(set, random(net.Dim(), "v")); err != nil { // products allocate their workspaces
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

// wideImages is a network whose activations take more memory than its parameters.
func wideImages() *nn.Network {
	net, x := nn.NewNetwork(nn.Shape{C: 3, H: 28, W: 28})
	x = net.Add("conv", nn.Conv2D{Filters: 24, K: 3, Pad: 1}, x)
	x = net.Add("tanh", nn.Tanh{}, x)
	x = net.Add("pool", nn.MaxPool{K: 2}, x)
	x = net.Add("flatten", nn.Flatten{}, x)
	net.Add("fc", nn.Linear{Units: 5}, x)
	return net
}

// Memory returns what a problem takes, also for sets smaller than a chunk or with a
// smaller last chunk, and for minibatches larger than the set.
func TestMemory(t *testing.T) {
	for name, net := range map[string]*nn.Network{"images": wideImages(), "norm": model.SimpleCNNBN(nn.Shape{C: 3, H: 12, W: 12}, 10)} {
		for _, c := range []struct {
			n int
			s Settings
		}{
			{12, Settings{Chunk: 64}},
			{66, Settings{Chunk: 64}},
			{200, Settings{Chunk: 64}},
			{200, Settings{Chunk: 64, Keep: 1}},
			{60, Settings{}},
			{12, Settings{Chunk: 64, Covariance: 64}},
			{12, Settings{Chunk: 64, BatchCurvature: 64}},
			{200, Settings{Chunk: 64, Gradients: true}},
			{12, Settings{Chunk: 64, Gradients: true, Covariance: 64}},
			{200, Settings{Chunk: 64, Gradients: true, BatchCurvature: 20}},
		} {
			set, theta := points(net, c.n), point(net)
			took := int64(math.MaxInt64)
			for range 3 { // the first may also allocate the workspaces of products
				took = min(took, taken(t, func() error { return New(net, set, c.s).At(theta) }))
			}
			if promised := Memory(net, c.n, c.s); promised < took*95/100 || promised > took*105/100 {
				t.Errorf("%s, %d examples, %+v: promised %d bytes, took %d", name, c.n, c.s, promised, took)
			}
		}
	}
}

// A small set takes no memory for a larger one.
func TestMemoryFitsSet(t *testing.T) {
	net := wideImages()
	need := func(n int, s Settings) float64 {
		s.Chunk = 64
		return float64(Memory(net, n, s))
	}
	whole, none := need(12, Settings{BatchCurvature: 64}), need(12, Settings{})
	if own := float64(Memory(net, 12, Settings{Chunk: 12})); none != own {
		t.Errorf("12 examples take %v bytes in a chunk of 64, %v in their own", none, own)
	}
	if k := need(12, Settings{Covariance: 64}); k < 1.2*none || k > 0.8*whole {
		t.Errorf("12 examples take %v bytes, %v with minibatches whose gradients are needed, %v with those whose curvature is", none, k, whole)
	}
	if one, rest, two := need(64, Settings{}), need(66, Settings{}), need(128, Settings{}); rest > one+(two-one)/20 {
		t.Errorf("64 examples take %v bytes, 66 %v, 128 %v", one, rest, two)
	}
}

// Batches that are not chunks borrow a tape, also if the last tape is too small for
// them, and change no bit of later results.
func TestBorrowedTape(t *testing.T) {
	both(t, func(t *testing.T, net *nn.Network, _ Settings) {
		set, v, elsewhere := points(net, 10), random(net.Dim(), "v"), net.InitialParams(nn.Glorot, 3)
		for _, s := range []Settings{{Chunk: 4}, {Chunk: 4, Keep: 1}, {Chunk: 4, Covariance: 5}, {Chunk: 16, Covariance: 5, BatchCurvature: 16}} {
			p, h := at(net, 10, s), make([]float32, net.Dim())
			product := func() []float32 {
				if err := p.Hessian().MulVecTo(h, v); err != nil {
					t.Fatal(err)
				}
				return slices.Clone(h)
			}
			want := product()
			for name, borrow := range map[string]func() error{
				"LossAt":         func() error { _, err := p.LossAt(elsewhere, 9); return err },
				"Covariance":     func() error { _, err := p.Covariance(Parts(set, 3)); return err },
				"BatchCurvature": func() error { _, err := p.BatchCurvature(set.Slice(0, 4), nil); return err },
			} {
				if err := borrow(); err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(product(), want) {
					t.Errorf("%+v: after %s a product is another", s, name)
				}
			}
		}
	})
}
