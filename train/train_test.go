package train

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"breakeven/nn"
	"breakeven/rng"
)

// steps applies a method to the gradients of a quadratic, in float32 as in training.
func steps(t *testing.T, name string, lr, momentum float64, gradients [][]float32) []float32 {
	t.Helper()
	theta := []float32{1, -2, 0.5}
	m, err := New(name, lr, momentum, len(theta))
	if err != nil {
		t.Fatal(err)
	}
	for k, g := range gradients {
		before := slices.Clone(g)
		m.Step(theta, g, k)
		if !slices.Equal(before, g) {
			t.Errorf("%s changes the gradient", name)
		}
	}
	return theta
}

// Each method compared with its formula in float64.
func TestMethods(t *testing.T) {
	gradients := [][]float32{{0.5, -1, 3}, {0.25, 2, -1e-3}, {-1, 0, 1e-6}, {4, 4, 4}}
	const lr, beta = 0.1, 0.9
	formulas := map[string]func(theta, b, s *float64, g float64, step int){
		"sgd": func(theta, _, _ *float64, g float64, _ int) { *theta -= lr * g },
		"momentum": func(theta, b, _ *float64, g float64, step int) {
			if *b = beta**b + g; step == 0 {
				*b = g
			}
			*theta -= lr * *b
		},
		"nesterov": func(theta, b, _ *float64, g float64, step int) {
			if *b = beta**b + g; step == 0 {
				*b = g
			}
			*theta -= lr * (g + beta**b)
		},
		"adam": func(theta, m, s *float64, g float64, step int) {
			*m = 0.9**m + 0.1*g
			*s = 0.999**s + 0.001*g*g
			c := float64(step + 1)
			*theta -= lr * (*m / (1 - math.Pow(0.9, c))) / (math.Sqrt(*s/(1-math.Pow(0.999, c))) + 1e-8)
		},
	}
	if len(formulas) != len(Names) {
		t.Fatalf("%d formulas for %v", len(formulas), Names)
	}
	for _, name := range Names {
		got := steps(t, name, lr, beta, gradients)
		for i, theta := range []float64{1, -2, 0.5} {
			var b, s float64
			for k, g := range gradients {
				formulas[name](&theta, &b, &s, float64(g[i]), k)
			}
			if math.Abs(float64(got[i])-theta) > 2e-6*math.Max(1, math.Abs(theta)) {
				t.Errorf("%s: θ[%d] is %v, want %v", name, i, got[i], theta)
			}
		}
	}
}

// A step updates each element as a step of that element alone would, to the bit, also
// at the borders of pieces.
func TestPieces(t *testing.T) {
	const dim = 2*pieceSize + 5
	gradients := make([][]float32, 3)
	for k := range gradients {
		gradients[k] = make([]float32, dim)
		for i, r := 0, rng.New(1, fmt.Sprint("train/pieces/", k)); i < dim; i++ {
			gradients[k][i] = float32(r.NormFloat64())
		}
	}
	for _, name := range Names {
		all, err := New(name, 0.1, 0.9, dim)
		if err != nil {
			t.Fatal(err)
		}
		theta := make([]float32, dim)
		for k, g := range gradients {
			all.Step(theta, g, k)
		}
		for _, i := range []int{0, 1, pieceSize - 1, pieceSize, 2*pieceSize - 1, 2 * pieceSize, dim - 1} {
			one, err := New(name, 0.1, 0.9, 1)
			if err != nil {
				t.Fatal(err)
			}
			want := make([]float32, 1)
			for k, g := range gradients {
				one.Step(want, g[i:i+1], k)
			}
			if theta[i] != want[0] {
				t.Errorf("%s: θ[%d] is %v, alone %v", name, i, theta[i], want[0])
			}
		}
	}
}

