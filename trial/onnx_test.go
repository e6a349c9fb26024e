package trial

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"breakeven/run"
)

// flatSpec is a trial of a network in ONNX on a table of four columns.
func flatSpec(t *testing.T) run.Spec {
	t.Helper()
	dir := t.TempDir()
	graph, err := os.ReadFile("../onnx/testdata/flat.onnx")
	if err != nil {
		t.Fatal(err)
	}
	table := "a,b,c,d,class\n" + strings.Repeat("1,2,3,4,0\n0,1,0,1,1\n4,3,2,1,2\n", 4)
	s := run.Default()
	s.Model, s.Data, s.Batch, s.Steps, s.Probes = filepath.Join(dir, "net.onnx"), filepath.Join(dir, "x.csv"), 4, 2, []string{"loss"}
	s.Measure.L, s.Measure.M, s.Measure.Examples = 2, 2, 12
	for name, text := range map[string][]byte{s.Model: graph, s.Data: []byte(table)} {
		if err := os.WriteFile(name, text, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// A network in ONNX begins with its own weights, and what the file holds is part of the
// identity of a trial.
func TestNetworkInONNX(t *testing.T) {
	s := flatSpec(t)
	at, err := newSetting(s, Env{})
	if err == nil {
		err = at.weights()
	}
	if err != nil {
		t.Fatal(err)
	}
	if theta := at.initial(); at.net.Dim() != 4*6+6+6*3+3 || theta[0] == 0 || theta[0] == theta[1] {
		t.Errorf("%d parameters, beginning with %v", at.net.Dim(), theta[:2])
	}
	if len(at.spec.ModelSHA256) != 64 || at.spec.ID() == s.ID() {
		t.Errorf("the digest of the file is %q", at.spec.ModelSHA256)
	}
	moved := at.spec
	moved.Model = filepath.Join(filepath.Dir(s.Model), "moved.onnx")
	if err := os.Rename(s.Model, moved.Model); err != nil {
		t.Fatal(err)
	}
	if _, err := newSetting(moved, Env{}); err != nil || moved.ID() != at.spec.ID() {
		t.Errorf("where the file lies decides the identity: %v", err)
	}
	moved.ModelSHA256 = strings.Repeat("0", 64)
	if _, err := newSetting(moved, Env{}); err == nil || !strings.Contains(err.Error(), "is another file") {
		t.Errorf("another file is taken: %v", err)
	}
}

// What is wrong with a network in ONNX is one error that names the file.
func TestNetworkInONNXErrors(t *testing.T) {
	for _, c := range []struct {
		change func(*run.Spec)
		want   string
	}{
		{func(s *run.Spec) { s.Model = strings.TrimSuffix(s.Model, ".onnx") + ".pt" }, "export the network with torch.onnx.export"},
		{func(s *run.Spec) { s.Model += ".none.onnx" }, "no such file"},
		{func(s *run.Spec) { s.Data = "fashion-mnist-sample"; s.Model = "../onnx/testdata/whole.onnx" }, "the data have examples of 1×28×28"},
		{func(s *run.Spec) { s.Loss = "mse"; target(t, s.Data) }, "a target has 1 numbers, and model"},
	} {
		s := flatSpec(t)
		c.change(&s)
		if _, err := newSetting(s, Env{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("the error is %v, want one with %q", err, c.want)
		}
	}
}

// target makes the targets of a table real numbers.
func target(t *testing.T, name string) {
	t.Helper()
	if err := os.WriteFile(name, []byte("a,b,c,d,target\n"+strings.Repeat("1,2,3,4,0.5\n0,1,0,1,1.5\n", 6)), 0o666); err != nil {
		t.Fatal(err)
	}
}
