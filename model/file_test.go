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
