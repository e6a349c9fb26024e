package main

import (
	"breakeven/curvature"
	"breakeven/nn"
	"breakeven/ntk"
	"breakeven/rng"
	"breakeven/tensor"

	"gonum.org/v1/gonum/mat"
)

var powers = []int{1, 2, 4, 8, 16, 32, 64, 128, 256, 512}

// sweeps are the tables. All but the Gram matrix are to be level.
var sweeps = []sweep{
	{"batch, SimpleCNN", "batch", "example", []string{"SGD step", "Hessian-vector product"}, powers,
		func(n int) (float64, []work) { return float64(n), passes(wide(1).net, n) }},
	{"width, SimpleCNN, batch 32", "times the channels", "GFLOP of a step", []string{"SGD step", "Hessian-vector product"}, []int{1, 2, 3, 4},
		func(times int) (float64, []work) {
			b := wide(times)
			return 3 * 2 * 32 * b.count / 1e9, passes(b.net, 32)
		}},
	{"depth, residual blocks of 32 channels on 16×16, batch 32", "blocks", "block", []string{"SGD step", "Hessian-vector product"}, []int{1, 2, 4, 8, 16, 32},
		func(blocks int) (float64, []work) { return float64(blocks), passes(deep(blocks).net, 32) }},
	{"covariance K of 25 minibatches, SimpleCNN: examples in each", "examples", "example of all", []string{"K"}, powers[:9],
		func(m int) (float64, []work) { return float64(25 * m), []work{covariance(m)} }},
	{"measurement set, SimpleCNN: product with H", "examples", "example", []string{"on tapes", "recomputed, 64 MB kept"}, []int{128, 256, 512, 1024, 2048},
		func(n int) (float64, []work) { return float64(n), []work{product(n, 3<<30), product(n, 64<<20)} }},
	{"Gram matrix of per-example gradients, SimpleCNN", "examples", "example", []string{"Gram"}, powers[2:],
		func(n int) (float64, []work) { return float64(n), []work{gram(n)} }},
	{"the same, against N²", "examples", "pair", []string{"Gram"}, powers[5:],
		func(n int) (float64, []work) { return float64(n * n), []work{gram(n)} }},
	{"edges of a graph with a tenth of so many nodes, two graph convolutions, 64 hidden features", "edges", "edge", []string{"SGD step", "Hessian-vector product"},
		[]int{20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 2_000_000},
		func(edges int) (float64, []work) { return float64(edges), graphSteps(edges) }},
	{"flights of 100 states in a batch, deeptp", "flights", "state", []string{"SGD step", "Hessian-vector product"}, powers[:8],
		func(n int) (float64, []work) { return float64(100 * n), flightSteps(n, 100) }},
	{"states of each of 8 flights, deeptp", "states", "state", []string{"SGD step", "Hessian-vector product"}, powers[2:10],
		func(n int) (float64, []work) { return float64(8 * n), flightSteps(8, n) }},
	{"kernels at infinite width, 200 inputs of a fully connected network", "layers", "layer", []string{"ReLU", "tanh"}, powers[:7],
		func(layers int) (float64, []work) {
			return float64(layers), []work{kernels(ntk.ReLU, layers, 200), kernels(ntk.Tanh, layers, 200)}
		}},
	{"kernels at infinite width, 10 layers of a fully connected network", "inputs", "pair", []string{"ReLU"}, []int{125, 250, 500, 1000, 2000},
		func(n int) (float64, []work) { return float64(n * n), []work{kernels(ntk.ReLU, 10, n)} }},
}

// images are n random examples.
func images(net *nn.Network, n int) curvature.Set {
	s := rng.New(1, "images")
	x, y := make([]float32, n*net.Input.Size()), make([]int32, n)
	for i := range x {
		x[i] = float32(s.NormFloat64())
	}
	for i := range y {
		y[i] = int32(s.IntN(net.Output().Size()))
	}
	return nn.Labelled(x, y)
}

// passes are a step of SGD and a product with the Hessian at parameters and data
// that stay.
func passes(net *nn.Network, n int) []work { return passesOver(net, images(net, n), nn.CrossEntropy{}) }

// passesOver are passes over a set.
func passesOver(net *nn.Network, set curvature.Set, loss nn.Loss) []work {
	n, theta, g := set.N, net.InitialParams(nn.Glorot, 1), make([]float32, net.Dim())
	first := net.Compile(nn.Settings{Batch: n, Loss: loss})
	step := func() {
		first.SetParams(theta)
		first.Forward(set)
		first.Gradient(g, 1/float64(n), false)
		tensor.Axpy(theta, -1e-4, g)
	}
	second, v, fixed := net.Compile(nn.Settings{Batch: n, Loss: loss, Tangents: true}), net.InitialParams(nn.Gaussian, 2), net.InitialParams(nn.Glorot, 1)
	second.SetParams(fixed)
	second.Forward(set)
	second.Adjoints(g, 1/float64(n), false)
	hessVec := func() {
		second.SetTangent(v)
		second.HessVec(g, 1/float64(n), false)
	}
	return []work{{step, first.Bytes()}, {hessVec, second.Bytes()}}
}

// covariance is K of 25 minibatches of m examples.
func covariance(m int) work {
	net := wide(1).net
	set, s := images(net, 25*m), curvature.Settings{Chunk: m}
	p, parts := curvature.New(net, set.Slice(0, m), s), curvature.Parts(set, 25)
	must(p.At(net.InitialParams(nn.Glorot, 1)))
	run := func() {
		if _, err := p.Covariance(parts); err != nil {
			panic(err) // NaN, which these weights do not lead to
		}
	}
	kept, besides := curvature.CovarianceMemory(net, 25)
	return work{run, curvature.Memory(net, m, s) + kept + besides}
}

// product is a product with the Hessian of n examples, of which those that fit
// are kept on tapes.
func product(n int, keep int64) work {
	net, s := wide(1).net, curvature.Settings{Keep: keep}
	p := curvature.New(net, images(net, n), s)
	must(p.At(net.InitialParams(nn.Glorot, 1)))
	h, v, hv := p.Hessian(), net.InitialParams(nn.Gaussian, 2), make([]float32, net.Dim())
	return work{func() { must(h.MulVecTo(hv, v)) }, curvature.Memory(net, n, s)}
}

// gram is K of single examples.
func gram(n int) work {
	net := wide(1).net
	set, theta := images(net, n), net.InitialParams(nn.Glorot, 1)
	run := func() {
		_, err := curvature.ExampleCovariance(net, set, theta, nn.CrossEntropy{}, nil)
		must(err)
	}
	kept, besides := curvature.ExampleMemory(net, n)
	return work{run, kept + besides}
}

// kernels are NNGP and NTK of n inputs of 100 numbers. Their memory is that of the results.
func kernels(a ntk.Activation, layers, n int) work {
	x, s := mat.NewDense(n, 100, nil), rng.New(1, "kernels")
	for i := range x.RawMatrix().Data {
		x.RawMatrix().Data[i] = s.NormFloat64()
	}
	k, err := ntk.Network{Input: ntk.Vec(100), Layers: ntk.FullyConnected(layers, 0, a, 1.4, 0.1)}.Kernel(nil)
	must(err)
	run := func() {
		_, _, err := k.Symmetric(x)
		must(err)
	}
	return work{run, 16 * int64(n) * int64(n)}
}

// must panics with an error: these works have none, for nobody stops them and their
// numbers are finite.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
