package train

import (
	"math"
	"testing"

	"breakeven/nn"
	"breakeven/rng"
)

// slow takes the steps of a method in float64, in PyTorch's order: the gradient is clipped,
// decay is added to it, and the method steps.
func slow(name string, theta []float64, gradient func([]float64) []float64, lr func(int) float64, beta float64, r Rules, steps int) {
	b, m, s := make([]float64, len(theta)), make([]float64, len(theta)), make([]float64, len(theta))
	for t := range steps {
		eta, g := lr(t), gradient(theta)
		norm := 0.0
		for _, v := range g {
			norm += v * v
		}
		if norm = math.Sqrt(norm); r.Clip > 0 && norm > r.Clip {
			for i := range g {
				g[i] *= r.Clip / norm
			}
		}
		for i := range theta {
			if r.Decoupled {
				theta[i] *= 1 - eta*r.Decay
			} else {
				g[i] += r.Decay * theta[i]
			}
			switch name {
			case "sgd":
				theta[i] -= eta * g[i]
			case "momentum", "nesterov":
				b[i] = beta*b[i] + g[i]
				step := b[i]
				if name == "nesterov" {
					step = g[i] + beta*b[i]
				}
				theta[i] -= eta * step
			case "adam":
				m[i], s[i] = 0.9*m[i]+0.1*g[i], 0.999*s[i]+0.001*g[i]*g[i]
				mh, sh := m[i]/(1-math.Pow(0.9, float64(t+1))), s[i]/(1-math.Pow(0.999, float64(t+1)))
				theta[i] -= eta * mh / (math.Sqrt(sh) + 1e-8)
			}
		}
	}
}

// A line is a network y = w·x with the squared error, on one batch.
func line() (*nn.Network, nn.Batch, func([]float64) []float64) {
	const n, dim = 12, 5
	net, x := nn.NewNetwork(nn.Vec(dim))
	net.Add("fc", nn.Linear{Units: 1, NoBias: true}, x)
	r := rng.New(4, "line")
	b := nn.Batch{N: n, In: []nn.Values{{F: make([]float32, n*dim)}}, Target: []nn.Target{{Vector: make([]float32, n)}}}
	for i := range b.In[0].F {
		b.In[0].F[i] = float32(r.NormFloat64())
	}
	for i := range n {
		b.Target[0].Vector[i] = float32(3 * r.NormFloat64())
	}
	return net, b, func(theta []float64) []float64 {
		g := make([]float64, dim)
		for i := range n {
			d := -float64(b.Target[0].Vector[i])
			for k, w := range theta {
				d += w * float64(b.In[0].F[i*dim+k])
			}
			for k := range g {
				g[k] += 2 * d * float64(b.In[0].F[i*dim+k]) / n
			}
		}
		return g
	}
}

// With decay, clipping and schedules each method agrees with its slow twin, and Next
// returns what Step reaches.
func TestRules(t *testing.T) {
	const steps = 40
	for _, name := range Names {
		for what, r := range map[string]Rules{
			"none": {}, "decay": {Decay: 0.3}, "decoupled": {Decay: 0.3, Decoupled: true}, "clip": {Clip: 0.7}, "all": {Decay: 0.1, Clip: 0.5},
		} {
			for _, schedule := range Schedules {
				rate, err := Schedule(schedule, 0.05, 5, steps)
				if err != nil {
					t.Fatal(err)
				}
				net, batch, gradient := line()
				m, err := New(name, 0.05, 0.9, net.Dim())
				if err != nil {
					t.Fatal(err)
				}
				theta := []float32{1, -2, 0.5, 3, -1}
				want := []float64{1, -2, 0.5, 3, -1}
				l := NewLoop(net.Compile(nn.Settings{Batch: batch.N, Loss: nn.MSE{}}), theta, m, func(int) nn.Batch { return batch })
				l.Rules = r
				l.Rules.Rate = rate
				for range steps {
					next, err := l.Next()
					if err != nil {
						t.Fatal(err)
					}
					if _, err := l.Step(); err != nil {
						t.Fatal(err)
					}
					for i := range next {
						if next[i] != l.Theta[i] {
							t.Fatalf("%s, %s: Next is %v, Step reaches %v", name, what, next, l.Theta)
						}
					}
				}
				slow(name, want, gradient, rate, 0.9, r, steps)
				for i, w := range want {
					if math.Abs(float64(l.Theta[i])-w) > 2e-4*(1+math.Abs(w)) {
						t.Errorf("%s, %s, %s: θ is %v, want %v", name, what, schedule, l.Theta, want)
						break
					}
				}
			}
		}
	}
}

