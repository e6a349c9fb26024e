package onnx_test

import (
	"os"
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

// Networks that PyTorch exported have its parameters, outputs, gradient, Hessian and K.
func TestAgreesWithPyTorch(t *testing.T) {
	for name, g := range readGolden(t, "golden.json") {
		files, err := filepath.Glob("testdata/" + name + "-*.onnx")
		if err != nil || len(files) == 0 {
			t.Fatal(name, err)
		}
		for _, file := range files {
			t.Run(filepath.Base(file), func(t *testing.T) {
				if strings.Contains(file, "folded") {
					t.Skip("another test")
				}
				if g.Parameters > 1<<17 && os.Getenv("BREAKEVEN_GOLDEN") != "all" {
					t.Skip("compared where BREAKEVEN_GOLDEN=all is set")
				}
				g.compare(t, filepath.Base(file))
			})
		}
	}
}

// renames reports whether the exporter has computed a weight, under another name: that of the rows of
// the places that a sequence has. The numbers are then those of the file, and v has other ones.
func (g golden) renames(file string) bool {
	return strings.HasPrefix(file, "bert-") && file != "bert-script.onnx"
}

func (g golden) compare(t *testing.T, file string) {
	net, theta, state := g.network(t, file)
	shapes := map[string][]int{}
	for _, p := range net.Params() {
		shapes[p.Name] = p.Shape
	}
	for _, n := range g.Names {
		name, want := n[0].(string), n[1].([]any)
		if !(g.renames(file) && name == "places.weight") && !slices.EqualFunc(shapes[name], want, func(a int, b any) bool { return float64(a) == b.(float64) }) {
			t.Errorf("parameter %s has the shape %v, want %v", name, shapes[name], want)
		}
	}
	want := g.Parameters
	if g.renames(file) {
		want -= (9 - g.Shape[0]) * 12 // rows of 12 numbers, of 9 places
	}
	if net.Dim() != want {
		t.Fatalf("%d parameters, want %d", net.Dim(), want)
	}
	if g.renames(file) {
		var err error
		if theta, err = net.Weights(); err != nil {
			t.Fatal(err)
		}
	}
	if inFile, err := net.Weights(); err == nil && !slices.Equal(inFile, theta) {
		t.Error("the file has other weights than the script")
	}
	set, v := g.set(), make([]float32, net.Dim())
	if !strings.HasPrefix(file, "cnn") { // whose log-softmax is left out
		checkOutputs(t, net.Network, theta, set, g.Logits)
	}
	if net.StateDim() > 0 {
		checkOutputs(t, net.Fixed(state), theta, set, g.Running)
	}
	for _, p := range net.Params() {
		for k, u := range stream("v/"+p.Name, p.Size()) {
			v[p.Offset+k] = float32(u)
		}
	}
	tensor.Scale(v, float32(1/tensor.Norm(v)))
	p := curvature.New(net.Network, set, curvature.Settings{Chunk: examples})
	if err := p.At(theta); err != nil {
		t.Fatal(err)
	}
	near(t, "loss", p.Loss(), g.Loss, 1e-4)
	near(t, "‖g‖", tensor.Norm(p.Gradient()), g.GradientNorm, 1e-3*g.GradientNorm)
	hv, h := make([]float32, net.Dim()), p.Hessian()
	if err := h.MulVecTo(hv, v); err != nil {
		t.Fatal(err)
	}
	if !g.renames(file) {
		near(t, "‖Hv‖", tensor.Norm(hv), g.ProductNorm, 1e-3*g.ProductNorm)
		near(t, "vᵀHv", tensor.Dot(hv, v), g.CurvatureAlong, 1e-3*g.ProductNorm)
	}
	top, err := spectrum.Lanczos(h, &spectrum.Settings{Tol: 1e-3})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "λ_H¹", top.Values[0], g.HMax, 1e-3*g.HMax)
	k, err := p.Covariance(curvature.Split(set, examples/parts))
	if err != nil {
		t.Fatal(err)
	}
	if g.KTrace32 > 0 {
		g.KTrace = g.KTrace32
	}
	near(t, "Tr K", k.Trace(), g.KTrace, 1e-3*g.KTrace)
}

// A graph whose exporter has folded batch norm into convolutions has other parameters, and the outputs
// with running statistics. A note says so, of no other graph.
func TestFolded(t *testing.T) {
	all := readGolden(t, "golden.json")
	g := all["resnet"]
	for _, file := range []string{"resnet-folded-script.onnx", "resnet-folded-dynamo.onnx"} {
		net, _, _ := g.network(t, file)
		if net.StateDim() != 0 {
			t.Errorf("%s has running statistics", file)
		}
		if !notesFolding(net) {
			t.Errorf("%s: the notes are %q", file, net.Notes)
		}
		theta, err := net.Weights()
		if err != nil {
			t.Fatal(err)
		}
		checkOutputs(t, net.Network, theta, g.set(), g.Running)
	}
	for _, name := range []string{"cnn", "resnet"} {
		for _, file := range []string{name + "-script.onnx", name + "-dynamo.onnx"} {
			if net, _, _ := all[name].network(t, file); notesFolding(net) {
				t.Errorf("%s: the notes are %q", file, net.Notes)
			}
		}
	}
}

func notesFolding(net *onnx.Network) bool {
	return slices.ContainsFunc(net.Notes, func(s string) bool { return strings.Contains(s, "folded batch norm") })
}

// Tokens that an embedding has no row for are refused.
func TestVocabulary(t *testing.T) {
	f, err := onnx.Read("testdata/bert-script.onnx")
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Network(nn.Input{Shape: nn.Seq(7, 1), Below: 21})
	if err == nil || !strings.Contains(err.Error(), "set the vocabulary of the data to 20") {
		t.Errorf("the error is %v, want one that says what to set", err)
	}
}

// A graph without its numbers can be built, and its numbers cannot be had.
func TestAbsent(t *testing.T) {
	all := readGolden(t, "golden.json")
	if net, _, _ := all["sines"].network(t, "sines-dynamo.onnx"); net.HasInitialState() {
		t.Error("the numbers of a buffer are known, whose file is not there")
	}
	net, _, _ := all["resnet"].network(t, "resnet-script.onnx")
	if _, err := net.Weights(); err == nil || !strings.Contains(err.Error(), "absent.bin") {
		t.Errorf("the error is %v, want one with the file", err)
	}
}