// The memory that a loop announces is what it takes.
func TestBytes(t *testing.T) {
	const n = 100_000
	allocated := func(f func()) int64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f()
		runtime.ReadMemStats(&after)
		return int64(after.TotalAlloc - before.TotalAlloc)
	}
	net, x := nn.NewNetwork(nn.Vec(n))
	net.Add("fc", nn.Linear{Units: 1, NoBias: true}, x)
	plan := net.Compile(nn.Settings{Batch: 1})
	in := make([]float32, n)
	batch := func(int) nn.Batch { return nn.Labelled(in, []int32{0}) }
	for _, name := range Names {
		var l *Loop
		kept := allocated(func() {
			m, err := New(name, 0.1, 0.9, n)
			if err != nil {
				t.Fatal(err)
			}
			l = NewLoop(plan, make([]float32, n), m, batch)
		})
		l.Next() // products allocate their workspaces
		next := allocated(func() { l.Next() })
		wantKept, wantNext := Bytes(name, n)
		if kept/n != wantKept/n || next/n != wantNext/n {
			t.Errorf("%s takes %d bytes and %d for Next, says %d and %d", name, kept, next, wantKept, wantNext)
		}
	}
}

// The memory of a method is its whole state: saved and restored it continues with the
// same bits.
func TestMemory(t *testing.T) {
	r := rng.New(1, "gradients")
	gradient := func() []float32 { return []float32{float32(r.NormFloat64()), float32(r.NormFloat64())} }
	for _, name := range Names {
		one, _ := New(name, 0.1, 0.9, 2)
		two, _ := New(name, 0.1, 0.9, 2)
		theta := []float32{1, 2}
		for k := range 3 {
			one.Step(theta, gradient(), k)
		}
		other := slices.Clone(theta)
		for i, v := range one.Memory() {
			w := two.Memory()[i]
			if v.Name == "" || v.Name != w.Name || len(v.Data) != 2 {
				t.Errorf("%s remembers %q of %d numbers", name, v.Name, len(v.Data))
			}
			copy(w.Data, v.Data)
		}
		for k := range 3 {
			g := gradient()
			one.Step(theta, g, 3+k)
			two.Step(other, g, 3+k)
		}
		if !slices.Equal(theta, other) {
			t.Errorf("%s: %v after an interruption, want %v", name, other, theta)
		}
	}
}

func TestNames(t *testing.T) {
	for _, name := range Names {
		if !Known(name) {
			t.Errorf("%s is not known", name)
		}
	}
	if _, err := New("newton", 0.1, 0, 3); Known("newton") || err == nil || !strings.Contains(err.Error(), "sgd, momentum") {
		t.Errorf("an unknown method: %v", err)
	}
}

// loopOf returns a loop over a small network with batch norm and random
// batches that the step decides.
func loopOf(t *testing.T, method string, lr float64) *Loop {
	t.Helper()
	net, x := nn.NewNetwork(nn.Shape{C: 1, H: 4, W: 4})
	x = net.Add("conv", nn.Conv2D{Filters: 2, K: 3, Pad: 1}, x)
	x = net.Add("bn", nn.BatchNorm{}, x)
	x = net.Add("relu", nn.ReLU{}, x)
	x = net.Add("flatten", nn.Flatten{}, x)
	net.Add("fc", nn.Linear{Units: 3}, x)
	theta := make([]float32, net.Dim())
	r := rng.New(2, "theta")
	for i := range theta {
		theta[i] = float32(0.3 * r.NormFloat64())
	}
	m, err := New(method, lr, 0.9, net.Dim())
	if err != nil {
		t.Fatal(err)
	}
	return NewLoop(net.Compile(nn.Settings{Batch: 6}), theta, m, func(step int) nn.Batch {
		r := rng.New(uint64(step), "batch")
		x, y := make([]float32, 6*16), make([]int32, 6)
		for i := range x {
			x[i] = float32(r.NormFloat64())
		}
		for i := range y {
			y[i] = int32(r.IntN(3))
		}
		return nn.Labelled(x, y)
	})
}

// state is everything that a step can change.
func (l *Loop) state() []float32 {
	s := slices.Concat(l.Theta, l.Plan.State(), []float32{float32(l.Done)})
	for _, v := range l.Method.Memory() {
		s = append(s, v.Data...)
	}
	return s
}

func mustStep(t *testing.T, l *Loop) float64 {
	t.Helper()
	loss, err := l.Step()
	if err != nil {
		t.Fatal(err)
	}
	return loss
}

