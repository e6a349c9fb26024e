package onnx_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"breakeven/curvature"
	"breakeven/nn"
	"breakeven/nn/nntest"
	"breakeven/onnx"
)

// A lossGolden is what PyTorch has for a graph that computes its own loss. See bench/peers/onnx_losses.py.
type lossGolden struct {
	X, Y         []float32
	Labels       bool
	Loss         float64
	Gradient, HV []float64
	Names        []string
}

// batch returns the examples with their targets for a loss.
func (g lossGolden) batch(l *onnx.OutputLoss) nn.Batch {
	b := nn.Batch{N: 12, In: []nn.Values{{F: g.X}}, Target: []nn.Target{{Vector: g.Y}}}
	if !g.Labels {
		return b
	}
	t := nn.Target{}
	for _, y := range g.Y {
		label := int32(y)
		if label == l.Ignored {
			label = nn.Ignored
		}
		t.Labels = append(t.Labels, label)
		if l.Weights != nil && label != nn.Ignored {
			t.Weight = append(t.Weight, l.Weights[label])
		} else if l.Weights != nil {
			t.Weight = append(t.Weight, 1)
		}
	}
	b.Target[0] = t
	return b
}

// input is that of vectors, or of sequences of six steps.
func (g lossGolden) input() nn.Input {
	if len(g.X) == 12*4 {
		return nn.Input{Shape: nn.Vec(4)}
	}
	return nn.Input{Shape: nn.Seq(6, 4)}
}

// inOrder returns numbers of all parameters, which PyTorch has in the order of names, in that of a network.
func inOrder(net *onnx.Network, names []string, all []float64) []float64 {
	byName := map[string][]float64{}
	sizes := map[string]int{}
	for _, p := range net.Params() {
		sizes[p.Name] = p.Size()
	}
	for _, name := range names {
		byName[name], all = all[:sizes[name]], all[sizes[name]:]
	}
	out := make([]float64, net.Dim())
	for _, p := range net.Params() {
		copy(out[p.Offset:], byName[p.Name])
	}
	return out
}

// Losses that graphs compute have PyTorch's value, gradient and product with H, from both of its exporters.
func TestOutputLosses(t *testing.T) {
	text, err := os.ReadFile("testdata/losses/golden.json")
	goldens := map[string]lossGolden{}
	if err == nil {
		err = json.Unmarshal(text, &goldens)
	}
	if err != nil {
		t.Fatal(err)
	}
	is := map[string]string{"entropy": "cross-entropy", "each": "cross-entropy", "twice": "cross-entropy", "likelihood": "cross-entropy", "shares": "cross-entropy",
		"squares": "mse", "single": "mse", "answers": "binary-cross-entropy", "probabilities": "binary-cross-entropy", "sums": "output:", "huber": "output:", "poisson": "output:",
		"class_weights": "cross-entropy", "class_weights_each": "cross-entropy", "class_weights_likelihood": "cross-entropy", "positive": "output:", "answer_weights": "output:",
		"both_weights": "output:", "steps": "cross-entropy", "steps_flat": "cross-entropy", "steps_each": "cross-entropy", "steps_likelihood": "cross-entropy"}
	for name, g := range goldens {
		files, _ := filepath.Glob("testdata/losses/" + name + "-*.onnx")
		if len(files) == 0 {
			t.Errorf("%s: no file", name)
		}
		for _, file := range files {
			f, err := onnx.ReadFor(file, "output:loss")
			if err != nil {
				t.Error(err)
				continue
			}
			l := f.OutputLoss()
			if l.Loss.Name() != is[name] || l.Targets != "y" {
				t.Errorf("%s: %s with targets %s, want %s", file, l.Loss.Name(), l.Targets, is[name])
			}
			net, err := f.Network(g.input())
			if err != nil {
				t.Error(err)
				continue
			}
			compareLoss(t, file, g, net, l)
		}
	}
}

func compareLoss(t *testing.T, file string, g lossGolden, net *onnx.Network, loss *onnx.OutputLoss) {
	t.Helper()
	theta, err := net.Weights()
	if err != nil {
		t.Fatal(err)
	}
	p := curvature.New(net.Network, g.batch(loss), curvature.Settings{Loss: loss.Loss})
	if err := p.At(theta); err != nil {
		t.Fatal(err)
	}
	v, hv := make([]float32, net.Dim()), make([]float32, net.Dim())
	direction := make([]float64, net.Dim())
	for i := range direction {
		direction[i] = math.Cos(float64(i))
	}
	for i, x := range inOrder(net, g.Names, direction) {
		v[i] = float32(x)
	}
	if err := p.Hessian().MulVecTo(hv, v); err != nil {
		t.Fatal(err)
	}
	if math.Abs(p.Loss()-g.Loss) > 1e-6*(1+math.Abs(g.Loss)) {
		t.Errorf("%s: loss %v, want %v", file, p.Loss(), g.Loss)
	}
	for what, pair := range map[string]struct {
		got  []float32
		want []float64
	}{"gradient": {p.Gradient(), inOrder(net, g.Names, g.Gradient)}, "Hv": {hv, inOrder(net, g.Names, g.HV)}} {
		off, norm := 0.0, 0.0
		for i, want := range pair.want {
			off, norm = off+(float64(pair.got[i])-want)*(float64(pair.got[i])-want), norm+want*want
		}
		if !(math.Sqrt(off) <= 1e-5*math.Sqrt(norm)) {
			t.Errorf("%s: %s is off by %v of %v", file, what, math.Sqrt(off), math.Sqrt(norm))
		}
	}
}

// The losses of graphs have the rules of a loss.
func TestOutputLossContract(t *testing.T) {
	for _, name := range []string{"twice", "sums", "poisson", "class_weights_each", "both_weights"} {
		f, err := onnx.ReadFor("testdata/losses/"+name+"-dynamo.onnx", "output:loss")
		if err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) { nntest.TestLoss(t, f.OutputLoss().Loss, 3) })
	}
}

// Outputs that are no loss are refused, with what is wrong.
func TestNoOutputLosses(t *testing.T) {
	for _, c := range [][3]string{
		{"squares-dynamo", "none", `has no output "none" for the loss; its outputs are z, loss`},
		{"squares-dynamo", "z", "no mean or sum of a function"},
	} {
		if _, err := onnx.ReadFor("testdata/losses/"+c[0]+".onnx", "output:"+c[1]); err == nil || !strings.Contains(err.Error(), c[2]) {
			t.Errorf("%s: the error is %v, want one with %q", c[0], err, c[2])
		}
	}
}
