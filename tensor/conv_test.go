package tensor_test

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"breakeven/rng"
	"breakeven/tensor"
)

var geometries = []tensor.ConvShape{
	{H: 1, W: 1, C: 1, O: 1, K: 1, Stride: 1},
	{H: 5, W: 5, C: 1, O: 3, K: 3, Stride: 1, Pad: 1},
	{H: 6, W: 4, C: 3, O: 16, K: 3, Stride: 1},
	{H: 7, W: 9, C: 16, O: 33, K: 3, Stride: 2, Pad: 1},
	{H: 8, W: 7, C: 33, O: 16, K: 3, Stride: 3, Pad: 2},
	{H: 8, W: 7, C: 2, O: 5, K: 3, Stride: 3},
	{H: 5, W: 5, C: 16, O: 65, K: 1, Stride: 2},
	{H: 31, W: 9, C: 19, O: 37, K: 1, Stride: 1}, // more rows than a block
	{H: 4, W: 3, C: 3, O: 7, K: 1, Stride: 1, Pad: 1},
	{H: 7, W: 6, C: 5, O: 4, K: 5, Stride: 2, Pad: 2},
	{H: 2, W: 2, C: 3, O: 4, K: 5, Stride: 1, Pad: 2}, // window larger than the image
	{H: 3, W: 3, C: 3, O: 2, K: 1, Stride: 3, Pad: 2}, // windows in the padding only
	{H: 20, W: 21, C: 3, O: 32, K: 3, Stride: 1, Pad: 1},
	{H: 32, W: 1, C: 12, O: 13, K: 3, Stride: 1, Pad: 1},
	{H: 8, W: 9, C: 8, O: 65, K: 3, Stride: 1, Pad: 1},
	{H: 3, W: 6, C: 40, O: 9, K: 3, Stride: 1},
	{H: 5, W: 4, C: 17, O: 16, K: 3, Stride: 1, Pad: 2},
}

func eachGeometry(t *testing.T, f func(t *testing.T, s tensor.ConvShape, r *rng.Stream)) {
	for _, s := range geometries {
		t.Run(fmt.Sprintf("%dx%dx%d-%d/k%d/s%d/p%d", s.H, s.W, s.C, s.O, s.K, s.Stride, s.Pad), func(t *testing.T) {
			f(t, s, rng.New(1, "tensor/conv"))
		})
	}
}

