package spectrum

import (
	"errors"
	"math"
	"testing"

	"breakeven/rng"
)

func TestPower(t *testing.T) {
	d := network(500, []float64{9, 5, 4}, 1, 2)
	a := newRotated(d, 2, rng.New(1, "mirrors"))
	r, err := Power(a, &Settings{Tol: 1e-4, Verify: true})
	if err != nil {
		t.Fatal(err)
	}
	checkPairs(t, a, r, &Settings{Largest: 1, Tol: 1e-4}, sorted(d))
	l := mustLanczos(t, a, &Settings{Tol: 1e-4})
	if r.Products <= l.Products {
		t.Errorf("power iteration took %d products, Lanczos %d", r.Products, l.Products)
	}
	// If the most negative eigenvalue dominates, that is the one found.
	d[499] = -30
	if r, _ = Power(a, nil); math.Abs(r.Values[0]+30) > r.Residuals[0] {
		t.Errorf("found %g, want -30", r.Values[0])
	}
	if r, _ = Power(diagonal(make([]float64, 4)), nil); r.Values[0] != 0 || !r.Converged {
		t.Errorf("zero operator: %+v", r)
	}
}

func TestNotFinite(t *testing.T) {
	d := diagonal{1, 2, 3, math.NaN(), 5, 6, 7, 8, 9, 10}
	if _, err := Lanczos(d, nil); !errors.Is(err, ErrNotFinite) {
		t.Errorf("Lanczos: %v", err)
	}
	if _, err := Power(d, nil); !errors.Is(err, ErrNotFinite) {
		t.Errorf("Power: %v", err)
	}
	if _, err := Quadrature(d, nil); !errors.Is(err, ErrNotFinite) {
		t.Errorf("Quadrature: %v", err)
	}
	for _, products := range []int{3, 6, 10} {
		s := &TraceSettings{Products: products}
		if _, err := Hutchinson(d, s); !errors.Is(err, ErrNotFinite) {
			t.Errorf("Hutchinson: %v", err)
		}
		if _, err := HutchPP(d, s); !errors.Is(err, ErrNotFinite) {
			t.Errorf("HutchPP: %v", err)
		}
	}
}

func TestPanics(t *testing.T) {
	for name, f := range map[string]func(){
		"start": func() { Lanczos(diagonal{1, 2}, &Settings{Start: [][]float32{{1}}}) },
		"empty": func() { Lanczos(diagonal{}, nil) },
		"count": func() { Lanczos(diagonal{1, 2}, &Settings{Largest: -1}) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			f()
		})
	}
}

// Very small and very large operators stay within the range of float32.
func TestScale(t *testing.T) {
	for _, size := range []float64{1e-36, 1e-25, 1e25, 1e36} {
		d := network(300, []float64{9, 5, 4}, 1, 2)
		for i := range d {
			d[i] *= size
		}
		r := mustLanczos(t, diagonal(d), &Settings{Largest: 2, Smallest: 1})
		for i, want := range []float64{d[0], d[1], d[299]} {
			if e := math.Abs(r.Values[i] - want); e > r.Residuals[i] {
				t.Errorf("size %g: value %d is %g ± %g, want %g", size, i, r.Values[i], r.Residuals[i], want)
			}
		}
		if _, err := Power(diagonal(d), nil); err != nil {
			t.Errorf("size %g: %v", size, err)
		}
		if _, err := HutchPP(diagonal(d), nil); err != nil {
			t.Errorf("size %g: %v", size, err)
		}
		if _, err := Quadrature(diagonal(d), nil); err != nil {
			t.Errorf("size %g: %v", size, err)
		}
	}
}
