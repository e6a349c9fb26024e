package ntk

import (
	"math"
	"testing"

	"breakeven/rng"

	"gonum.org/v1/gonum/mat"
)

// The angle is that of math.Atan2, to three roundings.
func TestAngle(t *testing.T) {
	s := rng.New(1, "ntk/angle")
	for i := range 200000 {
		y, x := math.Abs(s.NormFloat64()), s.NormFloat64()
		if i%3 == 0 {
			y *= math.Exp(-30 * s.Float64())
		}
		want := math.Atan2(y, x)
		if got := angle(y, x); math.Abs(got-want) > 3.5*0x1p-52*want {
			t.Fatalf("the angle of %v, %v is %v, want %v", y, x, got, want)
		}
	}
	for _, c := range [][3]float64{{0, 1, 0}, {0, -1, math.Pi}, {1, 0, math.Pi / 2}, {0, 0, math.Pi / 2}, {1, 1, math.Pi / 4}, {1, -1, 3 * math.Pi / 4}} {
		if got := angle(c[0], c[1]); math.Abs(got-c[2]) > 0x1p-52*c[2] {
			t.Errorf("the angle of %v, %v is %v, want %v", c[0], c[1], got, c[2])
		}
	}
}

// A variance has the bits of the covariance of an example with itself, although one is
// a sum of its own and the other a part of a matrix product.
func TestVariancesAreCovariances(t *testing.T) {
	const n, size = 20, 83
	s := rng.New(2, "ntk/angle")
	x := mat.NewDense(n, size, nil)
	for i := range x.RawMatrix().Data {
		x.RawMatrix().Data[i] = s.NormFloat64()
	}
	first := Dense{SigmaW: 1.3, SigmaB: 0.2}
	kernel := func(layers ...Layer) *Kernel {
		k, err := Network{Input: Vec(size), Layers: Serial(layers)}.Kernel(nil)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	want, _, err := kernel(first).Symmetric(x)
	if err != nil {
		t.Fatal(err)
	}
	j := &job{Kernel: kernel(first, ReLU, first), one: x, two: x, strip: 1}
	got, err := j.side(x, 0, n)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range got.parts[0].k {
		if v != want.At(i, i) {
			t.Errorf("the variance of example %d is %v, its covariance %v", i, v, want.At(i, i))
		}
	}
}
