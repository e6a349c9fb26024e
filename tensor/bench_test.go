package tensor_test

import (
	"fmt"
	"testing"

	"breakeven/rng"
	"breakeven/tensor"
)

// BenchmarkConv times the three products of a convolution on one core, on the
// layers of SimpleCNN and ResNet-32: values, adjoint of the image, adjoint of the
// weights. GFLOP/s counts the products of
// the direct sums, those of padding too.
func BenchmarkConv(b *testing.B) {
	for _, s := range []tensor.ConvShape{
		{H: 32, W: 32, C: 3, O: 32, K: 3, Stride: 1, Pad: 1},
		{H: 32, W: 32, C: 32, O: 32, K: 3, Stride: 1, Pad: 1},
		{H: 16, W: 16, C: 32, O: 64, K: 3, Stride: 1, Pad: 1},
		{H: 16, W: 16, C: 64, O: 64, K: 3, Stride: 1, Pad: 1},
		{H: 32, W: 32, C: 16, O: 16, K: 3, Stride: 1, Pad: 1},
		{H: 32, W: 32, C: 16, O: 32, K: 3, Stride: 2, Pad: 1},
		{H: 8, W: 8, C: 64, O: 64, K: 3, Stride: 1, Pad: 1},
	} {
		r := rng.New(1, "tensor/bench")
		conv := tensor.NewConv(s)
		const images = 4
		x, y, w := normal(r, images*s.H*s.W*s.C), normal(r, images*s.OH()*s.OW()*s.O), normal(r, s.O*s.C*s.K*s.K)
		forward, data, scratch, dw := conv.ForwardPanels(), conv.DataPanels(), make([]float32, conv.Scratch()), make([]float32, conv.WeightSize())
		for i := range forward.Count() {
			conv.PackForward(forward, i, w)
		}
		for i := range data.Count() {
			conv.PackData(data, i, w)
		}
		flop := 2 * images * float64(s.OH()*s.OW()*len(w))
		run := func(what string, f func()) {
			b.Run(fmt.Sprintf("%dx%dx%d-%d/s%d/%s", s.H, s.W, s.C, s.O, s.Stride, what), func(b *testing.B) {
				for b.Loop() {
					f()
				}
				b.ReportMetric(flop*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
		run("forward", func() { conv.Forward(y, images, tensor.Epilogue{}, scratch, tensor.Term{X: x, W: forward}) })
		run("data", func() { conv.Data(x, images, tensor.Epilogue{}, scratch, tensor.Term{X: y, W: data}) })
		run("weight", func() { conv.Weight(dw, x, y, images, false, scratch) })
	}
}

// BenchmarkProduct times products of row-major matrices, square and with the
// shapes of SimpleCNN's layers for 128 examples.
func BenchmarkProduct(b *testing.B) {
	for _, p := range []tensor.Product{
		{M: 256, K: 256, N: 256}, {M: 512, K: 512, N: 512}, {M: 1024, K: 1024, N: 1024}, {M: 2048, K: 2048, N: 2048},
		{M: 128, K: 4096, N: 128}, {M: 4096, K: 128, N: 128}, {M: 128, K: 128, N: 4096}, {M: 1024, K: 288, N: 32}, {M: 333, K: 777, N: 111},
	} {
		b.Run(fmt.Sprintf("%dx%dx%d", p.M, p.K, p.N), func(b *testing.B) {
			r := rng.New(1, "tensor/bench")
			x, y, z := tensor.Rows(normal(r, p.M*p.K), p.K), tensor.Rows(normal(r, p.K*p.N), p.N), make([]float32, p.M*p.N)
			b.ReportAllocs()
			for b.Loop() {
				p.Mul(z, p.N, x, y, false)
			}
			b.ReportMetric(2*float64(p.M*p.K*p.N)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}
