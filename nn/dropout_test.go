package nn_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"breakeven/nn"
)

// dropped returns the outputs of two dropouts in a row for inputs of 1, 20 examples of
// 500.
func dropped(t *testing.T, s nn.Settings, names [2]string, seed uint64, step, first int) []float32 {
	t.Helper()
	net, x := nn.NewNetwork(nn.Vec(500))
	x = net.Add(names[0], nn.Dropout{Rate: 0.25}, x)
	net.AddOutput("one", x)
	net.AddOutput("two", net.Add(names[1], nn.Dropout{Rate: 0.6}, x))
	s.Batch = 20
	p := net.Compile(s)
	p.SetMasks(seed, step)
	ones := make([]float32, 20*500)
	for i := range ones {
		ones[i] = 1
	}
	p.Forward(nn.Batch{N: 20, In: []nn.Values{{F: ones}}, First: first})
	return slices.Concat(p.Output(0), p.Output(1))
}

// A fourth is dropped, then six tenths, and the rest is scaled. Four standard
// deviations of 10,000 draws.
func TestDropoutRates(t *testing.T) {
	y := dropped(t, nn.Settings{Dropout: true}, [2]string{"a", "b"}, 1, 2, 0)
	var kept, both int
	for i := range 10000 {
		if v := y[i]; v != 0 {
			kept++
			if v != float32(1/0.75) {
				t.Fatalf("a number is %v", v)
			}
		}
		if v := y[10000+i]; v != 0 {
			both++
			if y[i] == 0 || math.Abs(float64(v)-1/0.75/0.4) > 1e-6 {
				t.Fatalf("a number is %v after %v", v, y[i])
			}
		}
	}
	for what, c := range map[string]struct {
		n int
		p float64
	}{"first": {kept, 0.75}, "both": {both, 0.3}} {
		if d := math.Abs(float64(c.n) - 10000*c.p); d > 4*math.Sqrt(10000*c.p*(1-c.p)) {
			t.Errorf("%s: %d of 10000 are kept, want about %v", what, c.n, 10000*c.p)
		}
	}
}

// Seed, step, name and place decide the masks, and nothing else.
func TestDropoutMasks(t *testing.T) {
	on, names := nn.Settings{Dropout: true}, [2]string{"a", "b"}
	want := dropped(t, on, names, 1, 2, 0)
	if !slices.Equal(dropped(t, on, names, 1, 2, 0), want) {
		t.Error("the same masks twice differ")
	}
	for what, y := range map[string][]float32{
		"another seed": dropped(t, on, names, 2, 2, 0),
		"another step": dropped(t, on, names, 1, 3, 0),
		"another name": dropped(t, on, [2]string{"c", "b"}, 1, 2, 0),
		"other places": dropped(t, on, names, 1, 2, 20),
		"off":          dropped(t, nn.Settings{}, names, 1, 2, 0),
	} {
		if slices.Equal(y[:10000], want[:10000]) {
			t.Errorf("%s: the same masks", what)
		}
	}
	// The last ten examples of these are the first ten of those.
	later := dropped(t, on, names, 1, 2, 10)
	equal(t, "examples by their number", later[:10*500], want[10*500:20*500])
	for _, v := range dropped(t, nn.Settings{}, names, 1, 2, 0) {
		if v != 1 {
			t.Fatalf("dropout that is off makes %v of 1", v)
		}
	}
}

// A plan with dropout panics without masks; one without dropout needs none.
func TestDropoutNeedsMasks(t *testing.T) {
	net, x := nn.NewNetwork(nn.Vec(2))
	net.Add("drop", nn.Dropout{Rate: 0.5}, x)
	b := nn.Batch{N: 1, In: []nn.Values{{F: []float32{1, 2}}}}
	if text := panicOf(func() { net.Compile(nn.Settings{Batch: 1, Dropout: true}).Forward(b) }); !strings.Contains(text, "SetMasks") {
		t.Errorf("panics with %q", text)
	}
	p := net.Compile(nn.Settings{Batch: 1})
	p.Forward(b)
	equal(t, "outputs", p.Outputs(), []float32{1, 2})
}
