package main

import (
	"fmt"
	"slices"
)

// Names of peers that the driver treats in a way of their own.
const (
	self           = "ours" // another work of ours
	neuralTangents = "neural-tangents"
	geometric      = "PyTorch Geometric"
	nestedJAX      = "JAX"
)

// A theme is a table.
type theme struct {
	title string
	races []race
}

// themes are all races.
func themes(o options) []theme {
	return []theme{
		{"Matrix products", products()},
		{"Single convolutions, forward and backward", layers()},
		{"Training steps", steps()},
		{"LSTM, on texts of 80 words of 20,000", texts()},
		{"BERT of size small, pairs of 128 tokens", transformers()},
		{"Graphs: two graph convolutions, 64 hidden features", graphs()},
		{"Flights: encoder of the plan, convolutions, decoder, mixture density", flights()},
		{"Curvature", curvatures()},
		{"Kernels at infinite width, float64", infinities()},
		{"Kernels of higher order, float64", higher()},
		{"Largest eigenvalue of the Hessian on 2,250 examples, to 1 %", eigenvalues()},
		{"Networks that PyTorch exported to ONNX", exports()},
		{"Against ourselves", ourselves()},
		{"From process start to the first measurement", launches(o)},
	}
}

// products are square ones and those that the layers have. Each is repeated so
// that a run takes some milliseconds.
func products() []race {
	var rs []race
	add := func(name, kind string, m, k, n int) {
		flops := 2 * float64(m) * float64(k) * float64(n)
		repeat := max(1, int(2e9/flops))
		for _, peer := range []string{"OpenBLAS", "PyTorch"} {
			r := race{name: name, peer: peer, tolerance: 1e-5, flops: flops * float64(repeat),
				ours: request{Work: "gemm", Variant: kind, Sizes: []int{m, k, n}, Repeat: repeat}}
			if peer == "OpenBLAS" {
				r.aim = 1 / 0.9
			}
			if repeat > 1 {
				r.name += fmt.Sprintf(", %d times", repeat)
			}
			rs = append(rs, r)
		}
	}
	for _, n := range []int{256, 512, 1024, 2048} {
		add(fmt.Sprintf("sgemm %d", n), "nn", n, n, n)
	}
	add("dense 4096→128, batch 128, forward", "nt", 128, 4096, 128)
	add("the same, gradient of the input", "nn", 128, 128, 4096)
	add("the same, gradient of the weights", "tn", 128, 128, 4096)
	add("1024×288 · 288×32", "nn", 1024, 288, 32)
	add("256×576 · 576×64", "nn", 256, 576, 64)
	return rs
}

var layouts = []string{"contiguous", "channels_last"}

// layers are single convolutions: what SimpleCNN has, and what it has not.
func layers() []race {
	var rs []race
	add := func(name string, h, w, channels, filters, k, stride, batch int) {
		oh, ow := (h-1)/stride+1, (w-1)/stride+1 // padding is k/2
		passes := 3.0
		if channels <= 3 {
			passes = 2 // no gradient of the input
		}
		flops := passes * 2 * float64(oh*ow*filters*channels*k*k*batch)
		repeat := max(1, int(5e8/flops))
		rs = append(rs, race{name: name, peer: "PyTorch", variants: layouts, tolerance: 1e-3, flops: flops * float64(repeat),
			ours: request{Work: "conv", Sizes: []int{h, w, channels, filters, k, stride, batch}, Repeat: repeat}})
	}
	add("3×3, 32→32 channels, 32×32, batch 32", 32, 32, 32, 32, 3, 1, 32)
	add("the same, batch 1", 32, 32, 32, 32, 3, 1, 1)
	add("3×3, 64→64 channels, 16×16, batch 32", 16, 16, 64, 64, 3, 1, 32)
	add("3×3, 3→32 channels, 32×32, batch 32", 32, 32, 3, 32, 3, 1, 32)
	add("3×3, stride 2, 32→64 channels, 32×32, batch 32", 32, 32, 32, 64, 3, 2, 32)
	add("1×1, 64→64 channels, 16×16, batch 32", 16, 16, 64, 64, 1, 1, 32)
	add("5×5, 16→24 channels, 28×28, batch 32", 28, 28, 16, 24, 5, 1, 32)
	add("3×3, 5→7 channels, 13×17, batch 32", 13, 17, 5, 7, 3, 1, 32)
	return rs
}

