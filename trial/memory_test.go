package trial

import (
	"context"
	"runtime"
	"sync"
	"testing"

	"breakeven/data"
	"breakeven/internal/testenv"
	"breakeven/run"
)

// inUse returns the memory in use.
func inUse() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// A gauge is a context that records the most memory in use whenever it is asked, which
// is many times in each product of a measurement, on several goroutines.
type gauge struct {
	context.Context
	mu    sync.Mutex
	asked int
	peak  float64
}

func (g *gauge) Err() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.asked++; g.asked%500 == 0 {
		g.peak = max(g.peak, inUse())
	}
	return nil
}

// A deaf sink keeps nothing.
type deaf struct{}

func (deaf) Save(*run.Record, *run.Checkpoint) error { return nil }
func (deaf) Progress(Progress)                       {}

// The memory that a run announces is what it takes.
func TestMemory(t *testing.T) {
	testenv.Slow(t)
	train, test, _, err := data.Open("fashion-mnist-sample", "") // a run that is not the first has it already
	if err != nil {
		t.Fatal(err)
	}
	shared := float64(train.Bytes() + test.Bytes())
	for _, model := range []string{"tiny", "mlp"} {
		s := small(model, "momentum")
		s.Train, s.Valid, s.Batch, s.Steps, s.Every = 120, 40, 40, 1, 1
		s.Measure = run.Measure{L: 6, M: 20, Examples: 120, PerExample: 40, Tolerance: 1e-4}
		s.Probes[3] = "h5" // fills its basis
		before := inUse() - shared
		tr := newSmall(t, s)
		var want float64
		for _, m := range tr.Memory() {
			t.Logf("%s: %s %.1f MB", model, m.Part, float64(m.Bytes)/1e6)
			want += float64(m.Bytes)
		}
		g := &gauge{Context: context.Background()}
		if _, err := tr.Run(g, nil, 0, deaf{}); err != nil {
			t.Fatal(err)
		}
		got := g.peak - before
		t.Logf("%s: %.1f MB held, %.1f MB announced", model, got/1e6, want/1e6)
		// The gauge is not asked at the moment when eigenvectors are put together.
		if got < 0.88*want || got > 1.03*want {
			t.Errorf("%s: %.0f bytes are held, %.0f were announced", model, got, want)
		}
	}
}
