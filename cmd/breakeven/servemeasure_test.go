package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"breakeven/internal/web"
	"breakeven/internal/weights"
	"breakeven/model"
	"breakeven/nn"
	"breakeven/run"
)

// What a configuration prepares measures at weights that are sent; those of another network are their sender's
// fault.
func TestMeasuresForOthers(t *testing.T) {
	t.Chdir(t.TempDir())
	text := "model: tiny\nlr: 0.25\nbatch: 16\nprobes: [loss, k, noise, h, critical]\nmeasure:\n  l: 4\n  m: 8\n  examples: 40\n"
	if err := os.WriteFile("tiny.yaml", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	list, err := new(app).measurements(context.Background(), []string{"tiny.yaml"})
	if err != nil || len(list) != 1 || list[0].Name != "tiny" || !strings.HasPrefix(list[0].About, "tiny on fashion-mnist-sample: loss, k,") {
		t.Fatalf("%+v (%v)", list, err)
	}
	net := model.Tiny(nn.Shape{C: 1, H: 28, W: 28}, 10)
	theta := net.InitialParams(nn.Glorot, 7)
	var tensors []run.Tensor
	for _, p := range net.Params() {
		tensors = append(tensors, run.Tensor{Name: "module." + p.Name, Shape: p.Shape, Data: theta[p.Offset : p.Offset+p.Size()]})
	}
	send := func(tensors []run.Tensor) (run.Record, []string, error) {
		var b bytes.Buffer
		if err := weights.Write(&b, tensors, nil); err != nil {
			t.Fatal(err)
		}
		return list[0].Measure(context.Background(), bytes.NewReader(b.Bytes()), int64(b.Len()), 30, 0)
	}
	r, notes, err := send(tensors)
	if err != nil || r.Step != 30 || len(notes) != 1 || !strings.Contains(notes[0], `begin with "module."`) {
		t.Fatalf("%+v, notes %q (%v)", r, notes, err)
	}
	for _, key := range []string{"loss", "k_max", "h_max", "critical_sharpness"} {
		if v, ok := r.Get(key); !ok || !(v.Value > 0) {
			t.Errorf("%s: %v", key, v.Value)
		}
	}
	var unfit web.Unfit
	if _, _, err := send(tensors[1:]); !errors.As(err, &unfit) || !strings.Contains(unfit.Why, "missing: conv1.weight") {
		t.Errorf("without a tensor: %v", err)
	}
}

// A network in ONNX is measured for others, too.
func TestMeasuresNetworkForOthers(t *testing.T) {
	dir := t.TempDir()
	writeNetwork(t, dir)
	t.Chdir(dir)
	text := "model: net.onnx\ndata: train.npz\nbatch: 16\nprobes: [loss, k, critical]\nmeasure:\n  l: 4\n  m: 8\n  examples: 32\n"
	if err := os.WriteFile("net.yaml", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var warnings bytes.Buffer
	list, err := (&app{stderr: &warnings}).measurements(context.Background(), []string{"net.yaml"})
	if err != nil || len(list) != 1 || list[0].Name != "net" || !strings.Contains(warnings.String(), "statistics of each batch") {
		t.Fatalf("%+v, warnings %q (%v)", list, &warnings, err)
	}
	sent, err := os.ReadFile("epoch-2.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	r, _, err := list[0].Measure(context.Background(), bytes.NewReader(sent), int64(len(sent)), 12, 0.05)
	if err != nil || r.Step != 12 {
		t.Fatalf("%+v (%v)", r, err)
	}
	for _, key := range []string{"loss", "k_max", "critical_sharpness"} {
		if v, ok := r.Get(key); !ok || !(v.Value > 0) {
			t.Errorf("%s: %v", key, v.Value)
		}
	}
	var unfit web.Unfit
	net, err := os.ReadFile("net.onnx")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := list[0].Measure(context.Background(), bytes.NewReader(net), int64(len(net)), 12, 0); !errors.As(err, &unfit) || !strings.Contains(unfit.Why, "a model in ONNX") {
		t.Errorf("sent a graph: %v", err)
	}
}
