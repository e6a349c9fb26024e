package hierarchy

import (
	"math"
	"testing"
)

var goldenLabels = []float64{0.5, -0.3, 0.2}

// The exact flow and the truncated ones, in all their forms.
func TestGoldenFlows(t *testing.T) {
	net := deterministic(t, Shape{2, 3, 1, Tanh})
	times := []float64{0.1, 1}
	k, err := Kernels(net, goldenPoints, 5, nil)
	if err != nil {
		t.Fatal(err)
	}
	type row struct{ f1, f2, f3, k11 float64 }
	check := func(name string, p *Path, err error, want map[int]row) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for i, w := range want {
			s := p.Snapshots[i]
			for j, v := range []float64{w.f1, w.f2, w.f3} {
				if math.Abs(s.F[j]-v) > 1e-9 {
					t.Errorf("%s: f(x_%d) = %.10g at t = %v, want %.10g", name, j+1, s.F[j], times[i], v)
				}
			}
			if got := s.K2.At(0, 0); w.k11 != 0 && math.Abs(got-w.k11) > 1e-9 {
				t.Errorf("%s: K(1,1) = %.10g at t = %v, want %.10g", name, got, times[i], w.k11)
			}
		}
	}
	p, err := GradientFlow(net, goldenPoints, goldenLabels, times, nil)
	check("exact", p, err, map[int]row{
		0: {-0.01462091782, -0.02680674201, -0.008199783233, 0.5976965608},
		1: {0.003368792189, -0.01473156121, -0.02491440821, 0.5958183208},
	})
	for level, want := range map[int]map[int]row{
		2: {0: {-0.01462005662, -0.02680601019, -0.008200490884, 0.5979712779}, 1: {0.003422985004, -0.01467226841, -0.02495123728, 0.5979712779}},
		3: {0: {-0.01462091717, -0.02680673761, -0.008199781527, 0.5976967011}, 1: {0.003368961876, -0.0147279293, -0.02491259759, 0.5958257554}},
		4: {0: {-0.01462091782, -0.02680674201, -0.008199783231, 0.5976965595}},
		5: {0: {-0.01462091782, -0.02680674201, -0.008199783233, 0.5976965608}},
	} {
		s, err := Truncate(k[:level], goldenLabels)
		if err != nil {
			t.Fatal(err)
		}
		for _, form := range []Form{Automatic, Iterated, Coupled} {
			p, err := s.Flow(times, &FlowOptions{Form: form})
			check(form.String(), p, err, want)
		}
	}
}

// squareModel is f = θ² with y = 0 and n = 1: K^(r) = 4^(r−1) f.
func squareModel(t testing.TB, level int, f0 float64) *Truncated {
	t.Helper()
	var k []*Tensor
	for r := 1; r <= level; r++ {
		k = append(k, &Tensor{r, 1, 1, []float64{math.Pow(4, float64(r-1)) * f0}})
	}
	s, err := Truncate(k, []float64{0})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestGoldenScalar(t *testing.T) {
	for level, want := range map[int]float64{
		2: 0.01049690377, 3: 5.450684915, 4: 0.06133250106, 6: 0.1224740432, 8: 0.1339302144, 12: 0.134614916,
	} {
		for _, form := range []Form{Automatic, Iterated, Coupled} {
			p, err := squareModel(t, level, 0.7).Flow([]float64{1.5}, &FlowOptions{Past: true, Form: form})
			if err != nil {
				t.Fatal(err)
			}
			if got := p.Snapshots[0].F[0]; math.Abs(got-want) > 1e-7 {
				t.Errorf("level %d, %v: f(1.5) = %.10g, want %.10g", level, form, got, want)
			}
		}
	}
}
