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

	"github.com/parquet-go/parquet-go"
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

// Targets of three classes, each example of one class, or smoothed.
var (
	hot    = mat.NewDense(4, 3, []float64{0, 0, 1, 1, 0, 0, 0, 1, 0, 1, 0, 0})
	smooth = mat.NewDense(4, 3, []float64{0.1, 0.1, 0.8, 0.8, 0.1, 0.1, 0.1, 0.8, 0.1, 0.5, 0.25, 0.25})
)

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
		"one-hot":         {own(write(t, map[string]any{"x": rows, "y": hot}), "mlp", "cross-entropy", nil), nn.Vec(3), 3, 0, "accuracy"},
		"smoothed":        {own(write(t, map[string]any{"x": rows, "y": smooth, "x_test": rows, "y_test": hot}), "mlp", "cross-entropy", nil), nn.Vec(3), 3, 4, "accuracy"},
		"answers":         {own(write(t, map[string]any{"x": rows, "y": []int32{0, 1, 1, 0}}), "mlp", "binary-cross-entropy", nil), nn.Vec(3), 1, 0, "accuracy"},
		"truth values":    {own(write(t, map[string]any{"x": rows, "y": []bool{false, true, true, false}}), "mlp", "binary-cross-entropy", nil), nn.Vec(3), 1, 0, "accuracy"},
		"several answers": {own(write(t, map[string]any{"x": rows, "y": smooth}), "mlp", "binary-cross-entropy", nil), nn.Vec(3), 3, 0, "accuracy"},
		"two names":       {own(writeText(t, "t.csv", "a,class\n1,no\n2,yes\n3,no\n"), "mlp", "binary-cross-entropy", nil), nn.Vec(1), 1, 0, "accuracy"},
		"several columns": {own(writeText(t, "t.csv", "a,y1,b,y2\n1,0,3,1\n2,1,5,1\n"), "mlp", "binary-cross-entropy", map[string]string{"target": `"y*"`}), nn.Vec(2), 2, 0, "accuracy"},
		"real columns":    {own(writeText(t, "t.csv", "a,u,b,v\n1,0,3,1\n2,1,5,1\n"), "mlp", "mse", map[string]string{"target": `"v, u"`}), nn.Vec(2), 2, 0, "absolute_error"},
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

// Targets in Parquet are read as in CSV, of whatever type they are.
func TestParquetTargets(t *testing.T) {
	type row struct {
		A, B     float64
		Real     float64
		Answer   bool
		Whole    int32
		Probably float32
	}
	name := filepath.Join(t.TempDir(), "t.parquet")
	if err := parquet.WriteFile(name, []row{{1, 2, 0.5, true, 1, 0.25}, {3, 4, -7.5, false, 0, 1}, {5, 6, 2, true, 1, 0}}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		target, loss string
		want         nn.Target
	}{
		{`"Real"`, "mse", nn.Target{Vector: []float32{0.5, -7.5, 2}}},
		{`"Answer"`, "cross-entropy", nn.Target{Labels: []int32{1, 0, 1}}},
		{`"Answer"`, "binary-cross-entropy", nn.Target{Vector: []float32{1, 0, 1}}},
		{`"Whole"`, "cross-entropy", nn.Target{Labels: []int32{1, 0, 1}}},
		{`"Probably"`, "binary-cross-entropy", nn.Target{Vector: []float32{0.25, 1, 0}}},
		{`"Real,Probably"`, "mse", nn.Target{Vector: []float32{0.5, 0.25, -7.5, 1, 2, 0}}},
	} {
		tk, err := Open(own(name, "mlp", c.loss, map[string]string{"target": c.target}), "")
		if err != nil {
			t.Errorf("%s, %s: %v", c.target, c.loss, err)
			continue
		}
		b, err := tk.Train.Read([]int{0, 1, 2}, never)
		if got := b.Target[0]; err != nil || !slices.Equal(got.Labels, c.want.Labels) || !slices.Equal(got.Vector, c.want.Vector) {
			t.Errorf("%s, %s: %v, want %v", c.target, c.loss, got, c.want)
		}
		if in := b.In[0].F; len(in)%3 != 0 || !slices.Equal(in[:2], []float32{1, 2}) || len(in)/3 != 6-len(strings.Split(c.target, ",")) {
			t.Errorf("%s: inputs %v", c.target, in)
		}
	}
}

