package task

import (
	"archive/zip"
	"cmp"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"breakeven/nn"

	"gonum.org/v1/gonum/mat"
)

// Graphs of the package onnx that read 7 tokens.
const (
	languageModel, classifier = "../onnx/testdata/gpt-script.onnx", "../onnx/testdata/hfbert-script.onnx"
	packed, averaged          = "../onnx/testdata/gpt_packed-script-fixed.onnx", "../onnx/testdata/hfbert_mean-script.onnx"
)

// tokenRows are two examples of 7 tokens, or what belongs to each of them.
func tokenRows(x ...float64) *mat.Dense { return mat.NewDense(2, 7, x) }

var (
	someTokens = tokenRows(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14)
	someTypes  = tokenRows(0, 0, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1)
	someMask   = tokenRows(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0)
)

// The labels of a language model are its tokens, one step later, or an array with one for each step.
func TestNextToken(t *testing.T) {
	none := nn.Ignored
	want := []int32{2, 3, 4, 5, 6, 7, none, 9, 10, 11, 12, 13, 14, none}
	for name, c := range map[string]struct {
		loss   string
		arrays map[string]any
	}{
		"next-token": {nextToken, map[string]any{"tokens": someTokens, "tokens_test": someTokens}},
		"labels":     {"cross-entropy", map[string]any{"tokens": someTokens, "labels": tokenRows(2, 3, 4, 5, 6, 7, -100, 9, 10, 11, 12, 13, 14, -100)}},
	} {
		tk, err := Open(own(write(t, c.arrays), languageModel, c.loss, nil), "")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		b, err := tk.Train.Read([]int{0, 1}, never)
		if err != nil || !slices.Equal(b.Target[0].Labels, want) {
			t.Errorf("%s: labels %v, want %v; %v", name, b.Target[0].Labels, want, err)
		}
		if name == "next-token" && tk.Test.Len() != 2 {
			t.Errorf("%d examples for the test, want 2", tk.Test.Len())
		}
	}
}

// The mask of a graph becomes the lengths of its sequences; without it all steps count.
func TestGraphInputs(t *testing.T) {
	arrays := map[string]any{"input_ids": someTokens, "token_type_ids": someTypes, "labels": []int32{4, 0}}
	for _, masked := range []bool{false, true} {
		lengths := []int32(nil)
		if masked {
			arrays["attention_mask"], lengths = someMask, []int32{7, 3}
		}
		tk, err := Open(own(write(t, arrays), classifier, "cross-entropy", nil), "")
		if err != nil {
			t.Fatal(err)
		}
		b, err := tk.Train.Read([]int{0, 1}, never)
		if err != nil || len(b.In) != 2 || !slices.Equal(b.In[0].Steps, lengths) || !slices.Equal(b.In[1].Steps, lengths) || b.In[1].I[2] != 1 {
			t.Errorf("masked %v: the inputs are %+v; %v", masked, b.In, err)
		}
	}
	// An array that the graph does not read is said.
	delete(arrays, "attention_mask")
	for name, want := range map[string]string{"": "", "attention_mask": "", "places": "nothing reads places; the inputs of model " + classifier + " are input_ids"} {
		more := maps.Clone(arrays)
		if name != "" {
			more[name] = someMask
		}
		tk, err := Open(own(write(t, more), classifier, "cross-entropy", nil), "")
		if err != nil {
			t.Fatal(err)
		}
		if said := strings.Join(tk.Warnings, ""); !strings.Contains(said, want) || (want == "") != (said == "") {
			t.Errorf("with %q: the warnings are %q, want %q", name, said, want)
		}
	}
	x := nn.Values{I: []int32{1, 2, 3, 4, 5, 6}}
	for _, m := range []*mask{nil, {seen: []float32{1, 0, 1, 1, 0, 1}}, {pairs: true}} {
		want := []int32{2, nn.Ignored, 4, nn.Ignored, 6, nn.Ignored}
		if m != nil && !m.pairs {
			want[0] = nn.Ignored
		}
		if y := nextTokens(x, nn.Input{Shape: nn.Seq(2, 1)}, m); !slices.Equal(y.Labels, want) {
			t.Errorf("the labels are %v, want %v", y.Labels, want)
		}
	}
}