func steps() []race {
	var rs []race
	for _, batch := range []int{128, 32, 8} {
		for _, model := range []string{"simplecnn", "resnet32"} {
			r := race{name: fmt.Sprintf("SGD step, %s, batch %d", model, batch), peer: "PyTorch", variants: layouts,
				tolerance: 1e-3, memory: 0.5, ours: request{Work: "step", Model: model, Sizes: []int{batch}}}
			if batch == 128 {
				r.aim = 0.8
			}
			rs = append(rs, r)
			if batch == 128 {
				r.peer = "torch.compile"
				rs = append(rs, r)
			}
		}
	}
	rs = append(rs, race{name: "SGD step, DenseNet-121, 224×224, batch 8", peer: "PyTorch", variants: layouts, aim: 0.8, memory: 0.5, tolerance: 1e-3,
		ours: request{Work: "step", Model: denseNet, Sizes: []int{photos}}})
	return append(rs, race{name: "SGD step, resnet32 that carries another, batch 100 each", peer: "PyTorch", aim: 0.8, memory: 0.5, tolerance: 1e-3,
		variants: []string{"contiguous", "channels_last", "contiguous, index_select"}, ours: request{Work: "joint", Model: "resnet32", Sizes: []int{100}}})
}

// recurrent are the ways in which PyTorch's LSTM is tried: its own loop or oneDNN's, the
// steps of a batch or the texts first in memory, packed sequences, and a sparse gradient of
// the embedding.
var recurrent = []string{"native", "native, sparse", "native, packed", "oneDNN", "oneDNN, sparse", "oneDNN, texts first"}

// texts are the works of the LSTM. Of PyTorch's two, vmap can do oneDNN's alone.
func texts() []race {
	one := func(name, peer string, aim float64, work request, variants ...string) race {
		work.Model = lstm
		return race{name: "LSTM, " + name, peer: peer, aim: aim, memory: 0.5, tolerance: 1e-3, ours: work, variants: variants}
	}
	step := request{Work: "step", Sizes: []int{batchSize}}
	epoch := one("an epoch of 25,000 texts, batch 128", "PyTorch", 0.8, request{Work: "texts", Sizes: []int{batchSize}}, "native, sparse", "oneDNN", "oneDNN, sparse")
	epoch.rounds = 3
	gram := request{Work: "gram", Sizes: []int{128}}
	both := one("SGD step in both directions, batch 128", "PyTorch", 0.8, step, recurrent...)
	both.ours.Model = bothWays
	return []race{
		both,
		one("SGD step, batch 128", "PyTorch", 0, step, recurrent...),
		one("SGD step, batch 128", "torch.compile", 0, step, "native", "oneDNN"),
		epoch,
		one("Hessian-vector product, batch 128, fixed θ and data", "PyTorch", 0, request{Work: "hvp", Sizes: []int{batchSize}}, "native", "native, texts first", "oneDNN"),
		one("K, L = 25 of M = 128: eigenvalues, trace", "PyTorch", 0, request{Work: "covariance", Sizes: []int{minibatches, batchSize}}, "native", "native, texts first", "oneDNN"),
		one("Gram matrix of 128 per-example gradients", "BackPACK", 0, gram),
		one("Gram matrix of 128 per-example gradients", "torch.func.vmap", 0, gram, "oneDNN"),
	}
}

// transformers are the works of BERT. The peer's attention of PyTorch's own has no second
// derivatives.
func transformers() []race {
	one := func(name, work string, aim float64, variants ...string) race {
		return race{name: fmt.Sprintf("BERT, %s, batch %d", name, bertPairs), peer: "PyTorch", aim: aim, memory: 0.5, tolerance: 1e-3,
			ours: request{Work: work, Model: bert, Sizes: []int{bertPairs}}, variants: variants}
	}
	return []race{
		one("SGD step", "step", 0.8, "sdpa", "eager"),
		one("Hessian-vector product, fixed θ and data", "hvp", 0.5, "eager"),
	}
}

// graphs are steps over whole graphs, whose training nodes count. PyTorch Geometric has its
// edges as lists, or as a sparse matrix.
func graphs() []race {
	one := func(name, model, work string, variants ...string) race {
		return race{name: name, peer: geometric, aim: 0.5, memory: 0.5, tolerance: 1e-3, ours: request{Work: work, Model: model, Sizes: []int{1}}, variants: variants}
	}
	factors := one("50 SGD steps with Kronecker factors of the first, Cora", cora, "factors", "lists")
	factors.ours.Sizes = []int{50}
	return []race{
		factors,
		one("SGD step, Cora", cora, "step", "lists", "CSR"),
		one("Hessian-vector product, Cora", cora, "hvp", "lists"),
		one("SGD step, 200,000 nodes, 2,000,000 edges", large, "step", "lists", "CSR"),
	}
}

