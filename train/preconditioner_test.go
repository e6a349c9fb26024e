package train

import (
	"math"
	"slices"
	"testing"

	"breakeven/tensor"
)

// What Preconditioner returns makes the next step of the gradient of a plain loop, for every form
// of factors, for Adam and for both, and asking for it changes no step.
func TestPreconditioner(t *testing.T) {
	const eta, decay = 0.1, 0.03
	b := graphBatch()
	all := naturals()
	all[""] = Natural{}
	for name, n := range all {
		for _, method := range []string{"sgd", "adam"} {
			natural := &n
			if name == "" {
				natural = nil
			}
			l, other, plain := graphLoop(t, b, natural, nil), graphLoop(t, b, natural, nil), graphLoop(t, b, nil, nil)
			for _, one := range []*Loop{l, other} {
				m, err := New(method, eta, 0, len(l.Theta))
				if err != nil {
					t.Fatal(err)
				}
				one.Method, one.Rules = m, Rules{Decay: decay}
			}
			p, err := l.Preconditioner()
			if err != nil {
				t.Fatal(err)
			}
			if (p.C != nil) != (natural != nil) || (p.D != nil) != (method == "adam") || p.Decay != decay {
				t.Fatalf("%s %s: %+v", method, name, p)
			}
			if _, err := plain.gradient(); err != nil {
				t.Fatal(err)
			}
			before, g := slices.Clone(l.Theta), slices.Clone(plain.grad)
			if p.C != nil {
				if err := p.C.MulVecTo(g, g); err != nil {
					t.Fatal(err)
				}
			}
			tensor.Axpy(g, decay, before)
			if p.D != nil {
				tensor.Mul(g, g, p.D)
				tensor.Scale(g, 0.1) // the first mean of the gradients is a tenth of the first
			}
			mustStep(t, l)
			mustStep(t, other)
			if !slices.Equal(l.Theta, other.Theta) {
				t.Errorf("%s %s: asking for the preconditioner changes the step", method, name)
			}
			for i, v := range l.Theta {
				if got, want := float64(before[i]-v)/eta, float64(g[i]); math.Abs(got-want) > 1e-4*tensor.Norm(g) {
					t.Fatalf("%s %s: parameter %d moves by %v, want %v", method, name, i, got, want)
				}
			}
		}
	}
}