func mustNext(t *testing.T, l *Loop) []float32 {
	t.Helper()
	next, err := l.Next()
	if err != nil {
		t.Fatal(err)
	}
	return next
}

// A step that is stopped anywhere has not happened: the next one gives the same bits.
func TestStepStops(t *testing.T) {
	stopped := errors.New("stopped")
	for _, name := range Names {
		l, want := loopOf(t, name, 0.1), loopOf(t, name, 0.1)
		mustStep(t, l)
		mustStep(t, want)
		stopAfter := func(n int64) {
			var asked atomic.Int64
			l.Plan.SetStop(func() error {
				if asked.Add(1) > n {
					return stopped
				}
				return nil
			})
		}
		before, points := l.state(), int64(0)
		for ; ; points++ {
			stopAfter(points)
			if _, err := l.Next(); err == nil {
				break
			}
			stopAfter(points)
			if loss, err := l.Step(); err != stopped || loss != 0 || !slices.Equal(l.state(), before) {
				t.Fatalf("%s, stopped at question %d: loss %v, %v", name, points+1, loss, err)
			}
		}
		l.Plan.SetStop(nil)
		if mustStep(t, l) != mustStep(t, want) || points == 0 || !slices.Equal(l.state(), want.state()) {
			t.Errorf("%s: a step after %d that were stopped has other bits", name, points)
		}
	}
}

// Next returns the parameters that Step reaches, and changes nothing.
func TestNext(t *testing.T) {
	for _, name := range Names {
		l := loopOf(t, name, 0.1)
		for range 3 {
			before := l.state()
			next := mustNext(t, l)
			if !slices.Equal(l.state(), before) {
				t.Errorf("%s: Next changes something", name)
			}
			if slices.Equal(next, l.Theta) {
				t.Errorf("%s: Next goes nowhere", name)
			}
			mustStep(t, l)
			if !slices.Equal(next, l.Theta) {
				t.Errorf("%s: Step does not go where Next says", name)
			}
		}
	}
}

// A step is a step of the method along the gradient of the batch's mean loss,
// and moves the running statistics by a tenth.
func TestStep(t *testing.T) {
	l := loopOf(t, "sgd", 0.5)
	theta := slices.Clone(l.Theta)
	plan := l.Plan.Network().Compile(nn.Settings{Batch: 6})
	for k := range 3 {
		plan.SetParams(theta)
		want := plan.Forward(l.Batch(k)).Loss / 6
		g := make([]float32, len(theta))
		plan.Gradient(g, 1.0/6, false)
		plan.UpdateState(0.1)
		if loss := mustStep(t, l); loss != want || l.Done != k+1 {
			t.Errorf("step %d (%d done): loss %v, want %v", k, l.Done, loss, want)
		}
		for i := range theta {
			theta[i] -= 0.5 * g[i]
		}
		for i, v := range l.Theta {
			if math.Abs(float64(v-theta[i])) > 1e-6 {
				t.Fatalf("step %d: θ[%d] is %v, want %v", k, i, v, theta[i])
			}
		}
		copy(theta, l.Theta)
		if !slices.Equal(plan.State(), l.Plan.State()) {
			t.Errorf("step %d: running statistics %v, want %v", k, l.Plan.State(), plan.State())
		}
	}
	if l.Plan.State()[0] == 0 {
		t.Error("the running statistics do not move")
	}
}

// Divergence is not an error: the loss is NaN or infinite.
func TestDivergence(t *testing.T) {
	l := loopOf(t, "sgd", 1e30)
	for range 10 {
		if loss := mustStep(t, l); math.IsNaN(loss) || math.IsInf(loss, 0) {
			return
		}
	}
	t.Error("steps of 1e30 do not diverge")
}

// A step allocates nothing of its own.
func TestStepAllocates(t *testing.T) {
	for _, name := range Names {
		l := loopOf(t, name, 0.01)
		b := l.Batch(0)
		l.Batch = func(int) nn.Batch { return b }
		l.Step()
		if n := testing.AllocsPerRun(20, func() { l.Step() }); n > 0 {
			t.Errorf("%s: a step allocates %v times", name, n)
		}
	}
}
