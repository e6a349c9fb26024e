package task

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"breakeven/nn"
	"breakeven/run"

	"github.com/sbinet/npyio/npz"
	"gonum.org/v1/gonum/mat"
)

// write writes arrays to an npz file: slices, and matrices.
func write(t *testing.T, arrays map[string]any) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "own.npz")
	w, err := npz.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	for key, a := range arrays {
		if err := w.Write(key+".npy", a); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return name
}

func writeText(t *testing.T, name, text string) string {
	t.Helper()
	name = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// own returns a spec for a file of the user's own data.
func own(file, model, loss string, more map[string]string) run.Spec {
	s := run.Default()
	s.Data, s.Model, s.Loss, s.More = file, model, loss, more
	return s
}

var rows = mat.NewDense(4, 3, []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})

func TestArrays(t *testing.T) {
	for name, c := range map[string]struct {
		spec    run.Spec
		input   nn.Shape
		outputs int
		tests   int
		metric  string
	}{
		"labels":          {own(write(t, map[string]any{"x": rows, "y": []int64{0, 2, 1, 2}}), "mlp", "cross-entropy", nil), nn.Vec(3), 3, 0, "accuracy"},
		"whole floats":    {own(write(t, map[string]any{"X": rows, "labels": []float32{0, 1, 1, 0}}), "mlp", "cross-entropy", nil), nn.Vec(3), 2, 0, "accuracy"},
		"test":            {own(write(t, map[string]any{"x_train": rows, "y_train": []int32{0, 1, 1, 0}, "x_test": rows, "y_test": []int32{0, 1, 1, 1}}), "mlp", "cross-entropy", nil), nn.Vec(3), 2, 4, "accuracy"},
		"test, one class": {own(write(t, map[string]any{"x": rows, "y": []int32{0, 1, 1, 0}, "x_test": rows, "y_test": []int32{0, 0, 0, 0}}), "mlp", "cross-entropy", nil), nn.Vec(3), 2, 4, "accuracy"},
		"named":           {own(write(t, map[string]any{"a": rows, "b": []int32{0, 1, 1, 0}}), "mlp", "mse", map[string]string{"input": "a", "target": "b"}), nn.Vec(3), 2, 0, "accuracy"},
		"real":            {own(write(t, map[string]any{"x": rows, "y": []float64{0.5, 1, -1, 0}}), "mlp", "mse", nil), nn.Vec(3), 1, 0, "absolute_error"},
		"real vectors":    {own(write(t, map[string]any{"x": []float64{1, 2, 3, 4}, "y": rows}), "mlp", "mse", nil), nn.Vec(1), 3, 0, "absolute_error"},
		"tokens":          {own(write(t, map[string]any{"tokens": rows, "y": []int32{0, 1, 1, 0}}), "lstm", "cross-entropy", map[string]string{"vocabulary": "13"}), nn.Seq(3, 1), 2, 0, "accuracy"},
		"csv":             {own(writeText(t, "t.csv", "a,class,b\n1,0,3\n2,1,5\n"), "mlp", "cross-entropy", nil), nn.Vec(2), 2, 0, "accuracy"},
		"class names":     {own(writeText(t, "t.tsv", "a\tkind\n1\tdog\n2\tcat\n3\tdog\n"), "mlp", "cross-entropy", map[string]string{"target": "kind"}), nn.Vec(1), 2, 0, "accuracy"},
		"csv, real":       {own(writeText(t, "t.csv", "a,y\n1,0\n2,1\n"), "mlp", "mse", nil), nn.Vec(1), 1, 0, "absolute_error"},
	} {
		tk, err := Open(c.spec, "")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if in := tk.Net.Inputs()[0].Shape; in != c.input || tk.Net.Output() != nn.Vec(c.outputs) || tk.Test.Len() != c.tests || tk.Metrics[0].Name != c.metric {
			t.Errorf("%s: input %v, output %v, %d examples for the test, metric %s", name, in, tk.Net.Output(), tk.Test.Len(), tk.Metrics[0].Name)
		}
		if len(tk.Digest) != 64 || tk.Each < 8 || tk.Bytes < tk.Each*int64(tk.Train.Len()) {
			t.Errorf("%s: digest %q, %d bytes each, %d in all", name, tk.Digest, tk.Each, tk.Bytes)
		}
		// The batch fits the network.
		b, err := tk.Train.Read([]int{1, 0}, never)
		if err != nil {
			t.Fatal(err)
		}
		p := tk.Net.Compile(nn.Settings{Batch: 2, Loss: tk.Loss})
		p.SetParams(tk.Net.InitialParams(nn.Glorot, 1))
		if e := p.Forward(b); math.IsNaN(e.Loss) || math.IsNaN(p.Metric(tk.Metrics[0].Of)) {
			t.Errorf("%s: loss %v", name, e.Loss)
		}
	}
}

// Names of classes are numbered in the order of the alphabet, and all columns but the
// target are inputs.
func TestTable(t *testing.T) {
	tk, err := Open(own(writeText(t, "t.csv", "a,kind,b\n1,dog,3\n2,cat,5\n"), "mlp", "cross-entropy", map[string]string{"target": "kind"}), "")
	if err != nil {
		t.Fatal(err)
	}
	b, _ := tk.Train.Read([]int{0, 1}, never)
	if !slices.Equal(b.Target[0].Labels, []int32{1, 0}) || !slices.Equal(b.In[0].F, []float32{1, 3, 2, 5}) {
		t.Errorf("%+v", b)
	}
}