func TestSchedule(t *testing.T) {
	for _, c := range []struct {
		name   string
		warmup int
		step   int
		want   float64
	}{
		{"constant", 0, 0, 1}, {"constant", 4, 0, 0.25}, {"constant", 4, 3, 1}, {"constant", 4, 99, 1},
		{"step", 0, 49, 1}, {"step", 0, 50, 0.1}, {"step", 0, 74, 0.1}, {"step", 0, 75, 0.01}, {"step", 60, 5, 0.1},
		{"cosine", 0, 0, 1}, {"cosine", 0, 50, 0.5}, {"cosine", 0, 100, 0}, {"cosine", 20, 20, 1}, {"cosine", 20, 60, 0.5}, {"cosine", 20, 120, 0},
	} {
		f, err := Schedule(c.name, 1, c.warmup, 100)
		if err != nil {
			t.Fatal(err)
		}
		if got := f(c.step); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%s after %d steps of warm-up, step %d: %v, want %v", c.name, c.warmup, c.step, got, c.want)
		}
	}
	if _, err := Schedule("linear", 1, 0, 100); err == nil {
		t.Error("an unknown schedule")
	}
}

// The rules are PyTorch's: its SGD and AdamW, clip_grad_norm_ and CosineAnnealingLR
// (PyTorch 2, float64) reach these parameters after 12 steps.
func TestPyTorch(t *testing.T) {
	const steps = 12
	x := []float32{1, 2, -1, 0.5, -1, 2, 2, 0, 1, -1, 1, 1}
	batch := nn.Batch{N: 4, In: []nn.Values{{F: x}}, Target: []nn.Target{{Vector: []float32{1, -2, 3, 0.5}}}}
	for name, c := range map[string]struct {
		method string
		rules  Rules
		want   [3]float64
	}{
		"SGD, clipped": {"momentum", Rules{Decay: 0.1, Clip: 1}, [3]float64{0.7013047980537845, 0.5875705781674921, -0.13322253759937552}},
		"Nesterov":     {"nesterov", Rules{Decay: 0.1}, [3]float64{0.9714298456829384, 0.7670296614579156, -0.10872527879055358}},
		"AdamW":        {"adam", Rules{Decay: 0.1, Decoupled: true}, [3]float64{0.6021841205561105, 0.12061956560635621, 0.17132935806978056}},
		"Adam":         {"adam", Rules{Decay: 0.1}, [3]float64{0.6147582112533472, 0.11880670292639224, 0.1823858299234001}},
	} {
		net, in := nn.NewNetwork(nn.Vec(3))
		net.Add("fc", nn.Linear{Units: 1, NoBias: true}, in)
		m, err := New(c.method, 0.05, 0.9, 3)
		if err != nil {
			t.Fatal(err)
		}
		l := NewLoop(net.Compile(nn.Settings{Batch: 4, Loss: nn.MSE{}}), []float32{0.3, -0.2, 0.5}, m, func(int) nn.Batch { return batch })
		l.Rules = c.rules
		if l.Rules.Rate, err = Schedule("cosine", 0.05, 0, steps); err != nil {
			t.Fatal(err)
		}
		for range steps {
			if _, err := l.Step(); err != nil {
				t.Fatal(err)
			}
		}
		for i, w := range c.want {
			if math.Abs(float64(l.Theta[i])-w) > 1e-5 {
				t.Errorf("%s: θ is %v, want %v", name, l.Theta, c.want)
				break
			}
		}
	}
}
