package trial

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"breakeven/curvature"
	"breakeven/internal/weights"
	"breakeven/run"
)

// frozenConv is a small run whose first convolution is frozen.
func frozenConv() run.Spec {
	s := small("tiny", "momentum")
	s.Freeze = []string{"conv1"}
	return s
}

// dataOf returns the numbers of a tensor of a checkpoint.
func dataOf(t *testing.T, c run.Checkpoint, name string) []float32 {
	t.Helper()
	i := slices.IndexFunc(c.Weights, func(x run.Tensor) bool { return x.Name == name })
	if i < 0 {
		t.Fatalf("no tensor %s", name)
	}
	return c.Weights[i].Data
}

// What is frozen has the numbers that it would have otherwise and keeps them, and the others are trained. The gradient is that
// of the whole network without it.
func TestFreeze(t *testing.T) {
	s := frozenConv()
	got, _ := runAll(t, s)
	whole := s
	whole.Freeze = nil
	want, _ := runAll(t, whole)
	first, last := got.checkpoints[0], *got.last()
	for _, name := range []string{"conv1.weight", "conv1.bias", "conv2.weight", "fc.weight"} {
		if !slices.Equal(dataOf(t, first, name), dataOf(t, want.checkpoints[0], name)) {
			t.Errorf("%s is drawn otherwise", name)
		}
		if same, frozen := slices.Equal(dataOf(t, first, name), dataOf(t, last, name)), strings.HasPrefix(name, "conv1"); same != frozen {
			t.Errorf("%s stays: %v", name, same)
		}
	}

	tr := newSmall(t, whole)
	sub, err := tr.subject(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	p := sub.Problem
	if err := p.At(tr.initial()); err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, q := range tr.net.Params() {
		for _, g := range p.Gradient()[q.Offset : q.Offset+q.Size()] {
			if !strings.HasPrefix(q.Name, "conv1") {
				sum += float64(g) * float64(g)
			}
		}
	}
	record := got.records[0]
	if v, _ := record.Get("loss"); math.Abs(v.Value-p.Loss()) > 1e-6 {
		t.Errorf("the loss is %v, want %v", v.Value, p.Loss())
	}
	if v, _ := record.Get("grad_norm"); math.Abs(v.Value-math.Sqrt(sum)) > 1e-5*v.Value {
		t.Errorf("the norm of the gradient is %v, want %v", v.Value, math.Sqrt(sum))
	}
}

// Weights files have what is frozen, each its own.
func TestFrozenWeights(t *testing.T) {
	spec := frozenConv()
	spec.Method, spec.Momentum = "sgd", 0
	dir, original := series(t, spec, "w-0.safetensors", "w-2.safetensors", "w-4.safetensors")
	other := copied(original.checkpoints[1])
	for i := range dataOf(t, other, "conv1.weight") {
		dataOf(t, other, "conv1.weight")[i] *= 1.5
	}
	if err := weights.WriteFile(filepath.Join(dir, "w-3.safetensors"), other.Weights, map[string]string{"lr": "0.05"}); err != nil {
		t.Fatal(err)
	}
	got := new(tape)
	if _, err := openAlong(t, along(spec, map[string]string{"files_path": filepath.Join(dir, "w-*.safetensors")})).Run(context.Background(), nil, 0, got); err != nil {
		t.Fatal(err)
	}
	for _, step := range []int{0, 2, 4} {
		for _, key := range []string{"loss", "grad_norm", "h_max", "k_trace"} {
			g, _ := got.records[step].Get(key)
			if w, _ := original.records[step].Get(key); math.Abs(g.Value-w.Value) > 1e-3*w.Value { // the search begins elsewhere after step 3
				t.Errorf("%s of step %d is %v, want %v", key, step, g.Value, w.Value)
			}
		}
	}

	tr := newSmall(t, spec)
	theta := make([]float32, tr.net.Dim())
	_, may := tr.wanted(theta, tr.net.InitialState(), "")
	if len(may) > 0 {
		t.Errorf("a file may lack %v", may)
	}
	if err := tr.take(other.Weights); err != nil {
		t.Fatal(err)
	}
	sub, err := tr.subject(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if err := sub.Problem.At(tr.theta); err != nil {
		t.Fatal(err)
	}
	if g, _ := got.records[3].Get("loss"); g.Value != sub.Problem.Loss() {
		t.Errorf("the loss with other frozen numbers is %v, want %v", g.Value, sub.Problem.Loss())
	}
	if w, _ := original.records[2].Get("loss"); w.Value == sub.Problem.Loss() {
		t.Error("the frozen numbers of a file change nothing")
	}

	// With fixed statistics, as measure has them, the numbers are the same.
	fixed := curvature.New(tr.net.Fixed(tr.state), sub.Problem.Set(), tr.problem())
	if err := fixed.At(tr.theta); err != nil || fixed.Loss() != sub.Problem.Loss() {
		t.Errorf("with fixed statistics the loss is %v, want %v: %v", fixed.Loss(), sub.Problem.Loss(), err)
	}
}

// A weights file may lack what is frozen in a network that has it from its own file, and only then.
func TestFrozenInONNX(t *testing.T) {
	s := flatSpec(t)
	s.Freeze = []string{"0.*"}
	at, err := newSetting(s, Env{})
	if err != nil {
		t.Fatal(err)
	}
	for _, read := range []bool{true, false} {
		if !read { // as if its external data were not there
			at.net.SetInitialState(nil)
		}
		must, may := at.wanted(make([]float32, at.net.Dim()), at.net.InitialState(), "")
		names := func(all []run.Tensor) (list []string) {
			for _, x := range all {
				list = append(list, x.Name)
			}
			return list
		}
		want := map[bool]string{true: "[2.weight 2.bias] [0.weight 0.bias]", false: "[2.weight 2.bias 0.weight 0.bias] []"}[read]
		if got := fmt.Sprint(names(must), names(may)); got != want {
			t.Errorf("constants of the file %v: a file must and may have %s, want %s", read, got, want)
		}
	}
}
