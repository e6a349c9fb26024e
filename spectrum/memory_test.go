package spectrum

import (
	"runtime"
	"runtime/metrics"
	"testing"

	"breakeven/rng"

	"gonum.org/v1/gonum/mat"
)

// The memory that the estimators announce is what they take once the basis is full:
// vectors are used again.
func TestBytes(t *testing.T) {
	const n = 9000
	a, rough := evenly(n, 1), evenly(n, 1.001)
	few := Settings{Tol: 1e-12, MaxProducts: 39} // the basis fills, and does not restart
	ends, begun, verified := few, few, few
	ends.Largest, ends.Smallest, ends.MaxProducts = 5, 2, 38 // and two new directions at a time
	ends.Start = [][]float32{toFloat32(unit(n, rng.New(7, "start"))), toFloat32(unit(n, rng.New(8, "start")))}
	begun.Rough, begun.MaxBasis, verified.Verify = rough, 12, true
	trace := &TraceSettings{Products: 36}
	type estimate struct {
		run   func() error
		bytes int64
	}
	lanczos := func(s *Settings) estimate {
		return estimate{func() error { _, err := Lanczos(a, s); return err }, s.Bytes(n)}
	}
	quadrature := func(s *DensitySettings) estimate {
		return estimate{func() error { _, err := Quadrature(a, s); return err }, s.Bytes(n)}
	}
	for name, e := range map[string]estimate{
		"largest":     lanczos(&few),
		"both ends":   lanczos(&ends),
		"begun rough": lanczos(&begun),
		"verified":    lanczos(&verified),
		"density":     quadrature(&DensitySettings{Probes: 3, Steps: 20}),
		"forgetful":   quadrature(&DensitySettings{Probes: 3, Steps: 20, Forget: true}),
		"trace":       {func() error { _, err := HutchPP(a, trace); return err }, trace.Bytes(n)},
	} {
		took := vectorsOf(func() {
			if err := e.run(); err != nil {
				t.Error(err)
			}
		})
		if promised := e.bytes / 4 / n; took != promised {
			t.Errorf("%s: %d vectors were taken, %d promised", name, took, promised)
		}
	}
}

// The basis has fewer vectors if they are long, but no fewer than a search needs.
func TestDefaultBasis(t *testing.T) {
	for _, c := range []struct {
		set        Settings
		n, vectors int
	}{
		{Settings{}, 30, 30},
		{Settings{}, 3_300_000, 40},
		{Settings{}, 5_000_000, 26},
		{Settings{}, 11_179_077, 12},
		{Settings{}, 110_000_000, 10},
		{Settings{Largest: 5}, 110_000_000, 18},
		{Settings{Largest: 15}, 1_000_000, 60},
		{Settings{MaxBasis: 30}, 110_000_000, 30},
	} {
		if got := c.set.Bytes(c.n) / 4 / int64(c.n); got != int64(c.vectors) {
			t.Errorf("%+v, vectors of length %d: a basis of %d, want %d", c.set, c.n, got, c.vectors)
		}
	}
}

// The same for the eigenproblem of a Gram matrix.
func TestGramBytes(t *testing.T) {
	const n = 600 // so large that terms linear in n are small
	g, r := mat.NewSymDense(n, nil), rng.New(1, "gram")
	for i := range n {
		for j := range i + 1 {
			g.SetSym(i, j, r.NormFloat64())
		}
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := GramSpectrum(g, nil); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if took, promised := int64(after.TotalAlloc-before.TotalAlloc), GramBytes(n); took < promised || took > promised*12/10 {
		t.Errorf("%d bytes were taken, %d promised", took, promised)
	}
	work := make([]float64, GramBytes(n)/8)
	runtime.ReadMemStats(&before)
	in, err := GramSpectrum(g, &GramSettings{Work: work})
	runtime.ReadMemStats(&after)
	if took := int64(after.TotalAlloc - before.TotalAlloc); err != nil || took > GramBytes(n)/5 {
		t.Errorf("%d bytes were taken beside those given (%v)", took, err)
	}
	if out, err := GramSpectrum(g, nil); err != nil || out.Max() != in.Max() || out.Min() != in.Min() {
		t.Errorf("another spectrum in given memory (%v)", err)
	}
}

// evenly is a diagonal matrix of n eigenvalues from 0 to x.
func evenly(n int, x float64) Operator {
	d := make([]float64, n)
	for i := range d {
		d[i] = x * float64(i) / float64(n)
	}
	return diagonal(d)
}

// vectorsOf returns how many vectors of length n a function allocates: objects of
// more than 32 kB.
func vectorsOf(f func()) int64 {
	allocated := func() int64 {
		sample := []metrics.Sample{{Name: "/gc/heap/allocs-by-size:bytes"}}
		metrics.Read(sample)
		counts := sample[0].Value.Float64Histogram().Counts
		return int64(counts[len(counts)-1])
	}
	before := allocated()
	f()
	return allocated() - before
}
