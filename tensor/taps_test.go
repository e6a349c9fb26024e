package tensor_test

import (
	"fmt"
	"slices"
	"testing"

	"breakeven/rng"
	"breakeven/tensor"
)

// tapShapes are images of few pixels, and windows in the padding only.
var tapShapes = []tensor.ConvShape{
	{H: 1, W: 1, C: 40, O: 33, K: 3, Stride: 1, Pad: 1},
	{H: 2, W: 2, C: 16, O: 70, K: 3, Stride: 1, Pad: 1},
	{H: 4, W: 4, C: 9, O: 65, K: 3, Stride: 2, Pad: 1},
	{H: 2, W: 2, C: 33, O: 16, K: 3, Stride: 2, Pad: 1},
	{H: 4, W: 3, C: 12, O: 20, K: 1, Stride: 2},
	{H: 3, W: 3, C: 3, O: 2, K: 1, Stride: 3, Pad: 2},
	{H: 2, W: 3, C: 5, O: 7, K: 5, Stride: 1, Pad: 2},
}

// Every product of Taps is that of the definition, with every epilogue.
func TestTaps(t *testing.T) {
	for _, s := range append(slices.Clone(geometries), tapShapes...) {
		t.Run(fmt.Sprintf("%dx%dx%d-%d/k%d/s%d/p%d", s.H, s.W, s.C, s.O, s.K, s.Stride, s.Pad), func(t *testing.T) {
			r, taps := rng.New(1, "tensor/taps"), tensor.NewTaps(s)
			sizeX, sizeY, sizeW := s.H*s.W*s.C, s.OH()*s.OW()*s.O, s.O*s.C*s.K*s.K
			x, dy, w := normal(r, images*sizeX), normal(r, images*sizeY), normal(r, sizeW)
			x2, dy2, w2 := normal(r, images*sizeX), normal(r, images*sizeY), normal(r, sizeW)
			scratch := normal(r, taps.Scratch())
			first, second := split(taps, w), split(taps, w2)
			each := func(f func(x, dy, w []float32, p product, image int)) {
				for i := range images {
					for _, p := range products(s) {
						f(x[i*sizeX:], dy[i*sizeY:], w, p, i)
						f(x2[i*sizeX:], dy2[i*sizeY:], w2, p, i)
					}
				}
			}
			for name, e := range epilogues(r, images*s.OH()*s.OW(), s.O) {
				y := newGuarded(normal(r, images*sizeY))
				start := slices.Clone(y.x)
				want, size := sums(make([]float32, len(y.x)))
				each(func(x, _, w []float32, p product, i int) { addProduct(want, size, i*sizeY+p.out, x[p.in], w[p.weight]) })
				finish(e, start, want, size)
				for task := range taps.ForwardTasks() {
					taps.Forward(task, y.x, images, e, scratch, tensor.TapTerm{X: x, W: first}, tensor.TapTerm{X: x2, W: second})
				}
				y.check(t, "values, "+name, want, size)
			}
			for name, e := range epilogues(r, images*s.H*s.W, s.C) {
				dx := newGuarded(normal(r, images*sizeX))
				start := slices.Clone(dx.x)
				want, size := sums(make([]float32, len(dx.x)))
				each(func(_, dy, w []float32, p product, i int) {
					addProduct(want, size, i*sizeX+p.in, dy[p.out], w[p.weight])
				})
				finish(e, start, want, size)
				for task := range taps.DataTasks() {
					taps.Data(task, dx.x, images, e, scratch, tensor.TapTerm{X: dy, W: first}, tensor.TapTerm{X: dy2, W: second})
				}
				dx.check(t, "adjoint, "+name, want, size)
			}
			for _, acc := range []bool{false, true} {
				dw := newGuarded(normal(r, sizeW))
				want, size := sums(make([]float32, sizeW))
				if acc {
					want, size = sums(dw.x)
				}
				each(func(x, dy, _ []float32, p product, _ int) { addProduct(want, size, p.weight, x[p.in], dy[p.out]) })
				for task := range taps.WeightTasks() {
					taps.Weight(task, dw.x, images, acc, scratch, tensor.TapPair{X: x, DY: dy}, tensor.TapPair{X: x2, DY: dy2})
				}
				dw.check(t, fmt.Sprintf("weights, acc %v", acc), want, size)
			}
		})
	}
}

// The gradient of one image, filter by filter, is that of Weight.
func TestTapsAddWeights(t *testing.T) {
	for _, s := range tapShapes {
		r, taps := rng.New(1, "tensor/taps"), tensor.NewTaps(s)
		x, dy := normal(r, s.H*s.W*s.C), normal(r, s.OH()*s.OW()*s.O)
		all := make([]float32, s.O*s.C*s.K*s.K)
		for task := range taps.WeightTasks() {
			taps.Weight(task, all, 1, false, make([]float32, taps.Scratch()), tensor.TapPair{X: x, DY: dy})
		}
		used := taps.Used()
		for lo := range s.O {
			hi := min(lo+2, s.O)
			got := make([]float32, (hi-lo)*len(used)*s.C)
			taps.AddWeights(got, x, dy, lo, hi)
			for i, v := range got {
				o, tap, c := lo+i/(len(used)*s.C), used[i/s.C%len(used)], i%s.C
				want := all[(o*s.C+c)*s.K*s.K+tap]
				if d := v - want; d > 1e-5 || d < -1e-5 {
					t.Fatalf("%+v: filter %d, tap %d, channel %d: %v, want %v", s, o, tap, c, v, want)
				}
			}
		}
	}
}

// A window on images of few pixels has the taps, and costs the products, that do not meet padding.
func TestTapsUsed(t *testing.T) {
	for _, c := range []struct {
		s       tensor.ConvShape
		used    []int
		cheaper bool
	}{
		{tensor.ConvShape{H: 1, W: 1, C: 8, O: 8, K: 3, Stride: 1, Pad: 1}, []int{4}, true},
		{tensor.ConvShape{H: 2, W: 2, C: 8, O: 8, K: 3, Stride: 1, Pad: 1}, []int{0, 1, 2, 3, 4, 5, 6, 7, 8}, true},
		{tensor.ConvShape{H: 2, W: 2, C: 8, O: 8, K: 3, Stride: 2, Pad: 1}, []int{4, 5, 7, 8}, true},
		{tensor.ConvShape{H: 4, W: 4, C: 8, O: 8, K: 3, Stride: 1, Pad: 1}, []int{0, 1, 2, 3, 4, 5, 6, 7, 8}, false},
	} {
		taps := tensor.NewTaps(c.s)
		if !slices.Equal(taps.Used(), c.used) || taps.Cheaper() != c.cheaper {
			t.Errorf("%+v: taps %v, cheaper %v", c.s, taps.Used(), taps.Cheaper())
		}
	}
}

// split returns the weights of the taps in use.
func split(t *tensor.Taps, w []float32) []float32 {
	s := make([]float32, t.SplitSize())
	for o := range t.O {
		t.Split(s, w, o)
	}
	return s
}
