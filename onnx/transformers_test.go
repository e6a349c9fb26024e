package onnx_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"breakeven/curvature"
	"breakeven/nn"
	"breakeven/onnx"
	"breakeven/spectrum"
	"breakeven/tensor"
)

// steps is how many tokens an example of the transformers has.
const steps = 7

// transformer returns the data of a network of bench/peers/onnx_transformers.py.
func transformer(name string) (in []nn.Input, set curvature.Set) {
	if name == "vision" {
		g := golden{Shape: []int{3, 8, 8}}
		return []nn.Input{g.input()}, g.set()
	}
	g := golden{Shape: []int{steps}}
	if name == "pool_numbers" {
		g.Shape = []int{steps, 3}
	}
	b := g.set()
	in = []nn.Input{g.input()}
	mask := maskOf(name)
	if mask != nil {
		in = append(in, nn.Input{Shape: nn.Seq(steps, len(mask)/examples/steps)})
		b.In = append(b.In, nn.Values{F: mask})
	}
	switch {
	case strings.HasPrefix(name, "gpt"):
		next := make([]int32, examples*steps)
		for i := range next {
			next[i] = nn.Ignored
			if i%steps < steps-1 && (!strings.HasPrefix(name, "gpt_left") || mask[i+1] > 0) {
				next[i] = b.In[0].I[i+1]
			}
		}
		b.Target[0].Labels = next
	case mask == nil && (strings.HasPrefix(name, "hfbert") || strings.HasPrefix(name, "pool")):
		lengths := make([]int32, examples)
		for i := range lengths {
			lengths[i] = int32(steps - i*3%5)
		}
		if b.In[0].Steps = lengths; name == "hfbert_plain" || name == "hfbert_roberta" || strings.HasPrefix(name, "pool") {
			break
		}
		in = append(in, nn.Input{Name: "token_type_ids", Shape: nn.Seq(steps, 1), Below: 2})
		types := make([]int32, examples*steps)
		for i := range types {
			if i%steps >= 3 {
				types[i] = 1
			}
		}
		b.In = append(b.In, nn.Values{I: types, Steps: lengths})
	}
	return in, b
}

// maskOf returns the mask with holes of a network of bench/peers/onnx_transformers.py, nil if it has none.
func maskOf(name string) []float32 {
	var seen func(i, t int) bool
	switch {
	case strings.HasPrefix(name, "gpt_left"):
		seen = func(i, t int) bool { return t >= i*3%5 }
	case strings.HasSuffix(name, "_holes"):
		seen = func(i, t int) bool { return (t+i)%3 != 1 }
	case name == "hfbert_mean", name == "pool_lstm_both":
		seen = func(i, t int) bool { return t < steps-i*3%5 }
	case name == "gpt_packed":
		return pairs()
	default:
		return nil
	}
	mask := make([]float32, examples*steps)
	for k := range mask {
		if seen(k/steps, k%steps) {
			mask[k] = 1
		}
	}
	return mask
}

// pairs is a mask of pairs of steps: three texts follow each other, and a step sees those of its own text that are not later.
func pairs() []float32 {
	mask := make([]float32, examples*steps*steps)
	for k := range mask {
		example, query, key := k/steps/steps, k/steps%steps, k%steps
		text := func(t int) (n int) {
			if t >= 2+example%3 {
				n++
			}
			if t >= 6-example%2 {
				n++
			}
			return n
		}
		if query >= key && text(query) == text(key) {
			mask[k] = 1
		}
	}
	return mask
}

// Transformers that PyTorch exported have its outputs, gradient, Hessian and K.
func TestTransformers(t *testing.T) {
	eachTransformer(t, func(name, file string, g golden) {
		t.Run(filepath.Base(file), func(t *testing.T) { g.compareTransformer(t, name, file) })
	})
}

