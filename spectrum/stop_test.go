package spectrum

import (
	"errors"
	"testing"

	"breakeven/rng"
)

var errStopped = errors.New("stopped")

// limited returns an error at a given product, and counts products.
type limited struct {
	Operator
	left, done int
}

func (a *limited) MulVecTo(dst, v []float32) error {
	a.done++
	if a.left--; a.left < 0 {
		return errStopped
	}
	return a.Operator.MulVecTo(dst, v)
}

// At whichever product an operator fails, the estimator returns its error unchanged,
// with no result and no further product.
func TestEstimatorsStop(t *testing.T) {
	const n = 60
	a := newRotated(network(n, []float64{9, 5, -3}, 1, 0.2), 3, rng.New(1, "stop"))
	for name, estimate := range map[string]func(a Operator) (any, error){
		"Lanczos": func(a Operator) (any, error) {
			return orNil(Lanczos(a, &Settings{Largest: 2, Smallest: 1, Verify: true}))
		},
		"rough":      func(a Operator) (any, error) { return orNil(Lanczos(a, &Settings{Rough: a})) },
		"Power":      func(a Operator) (any, error) { return orNil(Power(a, &Settings{Verify: true})) },
		"Quadrature": func(a Operator) (any, error) { return orNil(Quadrature(a, &DensitySettings{Probes: 2, Steps: 7})) },
		"Hutchinson": func(a Operator) (any, error) { return orNil(Hutchinson(a, &TraceSettings{Products: 9})) },
		"HutchPP":    func(a Operator) (any, error) { return orNil(HutchPP(a, &TraceSettings{Products: 12})) },
		"diagonal":   func(a Operator) (any, error) { return orNil(HutchPP(a, &TraceSettings{Products: n})) },
	} {
		whole := &limited{Operator: a, left: 1000}
		if _, err := estimate(whole); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for at := range whole.done {
			b := &limited{Operator: a, left: at}
			if r, err := estimate(b); err != errStopped || r != nil || b.done != at+1 {
				t.Errorf("%s, stopped at product %d of %d: %v, %v, %d products", name, at+1, whole.done, r, err, b.done)
			}
		}
	}
}

func orNil[T any](r *T, err error) (any, error) {
	if r == nil {
		return nil, err
	}
	return r, err
}