// flights are works on flights of up to 115 states, with 20×20 cells of weather at each or
// without. PyTorch's states lie packed; in the decoder's LSTM they may be padded.
func flights() []race {
	twice := []string{"packed", "padded"} // oneDNN's LSTM has no second derivatives
	once := append([]string{"padded, oneDNN"}, twice...)
	var rs []race
	add := func(name string, aim float64, work, model string, n int, variants []string) {
		r := race{name: fmt.Sprintf("flights, %s, batch %d", name, n), peer: "PyTorch", aim: aim, memory: 0.5, tolerance: 1e-3,
			ours: request{Work: work, Model: model, Sizes: []int{n}}, variants: slices.Clone(variants)}
		if model == fairSky {
			r.name += ", no weather"
		} else {
			for _, v := range variants {
				r.variants = append(r.variants, v+", channels_last")
			}
		}
		rs = append(rs, r)
	}
	for _, n := range []int{8, manyFlights} {
		for _, model := range []string{deeptp, fairSky} {
			add("SGD step", 0.8, "step", model, n, once)
			add("Hessian-vector product", 0.5, "hvp", model, n, twice)
		}
	}
	return rs
}

func curvatures() []race {
	one := func(name, peer string, aim, memory float64, ours request, variants ...string) race {
		ours.Model = "simplecnn"
		return race{name: name, peer: peer, aim: aim, memory: memory, tolerance: 1e-3, ours: ours, variants: variants}
	}
	gram := request{Work: "gram", Sizes: []int{256}}
	return []race{
		one("Hessian-vector product, batch 128, fixed θ and data", "PyTorch", 0.5, 0.5, request{Work: "hvp", Sizes: []int{128}}, layouts...),
		one("K, L = 25 of M = 128: eigenvalues, trace", "PyTorch", 0.5, 0.5, request{Work: "covariance", Sizes: []int{minibatches, batchSize}}, layouts...),
		one("Gram matrix of 256 per-example gradients", "BackPACK", 0.2, 0.1, gram),
		one("Gram matrix of 256 per-example gradients", "torch.func.vmap", 0.2, 0.1, gram),
		one("tangent kernel, 64 images, 10 outputs", neuralTangents, 0.5, 0.5, request{Work: "ntk", Sizes: []int{64}},
			"JACOBIAN_CONTRACTION", "STRUCTURED_DERIVATIVES"), // NTK_VECTOR_PRODUCTS wants more than 20 GB
	}
}

// infinities are kernels of infinitely wide networks. On the diagonal the peer's have the root
// of a rounding, which ten layers make larger. With global pooling all images at once would
// want hundreds of gigabytes of the peer.
func infinities() []race {
	one := func(name, network string, n int, variants ...string) race {
		return race{name: name, peer: neuralTangents, aim: 0.5, memory: 0.5, tolerance: 1e-6, variants: variants,
			ours: request{Work: "infinite", Model: network, Sizes: []int{n}}}
	}
	pooling := one("5 convolutions and global pooling, 20 images", "pooling", 20, "batch 4", "batch 2")
	pooling.rounds = 2
	return []race{
		one("10 layers, fully connected, 2,000 inputs", "dense", 2000),
		one("5 convolutions and flatten, 100 images", "flatten", 100, "", "batch 25"),
		pooling,
	}
}

// higher are kernels of the tangent hierarchy against nested derivatives. With 32 points and
// width 1,024 the peer's K^(4) would take hours.
func higher() []race {
	var rs []race
	for _, s := range [][3]int{{3, 16, 512}, {3, 32, 1024}, {4, 8, 256}} {
		rs = append(rs, race{name: fmt.Sprintf("K^(%d), %d points, width %d, 2 hidden layers", s[0], s[1], s[2]), peer: nestedJAX, aim: 0.1, memory: 0.5,
			tolerance: 1e-8, ours: request{Work: "kernels", Sizes: s[:]}})
	}
	return rs
}

func top(variant string) request {
	return request{Work: "top", Model: trained, Variant: variant, Sizes: []int{measured}}
}