func normal(r *rng.Stream, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

// A product is a term y[out] += x[in]·w[weight] of a convolution.
type product struct{ out, in, weight int }

// products is the definition of the convolution: channels-last images, weights
// [O, C, K, K].
func products(s tensor.ConvShape) []product {
	var ps []product
	for y := range s.OH() {
		for x := range s.OW() {
			for ky := range s.K {
				for kx := range s.K {
					u, v := y*s.Stride+ky-s.Pad, x*s.Stride+kx-s.Pad
					if u < 0 || u >= s.H || v < 0 || v >= s.W {
						continue
					}
					for o := range s.O {
						for c := range s.C {
							ps = append(ps, product{(y*s.OW()+x)*s.O + o, (u*s.W+v)*s.C + c, ((o*s.C+c)*s.K+ky)*s.K + kx})
						}
					}
				}
			}
		}
	}
	return ps
}

// guarded is a vector inside a larger one whose edges must not change.
type guarded struct{ all, x []float32 }

const guard = 64

func newGuarded(x []float32) guarded {
	all := make([]float32, len(x)+2*guard)
	for i := range all {
		all[i] = 12345
	}
	copy(all[guard:], x)
	return guarded{all, all[guard : guard+len(x) : guard+len(x)]}
}

// check compares with the sums in float64: want, and the sums of the products'
// magnitudes, which bound the rounding.
func (g guarded) check(t *testing.T, what string, want, size []float64) {
	t.Helper()
	g.intact(t, what)
	for i, v := range g.x {
		if d := math.Abs(float64(v) - want[i]); !(d <= 1e-6*(size[i]+1e-30)) {
			t.Fatalf("%s: number %d is %v, want %v (sum of magnitudes %v)", what, i, v, want[i], size[i])
		}
	}
}

// intact fails if the edges have changed.
func (g guarded) intact(t *testing.T, what string) {
	t.Helper()
	for i, v := range g.all {
		if (i < guard || i >= guard+len(g.x)) && v != 12345 {
			t.Fatalf("%s: writes outside of its destination", what)
		}
	}
}

func sums(start []float32) (want, size []float64) {
	want, size = make([]float64, len(start)), make([]float64, len(start))
	for i, v := range start {
		want[i], size[i] = float64(v), math.Abs(float64(v))
	}
	return want, size
}

func addProduct(want, size []float64, at int, a, b float32) {
	want[at] += float64(a) * float64(b)
	size[at] += math.Abs(float64(a) * float64(b))
}

// images is the number of images that the tests convolve at a time.
const images = 3

// epilogues are the operations on sums: bias and mask are for n pixels of c channels.
func epilogues(r *rng.Stream, n, c int) map[string]tensor.Epilogue {
	bias, mask := normal(r, c), normal(r, n*c)
	return map[string]tensor.Epilogue{
		"plain": {}, "added": {Acc: true}, "bias": {Bias: bias}, "bias and ReLU": {Bias: bias, ReLU: true},
		"added, bias and mask": {Acc: true, Bias: bias, Mask: mask},
	}
}

// finish applies an epilogue to sums in float64, size being their magnitudes.
func finish(e tensor.Epilogue, start []float32, want, size []float64) {
	for i := range want {
		if e.Acc {
			want[i], size[i] = want[i]+float64(start[i]), size[i]+math.Abs(float64(start[i]))
		}
		if e.Bias != nil {
			b := float64(e.Bias[i%len(e.Bias)])
			want[i], size[i] = want[i]+b, size[i]+math.Abs(b)
		}
		if e.ReLU && want[i] < 0 || e.Mask != nil && e.Mask[i] <= 0 {
			want[i] = 0
		}
	}
}

// spreadOut raises the magnitude of each sum to the mean: Winograd's algorithm adds and
// subtracts sums of neighbouring pixels.
func spreadOut(size []float64) {
	mean := 0.0
	for _, v := range size {
		mean += v / float64(len(size))
	}
	for i := range size {
		size[i] = max(size[i], mean)
	}
}

func TestConvForward(t *testing.T) {
	eachGeometry(t, func(t *testing.T, s tensor.ConvShape, r *rng.Stream) {
		conv := tensor.NewConv(s)
		pixels, sizeX := s.OH()*s.OW(), s.H*s.W*s.C
		sizeY := pixels * s.O
		var terms []tensor.Term
		want, size := make([]float64, images*sizeY), make([]float64, images*sizeY)
		for range 2 {
			x, w := normal(r, images*sizeX), normal(r, s.O*s.C*s.K*s.K)
			p := conv.ForwardPanels()
			for i := range p.Count() {
				conv.PackForward(p, i, w)
			}
			terms = append(terms, tensor.Term{X: x, W: p})
			for i := range images {
				for _, k := range products(s) {
					addProduct(want, size, i*sizeY+k.out, x[i*sizeX+k.in], w[k.weight])
				}
			}
		}
		scratch, start := make([]float32, conv.Scratch()), normal(r, images*sizeY)
		for name, end := range epilogues(r, images*pixels, s.O) {
			y, want, size := newGuarded(start), slices.Clone(want), slices.Clone(size)
			finish(end, start, want, size)
			spreadOut(size)
			conv.Forward(y.x, images, end, scratch, terms...)
			y.check(t, "Forward, "+name, want, size)
		}
	})
}

func TestConvData(t *testing.T) {
	eachGeometry(t, func(t *testing.T, s tensor.ConvShape, r *rng.Stream) {
		conv := tensor.NewConv(s)
		sizeX, sizeY := s.H*s.W*s.C, s.OH()*s.OW()*s.O
		dy, w := normal(r, images*sizeY), normal(r, s.O*s.C*s.K*s.K)
		p := conv.DataPanels()
		for i := range p.Count() {
			conv.PackData(p, i, w)
		}
		want, size := make([]float64, images*sizeX), make([]float64, images*sizeX)
		for i := range images {
			for _, k := range products(s) {
				addProduct(want, size, i*sizeX+k.in, dy[i*sizeY+k.out], w[k.weight])
			}
		}
		scratch, start := make([]float32, conv.Scratch()), normal(r, images*sizeX)
		for name, end := range epilogues(r, images*s.H*s.W, s.C) {
			dx, want, size := newGuarded(start), slices.Clone(want), slices.Clone(size)
			finish(end, start, want, size)
			spreadOut(size)
			conv.Data(dx.x, images, end, scratch, tensor.Term{X: dy, W: p})
			dx.check(t, "Data, "+name, want, size)
		}
	})
}

func TestConvWeight(t *testing.T) {
	eachGeometry(t, func(t *testing.T, s tensor.ConvShape, r *rng.Stream) {
		const shards = 2
		conv := tensor.NewConv(s)
		sizeX, sizeY, taps := s.H*s.W*s.C, s.OH()*s.OW()*s.O, s.K*s.K
		start, scratch := normal(r, s.O*s.C*taps), make([]float32, conv.Scratch())
		for _, acc := range []bool{false, true} {
			want, size := sums(begin(start, acc))
			partial := newGuarded(normal(r, shards*conv.WeightSize()))
			for shard := range shards {
				part := partial.x[shard*conv.WeightSize() : (shard+1)*conv.WeightSize()]
				for call := range 2 {
					x, dy := normal(r, images*sizeX), normal(r, images*sizeY)
					for i := range images {
						for _, k := range products(s) {
							addProduct(want, size, k.weight, x[i*sizeX+k.in], dy[i*sizeY+k.out])
						}
					}
					conv.Weight(part, x, dy, images, call > 0, scratch)
				}
			}
			partial.intact(t, "Weight")
			dw := newGuarded(start)
			for i := range s.C {
				conv.FinishWeight(dw.x, partial.x, shards, i, acc)
			}
			spreadOut(size)
			dw.check(t, fmt.Sprintf("FinishWeight, acc %v", acc), want, size)
		}
	})
}

func TestConvWeightPart(t *testing.T) {
	for _, s := range append(geometries, tensor.ConvShape{H: 2, W: 3, C: 70, O: 120, K: 3, Stride: 1, Pad: 1}, tensor.ConvShape{H: 12, W: 13, C: 5, O: 70, K: 11, Stride: 4, Pad: 2}, tensor.ConvShape{H: 3, W: 2, C: 33, O: 100, K: 5, Stride: 2, Pad: 2}) {
		r := rng.New(1, "tensor/conv/part")
		conv := tensor.NewConv(s)
		x, dy := normal(r, s.H*s.W*s.C), normal(r, s.OH()*s.OW()*s.O)
		taps, scratch := s.K*s.K, make([]float32, conv.Scratch())
		if s.C*s.O > 7000 && conv.Parts() < 2 {
			t.Errorf("%+v has %d parts", s, conv.Parts())
		}
		for part := range conv.Parts() {
			lo, hi := conv.Part(part)
			start := normal(r, s.O*(hi-lo)*taps)
			want, size := sums(start)
			for _, k := range products(s) { // in the order tap, channel, filter
				o, c, tap := k.weight/taps/s.C, k.weight/taps%s.C, k.weight%taps
				if c >= lo && c < hi {
					addProduct(want, size, (tap*(hi-lo)+c-lo)*s.O+o, x[k.in], dy[k.out])
				}
			}
			spreadOut(size)
			dw := newGuarded(start)
			conv.WeightPart(dw.x, x, dy, part, scratch)
			dw.check(t, fmt.Sprintf("%+v: WeightPart %d", s, part), want, size)
		}
	}
}

// begin returns what a destination starts from: start if it accumulates, else zeros.
func begin(start []float32, acc bool) []float32 {
	if acc {
		return start
	}
	return make([]float32, len(start))
}

func TestConvShapes(t *testing.T) {
	for _, c := range []struct {
		s      tensor.ConvShape
		oh, ow int
	}{
		{tensor.ConvShape{H: 32, W: 30, K: 3, Stride: 1, Pad: 1}, 32, 30},
		{tensor.ConvShape{H: 32, W: 31, K: 3, Stride: 2, Pad: 1}, 16, 16},
		{tensor.ConvShape{H: 7, W: 8, K: 3, Stride: 3}, 2, 2},
		{tensor.ConvShape{H: 2, W: 3, K: 3, Stride: 2}, 0, 1},
		{tensor.ConvShape{H: 1, W: 1, K: 4, Stride: 3, Pad: 1}, 0, 0},
	} {
		if oh, ow := c.s.OH(), c.s.OW(); oh != c.oh || ow != c.ow {
			t.Errorf("%+v gives %d×%d, want %d×%d", c.s, oh, ow, c.oh, c.ow)
		}
	}
	for _, s := range []tensor.ConvShape{
		{H: 2, W: 2, C: 1, O: 1, K: 3, Stride: 1},
		{H: 2, W: 2, C: 1, O: 1, K: 3, Stride: 2},
		{H: 4, W: 4, C: 1, O: 1, K: 3, Stride: 1, Pad: -1},
		{H: 4, W: 4, C: 1, O: 1, K: 3, Stride: -1},
		{H: 4, W: 4, C: 1, O: 1, K: 3},
		{H: 4, W: 4, C: 1, O: 1, Stride: 1},
		{H: 1, W: 3, C: 1 << 30, O: 1, K: 1, Stride: 1}, // offsets of more than 31 bits
		{H: 1, W: 3, C: 1, O: 1 << 30, K: 1, Stride: 1},
	} {
		mustPanic(t, fmt.Sprintf("NewConv(%+v)", s), func() { tensor.NewConv(s) })
	}
}

// A convolution that is only planned has the sizes of one that is built.
func TestPlanConv(t *testing.T) {
	eachGeometry(t, func(t *testing.T, s tensor.ConvShape, _ *rng.Stream) {
		c := tensor.PlanConv(s)
		bytes := c.Bytes()
		forward, data := c.PanelsBytes()
		if f, d := c.ForwardPanels().Bytes(), c.DataPanels().Bytes(); forward != f || data != d {
			t.Errorf("panels of %d and %d bytes are announced, they take %d and %d", forward, data, f, d)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		c.Build()
		runtime.ReadMemStats(&after)
		if took := int64(after.TotalAlloc - before.TotalAlloc); bytes > took || bytes < took/4-512 { // slices grow
			t.Errorf("tables of %d bytes are announced, they take %d", bytes, took)
		}
	})
}

func TestConvAllocatesNothing(t *testing.T) {
	for _, channels := range []int{5, 20} {
		convAllocatesNothing(t, tensor.ConvShape{H: 9, W: 9, C: channels, O: channels + 2, K: 3, Stride: 1, Pad: 1})
	}
}

func convAllocatesNothing(t *testing.T, s tensor.ConvShape) {
	conv := tensor.NewConv(s)
	x, y, dw := make([]float32, 2*9*9*s.C), make([]float32, 2*9*9*s.O), make([]float32, conv.WeightSize())
	f, d, scratch := conv.ForwardPanels(), conv.DataPanels(), make([]float32, conv.Scratch())
	if n := testing.AllocsPerRun(3, func() {
		conv.Forward(y, 2, tensor.Epilogue{}, scratch, tensor.Term{X: x, W: f}, tensor.Term{X: x, W: f})
		conv.Data(x, 2, tensor.Epilogue{Acc: true}, scratch, tensor.Term{X: y, W: d})
		conv.Weight(dw, x, y, 2, false, scratch)
	}); n != 0 {
		t.Errorf("a convolution allocates %v times", n)
	}
}

func mustPanic(t *testing.T, what string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if e := recover(); e == nil {
			t.Errorf("%s does not panic", what)
		} else if text, ok := e.(string); !ok || !strings.HasPrefix(text, "tensor: ") {
			t.Errorf("%s panics with %v, not with tensor: …", what, e)
		}
	}()
	f()
}
