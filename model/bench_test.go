package model_test

import (
	"strings"
	"testing"

	"breakeven/nn"
)

// BenchmarkSimpleCNN times the passes over a batch of 128 images of 3×32×32.
// GFLOP/s counts the multiplications and additions of products: F for the values
// of all layers; 2F for the gradient (data and weights) and for the tangent (of
// each factor); twice 2F for the Gauss-Newton product, and 2F more for the second order
// in the Hessian's; the tangent and F more for the examples' curvatures; as direct
// convolutions need them. The first layer, whose input is given, has less of all but
// the first. One step of SGD is Forward and Gradient.
func BenchmarkSimpleCNN(b *testing.B) { benchmarkPasses(b, "simplecnn", 128) }

// BenchmarkSimpleCNNBN is BenchmarkSimpleCNN with batch norm.
func BenchmarkSimpleCNNBN(b *testing.B) { benchmarkPasses(b, "simplecnn-bn", 128) }

// BenchmarkResNet32 is BenchmarkSimpleCNN for ResNet-32.
func BenchmarkResNet32(b *testing.B) { benchmarkPasses(b, "resnet32", 128) }

// pixels are the output pixels of the product of each layer, by the name of its
// parameter.
func pixels(name, param string) float64 {
	switch {
	case strings.HasPrefix(param, "fc"):
		return 1
	case name == "resnet32" && strings.HasPrefix(param, "layer2"):
		return 16 * 16
	case name == "resnet32" && strings.HasPrefix(param, "layer3"):
		return 8 * 8
	case name != "resnet32" && param >= "conv3":
		return 16 * 16
	}
	return 32 * 32
}

func benchmarkPasses(b *testing.B, name string, n int) {
	net := newModel(b, name, cifar, 10)
	var all, first float64 // FLOP of the forward products of the batch, and of the first layer
	for _, p := range net.Params() {
		if p.FanIn > 0 {
			f := 2 * float64(n) * float64(p.Size()) * pixels(name, p.Name)
			all += f
			if first == 0 {
				first = f
			}
		}
	}
	p := net.Compile(nn.Settings{Batch: n, Tangents: true})
	x, labels := batch(cifar, n)
	dst := make([]float32, net.Dim())
	p.SetParams(net.InitialParams(nn.Glorot, 1))
	p.SetTangent(net.InitialParams(nn.Gaussian, 2))
	images := nn.Labelled(x, labels)
	p.Forward(images)
	run := func(pass string, flop float64, f func()) {
		b.Run(pass, func(b *testing.B) {
			f()
			for b.Loop() {
				f()
			}
			b.ReportMetric(flop*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
	run("Forward", all, func() { p.Forward(images) })
	run("Gradient", 2*all-first, func() { p.Gradient(dst, 1, false) })
	run("JacVec", 2*all-first, func() { p.JacVec() })
	run("GaussNewtonVec", 4*all-2*first, func() { p.GaussNewtonVec(dst, 1, false) })
	p.Adjoints(nil, 1, false)
	run("HessVec", 6*all-4*first, func() { p.HessVec(dst, 1, false) })
	if p.PerExample() {
		curvatures := make([]float64, n)
		run("ExampleCurvatures", 3*all-2*first, func() { p.ExampleCurvatures(curvatures, 1) })
	}
}