// eachTransformer calls f for each graph of a transformer.
func eachTransformer(t *testing.T, f func(name, file string, g golden)) {
	for name, g := range readGolden(t, "golden-transformers.json") {
		files, err := filepath.Glob("testdata/" + name + "-*.onnx")
		if err != nil || len(files) == 0 {
			t.Fatal(name, err)
		}
		for _, file := range files {
			f(name, file, g)
		}
	}
}

// openTransformer returns the network of a graph, its data, and the weights that the file has; err says that it has none.
func openTransformer(t *testing.T, name, file string) (net *onnx.Network, set curvature.Set, theta []float32, err error) {
	f, err := onnx.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	in, set := transformer(name)
	if net, err = f.Network(in...); err != nil {
		t.Fatal(err)
	}
	theta, err = net.Weights()
	return net, set, theta, err
}

func (g golden) compareTransformer(t *testing.T, name, file string) {
	net, set, theta, err := openTransformer(t, name, file)
	if err != nil && strings.Contains(err.Error(), "absent.bin") {
		theta, err = make([]float32, net.Dim()), nil
		numbers(theta, plainNames(net))
	}
	if err != nil {
		t.Fatal(err)
	}
	holes := maskOf(name) != nil
	if masked := holes || set.In[0].Steps != nil; net.Masked != holes || masked && net.Padding != "attention_mask" {
		t.Errorf("the mask is %q, with holes: %v", net.Padding, net.Masked)
	}
	checkOutputs(t, net.Network, theta, set, g.Logits)
	p := curvature.New(net.Network, set, curvature.Settings{Chunk: examples})
	if err := p.At(theta); err != nil {
		t.Fatal(err)
	}
	near(t, "loss", p.Loss(), g.Loss, 1e-4)
	near(t, "‖g‖", tensor.Norm(p.Gradient()), g.GradientNorm, 1e-3*g.GradientNorm)
	top, err := spectrum.Lanczos(p.Hessian(), &spectrum.Settings{Tol: 1e-3})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "λ_H¹", top.Values[0], g.HMax, 1e-3*g.HMax)
	k, err := p.Covariance(curvature.Split(set, examples/parts))
	if err != nil {
		t.Fatal(err)
	}
	near(t, "Tr K", k.Trace(), g.KTrace, 1e-3*g.KTrace)
	g.checkNames(t, file, net)
}

// plainNames returns the parameters with the names that they have inside of what was wrapped for the export.
func plainNames(net *onnx.Network) []nn.Param {
	ps := slices.Clone(net.Params())
	for i := range ps {
		ps[i].Name = strings.TrimPrefix(ps[i].Name, "net.")
	}
	return ps
}

// checkNames compares the parameters with PyTorch's, but for those that the exporter has renamed or cut: the places
// of a sequence, weights of which it has computed the transposed ones, and one of two names of a weight.
func (g golden) checkNames(t *testing.T, file string, net *onnx.Network) {
	own := map[string][]int{}
	for _, p := range plainNames(net) {
		own[p.Name] = p.Shape
	}
	computed := strings.HasSuffix(file, "dynamo-fixed.onnx") || strings.HasSuffix(file, "optimized.onnx") || strings.Contains(file, "gpt2")
	for _, n := range g.Names {
		name, want := n[0].(string), n[1].([]any)
		same := slices.EqualFunc(own[name], want, func(a int, b any) bool { return float64(a) == b.(float64) })
		known := strings.HasSuffix(name, "wpe.weight") || strings.HasSuffix(name, "position_embeddings.weight") || strings.HasSuffix(name, "wte.weight") || strings.HasSuffix(name, "embed_tokens.weight") ||
			computed && strings.HasSuffix(name, "weight") || computed && name == "class_token"
		if !same && !known {
			t.Errorf("parameter %s has the shape %v, want %v", name, own[name], want)
		}
	}
	if cut := g.Parameters - net.Dim(); cut != 0 && cut != 2*12 { // rows of places that no step has
		t.Errorf("%d parameters, want %d", net.Dim(), g.Parameters)
	}
}
