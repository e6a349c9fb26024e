package trial

import (
	"context"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"breakeven/internal/testenv"
	"breakeven/internal/weights"
	"breakeven/nn"
	"breakeven/probe"
	"breakeven/run"
	"breakeven/tensor"
)

// normSpec is a network with batch norm that a few steps have trained, with its weights.
func normSpec(t *testing.T) (run.Spec, []run.Tensor) {
	t.Helper()
	s := small("simplecnn-bn", "sgd")
	s.More = map[string]string{"filters": "4"}
	s.Probes = []string{"loss"}
	p, _ := runAll(t, s)
	s.Probes = nil
	return s, p.last().Weights
}

// With running statistics a network with batch norm has all quantities of one without,
// and their values are those that plans for inference give, one example at a time.
func TestMeasureRunning(t *testing.T) {
	testenv.Slow(t)
	s, tensors := normSpec(t)
	at := At{Split: "train", From: 0, To: 24, L: 4, NTK: 2, Norm: "running", Tensors: tensors}
	r, err := Measure(context.Background(), s, "", at, nil)
	if err != nil {
		t.Fatal(err)
	}
	made := r.ByKey()
	for _, key := range []string{"k_example_max", "noise_scale", "alignment_example", "ntk_max", "h_max", "bn_scale", "step_margin"} {
		if _, ok := made[key]; !ok {
			t.Errorf("there is no %s", key)
		}
	}
	for _, v := range r.Values {
		if !strings.HasSuffix(v.How.Note, "batch norm with its running statistics") {
			t.Errorf("%s says %q", v.Key, v.How.Note)
		}
	}

	tr := newSmall(t, s)
	if err := tr.take(tensors); err != nil {
		t.Fatal(err)
	}
	set := readAll(t, tr.task.Train).Slice(0, 24)
	plan := tr.net.Compile(nn.Settings{Batch: 1, Loss: tr.task.Loss, Inference: true})
	copy(plan.State(), tr.state)
	plan.SetParams(tr.theta)
	loss, g, squares, mean := 0.0, make([]float32, tr.net.Dim()), 0.0, make([]float64, tr.net.Dim())
	for i := range 24 {
		loss += plan.Forward(set.Slice(i, i+1)).Loss / 24
		plan.Gradient(g, 1, false)
		squares += tensor.Dot(g, g) / 24
		for j, x := range g {
			mean[j] += float64(x) / 24
		}
	}
	norm := 0.0
	for _, x := range mean {
		norm += x * x
	}
	for key, want := range map[string]float64{"loss": loss, "grad_norm": math.Sqrt(norm), "k_example_trace": squares - norm, "noise_scale": (squares - norm) / norm} {
		if v := made[key].Value; math.Abs(v-want) > 1e-5*want {
			t.Errorf("%s is %.9g, want %.9g", key, v, want)
		}
	}

	at.Norm = "batch"
	if r, err = Measure(context.Background(), s, "", at, nil); err != nil || math.Abs(r.ByKey()["loss"].Value-loss) < 1e-3*loss {
		t.Errorf("with statistics of the batch the loss is %v, with running ones %v: %v", r.ByKey()["loss"].Value, loss, err)
	}
}

// Running statistics that do not exist are an error.
func TestMeasureRunningOfWhat(t *testing.T) {
	s, tensors := normSpec(t)
	s.Probes = []string{"loss"}
	whole, bare := filepath.Join(t.TempDir(), "whole.safetensors"), filepath.Join(t.TempDir(), "bare.safetensors")
	var params []run.Tensor
	for _, x := range tensors {
		if !strings.Contains(x.Name, "running_") {
			params = append(params, x)
		}
	}
	if weights.WriteFile(whole, tensors, nil) != nil || weights.WriteFile(bare, params, nil) != nil {
		t.Fatal("cannot write weights")
	}
	at := At{Split: "train", From: 0, To: 24, L: 4, Norm: "running"}
	var said []string
	at.Warn = func(text string) { said = append(said, text) }
	for _, c := range []struct {
		model, file, say string
	}{
		{"simplecnn-bn", whole, ""},
		{"simplecnn-bn", bare, "the running statistics are not in the weights"},
		{"simplecnn-bn", "", "initial weights have no running statistics"},
		{"tiny", "", "tiny has no batch norm"},
	} {
		spec := s
		if spec.Model = c.model; c.model == "tiny" {
			spec.More = nil
		}
		at.Weights = c.file
		if _, err := Measure(context.Background(), spec, "", at, nil); (err == nil) != (c.say == "") || err != nil && !strings.Contains(err.Error(), c.say) {
			t.Errorf("%s of %q: %v, want %q", c.model, filepath.Base(c.file), err, c.say)
		}
	}
	if len(said) > 0 {
		t.Errorf("warned of statistics of a trained network: %q", said)
	}
	tr := newSmall(t, s)
	fresh := append(places(tr.net.Params(), tr.draw(1)), places(tr.net.Buffers(), tr.net.InitialState())...)
	at.Weights, at.Tensors = "", fresh
	if _, err := Measure(context.Background(), s, "", at, nil); err != nil || len(said) != 1 || !strings.Contains(said[0], "those of a new network") {
		t.Errorf("statistics of a new network: %q, %v", said, err)
	}
	at.Norm = "mean"
	if _, err := Measure(context.Background(), s, "", at, nil); err == nil || !strings.Contains(err.Error(), `"mean"`) {
		t.Errorf("other statistics: %v", err)
	}
}

// Measure warns of a named probe that measures nothing in the network, and of none if all
// probes are measured.
func TestMeasureLacking(t *testing.T) {
	s, tensors := normSpec(t)
	for _, c := range []struct {
		norm   string
		probes []string
		say    string
	}{
		{"batch", []string{"loss", "examples"}, "probe examples measures nothing in simplecnn-bn"},
		{"running", []string{"loss", "examples"}, ""},
		{"batch", probe.Everything(), ""},
		{"batch", nil, ""},
	} {
		var said []string
		spec := s
		spec.Probes = c.probes
		at := At{Split: "train", From: 0, To: 24, L: 4, Norm: c.norm, Tensors: tensors, Warn: func(text string) { said = append(said, text) }}
		if _, err := newMeasurement(spec, "", at); err != nil {
			t.Fatal(err)
		}
		if all := strings.Join(said, "\n"); (c.say == "") != (all == "") || !strings.HasPrefix(all, c.say) {
			t.Errorf("%s, %v: warnings %q, want %q", c.norm, c.probes, all, c.say)
		}
	}
}
