package hierarchy

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

func TestDraw(t *testing.T) {
	s := Shape{30, 200, 2, Tanh}
	net, err := Draw(s, Init{WeightStd: 2, ReadoutStd: 0.5, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if len(net.Theta()) != s.Params() || len(net.Weights(1)) != 6000 || len(net.Weights(2)) != 40000 || len(net.Readout()) != 200 {
		t.Fatalf("%d weights: %d, %d, %d", len(net.Theta()), len(net.Weights(1)), len(net.Weights(2)), len(net.Readout()))
	}
	for _, part := range []struct {
		w   []float64
		std float64
	}{{net.Weights(1), 2}, {net.Weights(2), 2}, {net.Readout(), 0.5}} {
		std := math.Sqrt(dot(part.w, part.w) / float64(len(part.w)))
		if math.Abs(std/part.std-1) > 5/math.Sqrt(2*float64(len(part.w))) {
			t.Errorf("standard deviation %v of %d weights, want %v", std, len(part.w), part.std)
		}
	}
	// The weights of a layer do not depend on the other layers.
	deeper, err := Draw(Shape{30, 200, 3, Erf}, Init{WeightStd: 2, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range net.Weights(2) {
		if deeper.Weights(2)[i] != w {
			t.Fatalf("weight %d of layer 2 is %v in a deeper network, want %v", i, deeper.Weights(2)[i], w)
		}
	}
	other, _ := Draw(s, Init{WeightStd: 2, ReadoutStd: 0.5, Seed: 2})
	if other.Theta()[0] == net.Theta()[0] {
		t.Error("two seeds give the same weight")
	}
	c := net.Clone()
	c.Theta()[0]++
	if c.Theta()[0] == net.Theta()[0] {
		t.Error("a clone shares its weights")
	}
}

// Orthogonal weights have orthogonal rows or columns, of the length that gives
// their entries the variance asked for. The readout has that length exactly.
func TestDrawOrthogonal(t *testing.T) {
	for _, d := range []int{5, 40, 70} {
		net, err := Draw(Shape{d, 40, 2, Tanh}, Init{WeightStd: 1.5, ReadoutStd: 2, Orthogonal: true, Seed: 3})
		if err != nil {
			t.Fatal(err)
		}
		for l := 1; l <= 2; l++ {
			w := net.weights(l)
			if w.Rows > w.Cols {
				wt := newMatrix(w.Cols, w.Rows)
				transpose(wt, w)
				w = wt
			}
			want := 1.5 * 1.5 * float64(w.Cols)
			for i := range w.Rows {
				for j := range w.Rows {
					got := dot(w.row(i), w.row(j))
					if i == j {
						got -= want
					}
					if math.Abs(got) > 1e-12*want {
						t.Fatalf("%d inputs, layer %d: rows %d and %d have product off by %v", d, l, i, j, got)
					}
				}
			}
		}
		if a := sqrtSum(net.Readout()); math.Abs(a-2*math.Sqrt(40)) > 1e-12 {
			t.Errorf("readout of length %v, want %v", a, 2*math.Sqrt(40))
		}
	}
}

// Orthogonal matrices are drawn uniformly: signs are balanced in every place, as they
// would not be for the Q of a decomposition whose R may have any signs.
func TestDrawOrthogonalUniform(t *testing.T) {
	var sum [4]float64
	const nets = 400
	for seed := range nets {
		net, _ := Draw(Shape{2, 2, 1, Tanh}, Init{Orthogonal: true, Seed: uint64(seed)})
		for i, w := range net.Weights(1) {
			sum[i] += w
		}
	}
	for i, s := range sum {
		if math.Abs(s) > 4*math.Sqrt(nets) {
			t.Errorf("mean of weight %d is %v, want 0 ± %v", i, s/nets, 1/math.Sqrt(nets))
		}
	}
}

func TestBadNetworks(t *testing.T) {
	for _, c := range []struct {
		s    Shape
		init Init
		want string
	}{
		{Shape{0, 4, 1, Tanh}, Init{}, "0 inputs"},
		{Shape{2, 0, 1, Tanh}, Init{}, "width 0"},
		{Shape{2, 4, 0, Tanh}, Init{}, "depth 0"},
		{Shape{2, 4, -1, Tanh}, Init{}, "depth -1"},
		{Shape{2, 1e9, 2, Tanh}, Init{}, "8e+18 bytes"},
		{Shape{2, 4, 1, Activation{}}, Init{}, "without an activation"},
		{Shape{2, 4, 1, Tanh}, Init{WeightStd: -1}, "deviation -1"},
		{Shape{2, 4, 1, Tanh}, Init{ReadoutStd: math.NaN()}, "deviation NaN"},
	} {
		if _, err := Draw(c.s, c.init); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v, want one with %q", c.s, err, c.want)
		}
	}
	net, _ := NewNetwork(Shape{2, 4, 2, Tanh})
	for _, l := range []int{0, 3} {
		mustPanic(t, fmt.Sprintf("weights of layer %d", l), func() { net.Weights(l) })
	}
}

func mustPanic(t *testing.T, what string, f func()) {
	t.Helper()
	defer func() {
		if r := recover(); r == nil || !strings.HasPrefix(fmt.Sprint(r), "hierarchy: ") {
			t.Errorf("%s: recovered %v, want a panic of hierarchy", what, r)
		}
	}()
	f()
}
