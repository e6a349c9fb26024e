package onnx_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"breakeven/curvature"
	"breakeven/nn"
	"breakeven/onnx"
)

// trained returns other numbers for the parameters and running statistics of a network.
func trained(net *onnx.Network) func(name string) ([]float32, bool) {
	all := map[string][]float32{}
	for _, p := range slices.Concat(net.Params(), net.Buffers()) {
		x := make([]float32, p.Size())
		for k, u := range stream("trained/"+p.Name, len(x)) {
			x[k] = float32(0.3 * u)
			if strings.HasSuffix(p.Name, "running_var") {
				x[k]++
			}
		}
		all[p.Name] = x
	}
	return func(name string) ([]float32, bool) { x, ok := all[name]; return x, ok }
}

// saved writes a network to a file of its own and reads it again.
func saved(t *testing.T, in []nn.Input, net *onnx.Network, numbers func(string) ([]float32, bool)) (string, *onnx.Network) {
	t.Helper()
	var b bytes.Buffer
	if err := net.Save(&b, numbers); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "trained.onnx")
	if err := os.WriteFile(name, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	f, err := onnx.Read(name)
	if err != nil {
		t.Fatal(err)
	}
	again, err := f.Network(in...)
	if err != nil {
		t.Fatal(err)
	}
	return name, again
}

// What is saved is what is read: weights and statistics of every network, in the layout of its file. With
// BREAKEVEN_ONNX_FOLDER, a folder, the files are left there with inputs and our outputs, for bench/peers/onnx_back.py.
func TestSave(t *testing.T) {
	for name, g := range readGolden(t, "golden.json") {
		files, _ := filepath.Glob("testdata/" + name + "-*.onnx")
		for _, file := range files {
			if g.Parameters > 1<<17 {
				continue
			}
			t.Run(filepath.Base(file), func(t *testing.T) {
				f, err := onnx.Read(file)
				if err != nil {
					t.Fatal(err)
				}
				checkSaved(t, file, []nn.Input{g.inputOf(f)}, g.set())
			})
		}
	}
	files, _ := filepath.Glob("testdata/*.onnx")
	for _, file := range files {
		switch name, _, _ := strings.Cut(filepath.Base(file), "-"); name {
		case "encoder", "encoder_steps", "gpt", "gpt2", "gpt2_eager", "hfbert", "hfbert_eager", "vision":
			in, set := transformer(name)
			t.Run(filepath.Base(file), func(t *testing.T) { checkSaved(t, file, in, set) })
		}
	}
}

func checkSaved(t *testing.T, file string, in []nn.Input, set curvature.Set) {
	f, err := onnx.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	net, err := f.Network(in...)
	if err != nil {
		t.Fatal(err)
	}
	numbers := trained(net)
	name, again := saved(t, in, net, numbers)
	theta, err := again.Weights()
	if err != nil {
		t.Fatal(err)
	}
	state := again.InitialState()
	check := func(ps []nn.Param, vector []float32) {
		for _, p := range ps {
			if p.Frozen && (strings.HasSuffix(p.Name, ".constant") || p.Name == "clone") {
				continue // the program that was exported has it in its text
			}
			if want, _ := numbers(p.Name); !slices.Equal(vector[p.Offset:p.Offset+p.Size()], want) {
				t.Errorf("%s has other numbers than those that were saved", p.Name)
			}
		}
	}
	if again.Dim() != net.Dim() {
		t.Errorf("%d parameters, and %d before", again.Dim(), net.Dim())
	}
	check(again.Params(), theta)
	check(again.Buffers(), state)
	if folder := os.Getenv("BREAKEVEN_ONNX_FOLDER"); folder != "" && len(in) == 1 {
		leave(t, again, set, theta, state, name, filepath.Join(folder, filepath.Base(file)))
	}
}

// leave copies a file to a folder, with inputs and outputs.
func leave(t *testing.T, net *onnx.Network, set curvature.Set, theta, state []float32, from, to string) {
	of, in := net.Network, net.Inputs()[0].Shape
	if net.StateDim() > 0 {
		of = net.Fixed(state)
	}
	p := of.Compile(nn.Settings{Batch: set.N, Evaluate: true})
	p.SetParams(theta)
	p.Forward(set)
	shape := []int{set.N, in.C, in.H, in.W}
	switch {
	case set.In[0].I != nil:
		shape = []int{set.N, in.T}
	case in.T > 0:
		shape = []int{set.N, in.T, in.C}
	}
	text, err := json.Marshal(map[string]any{"shape": shape, "integers": set.In[0].I, "numbers": set.In[0].F, "outputs": p.Outputs()})
	b, err2 := os.ReadFile(from)
	for _, err := range []error{err, err2, os.WriteFile(to, b, 0o666), os.WriteFile(to+".json", text, 0o666)} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// A file with the numbers that it has is the same to the byte.
func TestSaveTheSame(t *testing.T) {
	for name, file := range map[string]string{"resnet": "whole.onnx", "lstm": "lstm-dynamo.onnx", "lstm_max": "lstm_max-script.onnx", "gru": "gru-dynamo-fixed.onnx"} {
		g := readGolden(t, "golden.json")[name]
		net, _, _ := g.network(t, file)
		theta, err := net.Weights()
		if err != nil {
			t.Fatal(err)
		}
		state, was := net.InitialState(), []byte(nil)
		own := func(name string) ([]float32, bool) {
			for vector, ps := range map[*[]float32][]nn.Param{&theta: net.Params(), &state: net.Buffers()} {
				for _, p := range ps {
					if p.Name == name {
						return (*vector)[p.Offset : p.Offset+p.Size()], true
					}
				}
			}
			return nil, false
		}
		var b bytes.Buffer
		if err := net.Save(&b, own); err != nil {
			t.Fatal(err)
		}
		if was, err = os.ReadFile(filepath.Join("testdata", file)); err != nil || !bytes.Equal(b.Bytes(), was) {
			t.Errorf("%s: saved with its own numbers the file has %d bytes, and %d before, or others (%v)", file, b.Len(), len(was), err)
		}
	}
}

// Numbers that are not there cannot be saved with others, and are not needed if all are others.
func TestSaveAbsent(t *testing.T) {
	g := readGolden(t, "golden.json")["resnet"]
	net, _, _ := g.network(t, "resnet-script.onnx")
	numbers := trained(net)
	err := net.Save(&bytes.Buffer{}, func(name string) ([]float32, bool) {
		x, ok := numbers(name)
		return x, ok && name != "0.weight"
	})
	if err == nil || !strings.Contains(err.Error(), "absent.bin") {
		t.Errorf("the error is %v, want one with the file that is absent", err)
	}
	err = net.Save(&bytes.Buffer{}, func(string) ([]float32, bool) { return []float32{1}, true })
	if err == nil || !strings.Contains(err.Error(), "1 are to be saved") {
		t.Errorf("the error is %v, want one about the size", err)
	}
}