// A fault of a file is one error, with its name and what to do.
func TestBadArrays(t *testing.T) {
	good := []int32{0, 1, 1, 0}
	for name, c := range map[string]struct {
		spec run.Spec
		say  string
	}{
		"no target":       {own(write(t, map[string]any{"x": rows}), "mlp", "cross-entropy", nil), "it has x"},
		"no such target":  {own(write(t, map[string]any{"x": rows, "y": good}), "mlp", "cross-entropy", map[string]string{"target": "z"}), `no target "z"`},
		"no input":        {own(write(t, map[string]any{"q": rows, "y": good}), "mlp", "cross-entropy", nil), "say which with the field input"},
		"lengths":         {own(write(t, map[string]any{"x": rows, "y": []int32{0, 1, 1}}), "mlp", "cross-entropy", nil), "want [4]"},
		"negative label":  {own(write(t, map[string]any{"x": rows, "y": []int32{0, 1, -1, 0}}), "mlp", "cross-entropy", nil), "example 2 has the label -1"},
		"huge label":      {own(write(t, map[string]any{"x": rows, "y": []int32{0, 1, 1 << 30, 0}}), "mlp", "cross-entropy", nil), "example 2 has the label"},
		"one class":       {own(write(t, map[string]any{"x": rows, "y": []int32{0, 0, 0, 0}}), "mlp", "cross-entropy", nil), "needs two classes"},
		"real labels":     {own(write(t, map[string]any{"x": rows, "y": []float64{0, 1, 0.5, 0}}), "mlp", "cross-entropy", nil), "whole number"},
		"NaN":             {own(write(t, map[string]any{"x": []float64{1, math.NaN(), 2, 3}, "y": good}), "mlp", "cross-entropy", nil), "NaN"},
		"infinite":        {own(write(t, map[string]any{"x": []float64{1, 2, math.Inf(1), 3}, "y": good}), "mlp", "cross-entropy", nil), "example 2 has the input +Inf"},
		"larger label":    {own(write(t, map[string]any{"x": rows, "y": []int64{0, 1, 1 << 40, 0}}), "mlp", "cross-entropy", nil), "example 2 has the label 1099511627776; want 0 to 65535"},
		"large in a CSV":  {own(writeText(t, "t.csv", "a,y\n1,0\n2,99999999999999999999\n"), "mlp", "cross-entropy", nil), "example 1 has the label 99999999999999999999; want 0 to 65535"},
		"no rows":         {own(writeText(t, "t.csv", "a,b,y\n"), "mlp", "cross-entropy", nil), "t.csv: it has no examples: the inputs have the shape [0 2]"},
		"infinite target": {own(write(t, map[string]any{"x": rows, "y": []float64{1, 2, math.Inf(-1), 3}}), "mlp", "mse", nil), "-Inf"},
		"token":           {own(write(t, map[string]any{"x": rows, "y": good}), "lstm", "cross-entropy", map[string]string{"vocabulary": "9"}), "token 9 at [2, 2]"},
		"tokens in a CSV": {own(writeText(t, "t.csv", "a,y\n1,0\n"), "lstm", "cross-entropy", nil), "npz"},
		"images":          {own(write(t, map[string]any{"x": rows, "y": good}), "simplecnn", "cross-entropy", nil), "at least 4×4"},
		"other test":      {own(write(t, map[string]any{"x": rows, "y": good, "x_test": []float64{1}, "y_test": []int32{0}}), "mlp", "cross-entropy", nil), "for the test have the shape"},
		"new class":       {own(write(t, map[string]any{"x": rows, "y": good, "x_test": rows, "y_test": []int32{0, 1, 2, 0}}), "mlp", "cross-entropy", nil), "label 2 stands among"},
		"missing file":    {own("no such.npz", "mlp", "cross-entropy", nil), "no such.npz"},
		"ending":          {own("a.txt", "mlp", "cross-entropy", nil), ".npz"},
		"more than it has": {func() run.Spec {
			s := own(write(t, map[string]any{"x": rows, "y": good}), "mlp", "cross-entropy", nil)
			s.Train = 5
			return s
		}(), "ask for fewer"},
	} {
		if _, err := Open(c.spec, t.TempDir()); err == nil || !strings.Contains(err.Error(), c.say) || strings.Contains(err.Error(), "\n") || strings.Count(err.Error(), c.spec.Data) > 1 {
			t.Errorf("%s: %v; want: %s", name, err, c.say)
		}
	}
}

// A file is also looked for below the folder of data sets, and a spec identifies it by
// its content.
func TestPlaceAndContent(t *testing.T) {
	file := writeText(t, "own.csv", "a,y\n1,0\n2,1\n")
	s := own("own.csv", "mlp", "cross-entropy", nil)
	tk, err := Open(s, filepath.Dir(file))
	if err != nil {
		t.Fatal(err)
	}
	s.DataSHA256 = tk.Digest
	if _, err := Open(s, filepath.Dir(file)); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(file, []byte("a,y\n1,0\n3,1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(s, filepath.Dir(file)); err == nil || !strings.Contains(err.Error(), "begun with") {
		t.Errorf("other content: %v", err)
	}
	moved := s
	moved.Data = file
	if moved.ID() != s.ID() {
		t.Error("the place of a file is part of the identity")
	}
	moved.DataSHA256 = strings.Repeat("0", 64)
	if moved.ID() == s.ID() {
		t.Error("the content of a file is no part of the identity")
	}
}