func TestBadGraphInputs(t *testing.T) {
	labels := []int32{1, 0}
	for name, c := range map[string]struct {
		model, loss string
		arrays      map[string]any
		say         string
	}{
		"one label each":   {languageModel, "cross-entropy", map[string]any{"tokens": someTokens, "y": labels}, "or for a language model the loss next-token"},
		"labels of steps":  {classifier, "cross-entropy", map[string]any{"tokens": someTokens, "token_type_ids": someTypes, "y": someTypes}, "has outputs for 1 steps of an example, and the labels are 7"},
		"real targets":     {languageModel, "mse", map[string]any{"tokens": someTokens, "y": []float64{0.5, 1}}, "real targets are not compared with"},
		"no types":         {classifier, "cross-entropy", map[string]any{"input_ids": someTokens, "y": labels}, "there is no array token_type_ids"},
		"short types":      {classifier, "cross-entropy", map[string]any{"input_ids": someTokens, "token_type_ids": labels, "y": labels}, "token_type_ids has the shape [2]"},
		"large types":      {classifier, "cross-entropy", map[string]any{"input_ids": someTokens, "token_type_ids": someTokens, "y": labels}, "token_type_ids has 2 at [0, 1], and the model reads 0 to 1"},
		"a mask of 2":      {classifier, "cross-entropy", map[string]any{"input_ids": someTokens, "token_type_ids": someTypes, "attention_mask": tokenRows(1, 1, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1, 1), "y": labels}, "attention_mask of example 1 is [1 2 1"},
		"padding only":     {classifier, "cross-entropy", map[string]any{"input_ids": someTokens, "token_type_ids": someTypes, "attention_mask": tokenRows(make([]float64, 14)...), "y": labels}, "want 1 for each step that counts"},
		"a mask of keys":   {packed, nextToken, map[string]any{"tokens": someTokens, "attention_mask": someMask}, "attention_mask has the shape [2 7], and [2 7 7] is wanted"},
		"unknown token":    {languageModel, nextToken, map[string]any{"tokens": tokenRows(append(make([]float64, 13), 20)...)}, "token 20 at [1, 6]"},
		"loss of numbers":  {"mlp", nextToken, map[string]any{"x": rows}, "mlp reads none"},
		"another loss":     {"lstm", nextToken, map[string]any{"tokens": someTokens}, "outputs for 1 steps"},
		"two labels a row": {languageModel, "cross-entropy", map[string]any{"tokens": someTokens, "y": mat.NewDense(2, 2, []float64{1, 0, 1, 0})}, "the labels are 1 for each"},
	} {
		if _, err := Open(own(write(t, c.arrays), c.model, c.loss, nil), ""); err == nil || !strings.Contains(err.Error(), c.say) {
			t.Errorf("%s: %v; want: %s", name, err, c.say)
		}
	}
	s := own("fashion-mnist-sample", "simplecnn", nextToken, nil)
	if _, err := Open(s, ""); err == nil || !strings.Contains(err.Error(), "networks in ONNX that read tokens") {
		t.Errorf("images with the loss next-token: %v", err)
	}
}

// A graph that reads sequences of numbers has them from an array of three dimensions.
func TestSequencesOfNumbers(t *testing.T) {
	masked := writeArrays(t, "x", []int{2, 7, 3}, ramp(42), "attention_mask", []int{2, 7}, []int32{1, 1, 1, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0}, "y", []int{2}, []int32{0, 4})
	padded, err := Open(own(masked, "../onnx/testdata/pool_numbers-script.onnx", "cross-entropy", nil), "")
	if err != nil {
		t.Fatal(err)
	}
	if b, err := padded.Train.Read([]int{0, 1}, never); err != nil || !slices.Equal(b.In[0].Steps, []int32{5, 2}) {
		t.Errorf("inputs with a mask: %+v; %v", b.In, err)
	}
	name := writeArrays(t, "x", []int{2, 6, 3}, ramp(36), "y", []int{2}, []int32{0, 4})
	tk, err := Open(own(name, "../onnx/testdata/lstm_last-script-fixed.onnx", "cross-entropy", nil), "")
	if err != nil {
		t.Fatal(err)
	}
	b, err := tk.Train.Read([]int{1}, never)
	if err != nil || tk.Net.Inputs()[0].Shape != nn.Seq(6, 3) || !slices.Equal(b.In[0].F, ramp(36)[18:]) {
		t.Errorf("inputs of %v: %+v; %v", tk.Net.Inputs()[0].Shape, b.In, err)
	}
}

