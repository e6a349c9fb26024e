package model_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"breakeven/model"
	"breakeven/nn"
	"breakeven/run"
)

// A network of a file is written back with other weights, if the file is the one that the run was begun with.
func TestSave(t *testing.T) {
	const name = "../onnx/testdata/flat.onnx" // layers of 4, 6 and 3 numbers
	spec := run.Spec{Model: name}
	net, err := model.Described(name)
	if err != nil {
		t.Fatal(err)
	}
	asked := func() ([]nn.Input, error) { return nil, errors.New("the file says what it reads") }
	theta := make([]float32, net.Dim())
	var tensors []run.Tensor
	for i := range theta {
		theta[i] = float32(i)
	}
	for _, p := range net.Params() {
		tensors = append(tensors, run.Tensor{Name: p.Name, Shape: p.Shape, Data: theta[p.Offset : p.Offset+p.Size()]})
	}
	var b bytes.Buffer
	if err := model.Save(&b, spec, asked, tensors); err != nil {
		t.Fatal(err)
	}
	again := run.Spec{Model: filepath.Join(t.TempDir(), "again.onnx")}
	if err := os.WriteFile(again.Model, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	if got, _, err := model.FromFile(again, net); err != nil || !slices.Equal(got, theta) {
		t.Errorf("%v, %v", got, err)
	}
	for _, c := range []struct {
		spec run.Spec
		want string
	}{
		{run.Spec{Model: name, ModelSHA256: "abc"}, "another file than the one that the run was begun with"},
		{run.Spec{Model: "mlp"}, "mlp is no file in ONNX"},
		{run.Spec{Model: "nowhere.onnx"}, "nowhere.onnx"},
	} {
		if err := model.Save(&b, c.spec, asked, tensors); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: the error is %v, want one with %q", c.spec.Model, err, c.want)
		}
	}
}

// Parameters of GPT-2 are written as its program has them, the matrices of Conv1D as [in, out], and so they stand in
// the graph.
func TestStateDict(t *testing.T) {
	spec := run.Spec{Model: "../onnx/testdata/gpt2-dynamo.onnx"}
	in := []nn.Input{{Shape: nn.Seq(7, 1), Below: 20}}
	net, err := model.Of(spec, in[0], 20)
	if err != nil {
		t.Fatal(err)
	}
	l, err := model.LayoutOf(spec, net)
	if err != nil {
		t.Fatal(err)
	}
	if !l.Tied["net.lm_head.weight"] || l.Tied["net.transformer.wpe.weight"] || l.Turned["net.lm_head.weight"] {
		t.Errorf("tied %v", l.Tied)
	}
	var tensors []run.Tensor
	for _, p := range net.Params() {
		x := make([]float32, p.Size())
		for i := range x {
			x[i] = float32(i)
		}
		tensors = append(tensors, run.Tensor{Name: p.Name, Shape: p.Shape, Data: x})
	}
	dict, err := model.StateDict(spec, func() ([]nn.Input, error) { return in, nil }, tensors)
	if err != nil {
		t.Fatal(err)
	}
	turned := 0
	for i, p := range tensors {
		d := dict[i]
		if !strings.Contains(p.Name, ".c_") || len(p.Shape) != 2 {
			if !slices.Equal(d.Data, p.Data) || !slices.Equal(d.Shape, p.Shape) {
				t.Errorf("%s has changed", p.Name)
			}
			continue
		}
		turned++
		out, in := p.Shape[0], p.Shape[1]
		if !slices.Equal(d.Shape, []int{in, out}) || d.Data[1] != float32(in) || d.Data[out] != 1 {
			t.Errorf("%s of shape %v is written as %v, beginning with %v", p.Name, p.Shape, d.Shape, d.Data[:2])
		}
	}
	if turned != 4*4 {
		t.Errorf("%d matrices, want those of four layers", turned)
	}
	if _, err := model.StateDict(run.Spec{Model: "nowhere.onnx"}, nil, tensors); err == nil || !strings.HasSuffix(err.Error(), "it says how the weights are laid out") {
		t.Errorf("the error is %v", err)
	}
}