// eigenvalues: both sides' values are held against ours with a residual of
// 1e-4. The peers' variants were the fastest of those tried.
func eigenvalues() []race {
	exact, theirs := top("reference"), top("")
	one := func(name, how, peer, variant string) race {
		return race{name: "λ_H¹, " + name, peer: peer, aim: 0.2, memory: 0.5, tolerance: 1e-2, rounds: 1,
			ours: top(how), theirs: &theirs, variants: []string{variant}, reference: &exact}
	}
	const powers, lanczos = "batch 0 tolerance 1e-3", "batch 250 basis 10"
	return []race{
		one("cold start", "cold", "PyHessian", powers),
		one("cold start", "cold", "curvlinops", lanczos),
		one("cold start, no values kept between products", "nothing kept", "curvlinops", lanczos),
	}
}

// exports are the works that issue from a network of PyTorch's in ONNX: its largest eigenvalue, of examples
// which batch norm makes one batch, and K.
func exports() []race {
	var rs []race
	for _, of := range []struct {
		name, model         string
		examples, minibatch int
		top                 string // how PyTorch computes attention, of which it has second derivatives in one way, or its layout
		layouts             []string
	}{
		{"ResNet-18", resNet18, 128, batchSize, "contiguous", layouts},
		{"ResNet-18 with a 3×3 stem", resNetStem, 32, 32, "contiguous", layouts},
		{"GPT of four layers", gpt, 64, gptBatch, "explicit", []string{"fused", "explicit"}},
	} {
		exact := request{Work: "top", Model: of.model, Variant: "reference", Sizes: []int{of.examples}}
		ours, theirs := exact, exact
		ours.Variant = "cold"
		for _, peer := range [][2]string{{"PyHessian", "batch 0 tolerance 1e-3"}, {"curvlinops", fmt.Sprintf("batch %d basis 10", of.examples)}, {"PyTorch", of.top}} {
			rs = append(rs, race{name: fmt.Sprintf("%s, λ_H¹ on %d examples", of.name, of.examples), peer: peer[0], aim: 1. / 3, memory: 0.5, tolerance: 1e-2,
				rounds: 1, ours: ours, theirs: &theirs, variants: peer[1:], reference: &exact})
		}
		rs = append(rs, race{name: fmt.Sprintf("%s, K, L = %d of M = %d: eigenvalues, trace", of.name, minibatches, of.minibatch), peer: "PyTorch", aim: 1. / 3,
			memory: 0.5, tolerance: 1e-3, variants: of.layouts, ours: request{Work: "covariance", Model: of.model, Sizes: []int{minibatches, of.minibatch}}})
	}
	return rs
}

func ourselves() []race {
	gradient := request{Work: "gradient", Model: "simplecnn", Sizes: []int{128}}
	cold, exact := top("cold"), top("reference")
	epoch := request{Work: "epoch", Model: "simplecnn"}
	whole := func(variant string, rounds int) race {
		return race{name: "measurement of K, λ_H¹ and Eq. 1, " + variant + " start, against an epoch of 45,000 images (from " + fmt.Sprint(timedSteps) + " steps)",
			peer: self, aim: 0.1, rounds: rounds, scale: float64(training/batchSize) / timedSteps,
			ours: request{Work: "measurement", Model: trained, Variant: variant}, theirs: &epoch}
	}
	return []race{
		{name: "Hessian-vector product against our gradient, batch 128", peer: self, aim: 2.2, theirs: &gradient,
			ours: request{Work: "hvp", Model: "simplecnn", Sizes: []int{128}}},
		{name: "λ_H¹, warm start against cold start", peer: self, aim: 0.5, rounds: 2, tolerance: 1e-2, reference: &exact,
			ours: top("warm"), theirs: &cold},
		whole("warm", 2), whole("cold", 1),
	}
}

// launches are runs that are small; the defaults measure 2,250 examples.
func launches(o options) []race {
	one := func(name, flags string) race {
		return race{name: name, aim: 2, ours: request{Work: "launch", Variant: flags}}
	}
	const small = "--examples 250 --l 5 --m 50"
	rs := []race{one("SimpleCNN on embedded images, 250 examples", small), one("the same, MLP", "--model mlp "+small)}
	if o.cifar != "" {
		rs = append(rs, one("SimpleCNN on CIFAR-10, 250 examples", "--data cifar10 --data-dir "+o.cifar+" "+small))
	}
	return rs
}