// A graph that reads signals has them from an array of three dimensions, too, for training and for the test.
func TestSignals(t *testing.T) {
	name := writeArrays(t, "x", []int{3, 3, 12}, ramp(108), "y", []int{3}, []int32{0, 4, 1}, "x_test", []int{1, 3, 12}, ramp(36), "y_test", []int{1}, []int32{2})
	s := own(name, "../onnx/testdata/conv_gru-dynamo.onnx", "cross-entropy", map[string]string{"mean": "[10, 20, 30]", "std": "[1, 2, 4]"})
	tk, err := Open(s, "")
	if err != nil {
		t.Fatal(err)
	}
	b, err := tk.Train.Read([]int{1}, never)
	if err != nil || tk.Net.Inputs()[0].Shape != (nn.Shape{C: 3, H: 1, W: 12}) {
		t.Fatalf("inputs of %v: %v", tk.Net.Inputs()[0].Shape, err)
	}
	for i, x := range ramp(108)[36:72] {
		c := i / 12
		if want := (x - float32(10*(c+1))) / float32(int(1)<<c); b.In[0].F[i] != want {
			t.Errorf("number %d is %v, want %v", i, b.In[0].F[i], want)
		}
	}
	steps := make([]int32, 36)
	for i := range steps {
		steps[i] = int32(i % 5)
	}
	labelled := writeArrays(t, "x", []int{3, 2, 12}, ramp(72), "y", []int{3, 12}, steps)
	if tk, err = Open(own(labelled, "../onnx/testdata/step_labels-script.onnx", "cross-entropy", nil), ""); err != nil {
		t.Fatal(err)
	}
	if b, err := tk.Train.Read([]int{2, 0}, never); err != nil || !slices.Equal(b.Target[0].Labels, slices.Concat(steps[24:], steps[:12])) || tk.Net.Output() != nn.Seq(12, 5) {
		t.Errorf("labels of steps: %+v of outputs %v (%v)", b.Target, tk.Net.Output(), err)
	}
	if _, err := Open(own(labelled, "../onnx/testdata/step_labels-script.onnx", "mse", nil), ""); err == nil || !strings.Contains(err.Error(), "is an image of 5×1×12") {
		t.Errorf("labels of steps with mse: %v", err)
	}
	short := writeArrays(t, "x", []int{3, 36}, ramp(108), "y", []int{3}, []int32{0, 4, 1})
	if _, err := Open(own(short, s.Model, "cross-entropy", nil), ""); err == nil || !strings.Contains(err.Error(), `input "x" is a tensor of float32 of the shape [* 3 12], and the data have examples of 36`) {
		t.Errorf("vectors for a graph that reads signals: %v", err)
	}
}

// writeArrays writes an npz file of arrays, each with its name, its shape and its numbers.
func writeArrays(t *testing.T, arrays ...any) string {
	t.Helper()
	var file strings.Builder
	z := zip.NewWriter(&file)
	for a := range slices.Chunk(arrays, 3) {
		descr := "<f4"
		if _, whole := a[2].([]int32); whole {
			descr = "<i4"
		}
		shape := strings.ReplaceAll(strings.Trim(fmt.Sprint(a[1]), "[]"), " ", ", ")
		w, err := z.Create(a[0].(string) + ".npy")
		if err == nil {
			_, err = fmt.Fprintf(w, "\x93NUMPY\x01\x00%c\x00%-117s\n", 118, fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s,), }", descr, shape))
		}
		if err := cmp.Or(err, binary.Write(w, binary.LittleEndian, a[2])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return writeText(t, "own.npz", file.String())
}

// ramp are the numbers from 0.
func ramp(n int) (x []float32) {
	for i := range n {
		x = append(x, float32(i))
	}
	return x
}