// One-hot targets are labels, also of classes that no example has; smoothed ones stay as they are, and so
// do those for the test then. Several columns of a table are a row for each example.
func TestTargets(t *testing.T) {
	for name, c := range map[string]struct {
		spec run.Spec
		want nn.Target
	}{
		"one-hot":    {own(write(t, map[string]any{"x": rows, "y": hot}), "mlp", "cross-entropy", nil), nn.Target{Labels: []int32{2, 0, 1, 0}}},
		"integers":   {own(writeText(t, "t.csv", "a,y0,y1,y2\n1,0,1,0\n2,0,1,0\n3,1,0,0\n4,0,1,0\n"), "mlp", "cross-entropy", map[string]string{"target": `"y?"`}), nn.Target{Labels: []int32{1, 1, 0, 1}}},
		"smoothed":   {own(write(t, map[string]any{"x": rows, "y": smooth}), "mlp", "cross-entropy", nil), nn.Target{Vector: []float32{0.1, 0.1, 0.8, 0.8, 0.1, 0.1, 0.1, 0.8, 0.1, 0.5, 0.25, 0.25}}},
		"columns":    {own(writeText(t, "t.csv", "v,a,u\n1,2,3\n4,5,6\n7,8,9\n10,11,12\n"), "mlp", "mse", map[string]string{"target": `"u,v"`}), nn.Target{Vector: []float32{3, 1, 6, 4, 9, 7, 12, 10}}},
		"two names":  {own(writeText(t, "t.csv", "a,y\n1,spam\n2,ham\n3,ham\n4,spam\n"), "mlp", "binary-cross-entropy", nil), nn.Target{Vector: []float32{1, 0, 0, 1}}},
		"whole rows": {own(write(t, map[string]any{"x": rows, "y": mat.NewDense(4, 2, []float64{1, 0, 0, 0, 1, 1, 0, 1})}), "mlp", "mse", nil), nn.Target{Vector: []float32{1, 0, 0, 0, 1, 1, 0, 1}}},
	} {
		tk, err := Open(c.spec, "")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		b, err := tk.Train.Read([]int{0, 1, 2, 3}, never)
		if got := b.Target[0]; err != nil || !slices.Equal(got.Labels, c.want.Labels) || !slices.Equal(got.Vector, c.want.Vector) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
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
		"no shares":       {own(write(t, map[string]any{"x": rows, "y": rows}), "mlp", "cross-entropy", nil), "example 0 has the target [1 2 3], which sums up to 6"},
		"two classes":     {own(write(t, map[string]any{"x": rows, "y": mat.NewDense(4, 2, []float64{0, 1, 1, 1, 0, 1, 0, 1})}), "mlp", "cross-entropy", nil), "binary-cross-entropy"},
		"not shares":      {own(write(t, map[string]any{"x": rows, "y": mat.NewDense(4, 2, []float64{0, 1, -1, 2, 0, 1, 0, 1})}), "mlp", "cross-entropy", nil), "example 1 has the target [-1 2]"},
		"soft tests":      {own(write(t, map[string]any{"x": rows, "y": hot, "x_test": rows, "y_test": smooth}), "mlp", "cross-entropy", nil), "of another kind"},
		"third answer":    {own(write(t, map[string]any{"x": rows, "y": []int32{0, 1, 2, 0}}), "mlp", "binary-cross-entropy", nil), "example 2 has the target 2; "},
		"third name":      {own(writeText(t, "t.csv", "a,y\n1,no\n2,yes\n3,maybe\n"), "mlp", "binary-cross-entropy", nil), "more than two classes"},
		"no such column":  {own(writeText(t, "t.csv", "a,y\n1,0\n2,1\n"), "mlp", "mse", map[string]string{"target": `"y,z*"`}), `no target "z*"; it has a, y`},
		"NaN":             {own(write(t, map[string]any{"x": []float64{1, math.NaN(), 2, 3}, "y": good}), "mlp", "cross-entropy", nil), "NaN"},
		"infinite":        {own(write(t, map[string]any{"x": []float64{1, 2, math.Inf(1), 3}, "y": good}), "mlp", "cross-entropy", nil), "example 2 has the input +Inf"},
		"larger label":    {own(write(t, map[string]any{"x": rows, "y": []int64{0, 1, 1 << 40, 0}}), "mlp", "cross-entropy", nil), "example 2 has the label 1099511627776; want 0 to 65535"},
		"large in a CSV":  {own(writeText(t, "t.csv", "a,y\n1,0\n2,99999999999999999999\n"), "mlp", "cross-entropy", nil), "example 1 has the label 99999999999999999999; want 0 to 65535"},
		"no rows":         {own(writeText(t, "t.csv", "a,b,y\n"), "mlp", "cross-entropy", nil), "t.csv: it has no examples: the inputs have the shape [0 2]"},
		"infinite target": {own(write(t, map[string]any{"x": rows, "y": []float64{1, 2, math.Inf(-1), 3}}), "mlp", "mse", nil), "example 2 has the target -Inf"},
		"token":           {own(write(t, map[string]any{"x": rows, "y": good}), "lstm", "cross-entropy", map[string]string{"vocabulary": "9"}), "token 9 at [2, 2]"},
		"tokens in a CSV": {own(writeText(t, "t.csv", "a,y\n1,0\n"), "lstm", "cross-entropy", nil), "npz"},
		"images":          {own(write(t, map[string]any{"x": rows, "y": good}), "simplecnn", "cross-entropy", nil), "at least 4×4"},
		"other test":      {own(write(t, map[string]any{"x": rows, "y": good, "x_test": []float64{1}, "y_test": []int32{0}}), "mlp", "cross-entropy", nil), "for the test have the shape"},
		"new class":       {own(write(t, map[string]any{"x": rows, "y": good, "x_test": rows, "y_test": []int32{0, 1, 2, 0}}), "mlp", "cross-entropy", nil), "label 2 stands among"},
		"numbers of rows": {own(writeText(t, "t.csv", ",a,y\n0,1,0\n1,2,1\n"), "mlp", "cross-entropy", nil), "leave them out"},
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
