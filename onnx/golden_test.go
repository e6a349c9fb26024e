package onnx_test

import (
	"encoding/json"
	"hash/fnv"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"breakeven/curvature"
	"breakeven/nn"
	"breakeven/onnx"
)

// A golden is what PyTorch computes of a network, by bench/peers/onnx_golden.py.
type golden struct {
	Shape          []int
	Parameters     int
	Names          [][2]any
	Frozen         []string  // that are no parameters
	Logits         []float64 // with the statistics of the batch
	Running        []float64 // with running ones
	Loss           float64
	GradientNorm   float64 `json:"gradient_norm"`
	ProductNorm    float64 `json:"product_norm"`
	CurvatureAlong float64 `json:"curvature_along"`
	HMax           float64 `json:"h_max"`
	KTrace         float64 `json:"k_trace"`
	KTrace32       float64 `json:"k_trace_float32"` // where PyTorch's own float32 differs
}

const examples, parts, classes, tokens = 16, 4, 5, 20

// readGolden returns the networks of a file of testdata.
func readGolden(t *testing.T, file string) map[string]golden {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	raw := map[string]json.RawMessage{}
	if err := json.Unmarshal(text, &raw); err != nil {
		t.Fatal(err)
	}
	all := map[string]golden{}
	for name, text := range raw {
		var g golden
		if name != "made_by" {
			if err := json.Unmarshal(text, &g); err != nil {
				t.Fatal(err)
			}
			all[name] = g
		}
	}
	return all
}

// stream is the script's: number k is decided by the name and k.
func stream(name string, count int) []float64 {
	h := fnv.New64a()
	h.Write([]byte(name))
	x, seed := make([]float64, count), h.Sum64()
	for k := range x {
		z := seed + uint64(k+1)*0x9E3779B97F4A7C15
		z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
		z = (z ^ z>>27) * 0x94D049BB133111EB
		z ^= z >> 31
		x[k] = float64(z>>11)/(1<<52) - 1
	}
	return x
}

// numbers sets tensors to the script's.
func numbers(dst []float32, ps []nn.Param) {
	for _, p := range ps {
		for k, u := range stream(p.Name, p.Size()) {
			switch {
			case len(p.Shape) > 1:
				u *= math.Sqrt(6 / float64(p.Size()/p.Shape[0]))
			case strings.HasSuffix(p.Name, ".weight"), strings.HasSuffix(p.Name, "running_var"):
				u = 0.2*u + 1
			default:
				u *= 0.2
			}
			dst[p.Offset+k] = float32(u)
		}
	}
}

func (g golden) input() nn.Input {
	switch len(g.Shape) {
	case 1:
		return nn.Input{Shape: nn.Seq(g.Shape[0], 1), Below: tokens}
	case 2:
		return nn.Input{Shape: nn.Seq(g.Shape[0], g.Shape[1])}
	}
	return nn.Input{Shape: nn.Shape{C: g.Shape[0], H: g.Shape[1], W: g.Shape[2]}}
}

// inputOf is what a graph reads: a signal, if it says so.
func (g golden) inputOf(f *onnx.File) nn.Input {
	in := g.input()
	if f.Readings()[0].Signal {
		in.Shape = nn.Shape{C: g.Shape[0], H: 1, W: g.Shape[1]}
	}
	return in
}

func (g golden) set() curvature.Set {
	u := stream("input", examples*g.input().Shape.Size())
	x, y := make([]float32, len(u)), make([]int32, max(examples, len(g.Logits)/classes))
	for i := range u {
		x[i] = float32(float64(float32(u[i])) * 1.5)
	}
	for i := range y {
		y[i] = int32(i * 7 % classes)
	}
	in := nn.Values{F: x}
	if len(g.Shape) == 1 {
		in = nn.Values{I: make([]int32, len(u))}
		for i := range in.I {
			in.I[i] = int32((float64(float32(u[i])) + 1) / 2 * tokens)
		}
	}
	return nn.Batch{N: examples, In: []nn.Values{in}, Target: []nn.Target{{Labels: y}}}
}

// network reads a graph of testdata, and returns the script's weights and statistics.
func (g golden) network(t *testing.T, file string) (net *onnx.Network, theta, state []float32) {
	t.Helper()
	f, err := onnx.Read(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	if net, err = f.Network(g.inputOf(f)); err != nil {
		t.Fatal(err)
	}
	if len(g.Frozen) > 0 {
		g.freeze(t, net, strings.Contains(file, "dynamo"))
	}
	theta, state = make([]float32, net.Dim()), net.InitialState()
	numbers(theta, net.Params())
	for _, p := range net.Buffers() {
		if !p.Frozen || slices.Contains(g.Frozen, p.Name) { // else the graph computes it
			numbers(state, []nn.Param{p})
		}
	}
	net.SetFrozen(state)
	return net, theta, state
}

// freeze freezes what is no parameter. Of the newer exporter's graphs the buffers are frozen already.
func (g golden) freeze(t *testing.T, net *onnx.Network, newer bool) {
	t.Helper()
	had := slices.ContainsFunc(net.Params(), func(p nn.Param) bool { return p.Name == "places" || p.Name == "centre" })
	if had == newer {
		t.Errorf("a buffer is a parameter: %v", had)
	}
	net.Freeze(func(name string) bool { return slices.Contains(g.Frozen, name) })
}

func near(t *testing.T, what string, got, want, limit float64) {
	t.Helper()
	if !(math.Abs(got-want) <= limit) {
		t.Errorf("%s is %.8g, want %.8g to %.1g", what, got, want, limit)
	}
}

// outputs are those of a plan, compared with PyTorch's.
func checkOutputs(t *testing.T, net *nn.Network, theta []float32, set curvature.Set, want []float64) {
	t.Helper()
	p := net.Compile(nn.Settings{Batch: set.N, Evaluate: true})
	p.SetParams(theta)
	p.Forward(set)
	got := p.Outputs()
	if len(got) != len(want) {
		t.Fatalf("%d outputs, want %d", len(got), len(want))
	}
	for i, z := range got {
		if math.Abs(float64(z)-want[i]) > 1e-4*(1+math.Abs(want[i])) {
			t.Fatalf("output %d is %v, want %v", i, z, want[i])
		}
	}
}
