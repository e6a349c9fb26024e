package trial

import (
	"context"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"breakeven/internal/weights"
	"breakeven/model"
	"breakeven/nn"
	"breakeven/run"
	"breakeven/task"
	"breakeven/trojan"
)

// writeCarrier writes a file with the first weights of the networks of a spec.
func writeCarrier(t *testing.T, s run.Spec) string {
	t.Helper()
	store, nets, err := task.HiddenNetworks(s)
	if err != nil {
		t.Fatal(err)
	}
	joint, err := trojan.Join(store, nets, trojan.Plain)
	if err != nil {
		t.Fatal(err)
	}
	net, name := joint.Net, filepath.Join(t.TempDir(), "carrier.safetensors")
	state := net.InitialState()
	for i := range state { // units differ in their statistics, too
		state[i] += float32(i%5) / 20
	}
	if err := weights.WriteFile(name, append(places(net.Params(), net.InitialParams(nn.Glorot, 3)), places(net.Buffers(), state)...), nil); err != nil {
		t.Fatal(err)
	}
	return name
}

// What the carrier does not read of its file is found: the outputs and the norms of what is hidden in
// it, and tensors that none of the networks reads, which are no fault.
func TestLeftoversOfAFile(t *testing.T) {
	s := run.Default()
	s.Model, s.More = "resnet32", map[string]string{"depth": "8", "data_classes": `"0-4"`, "secrets": `["fashion-mnist-sample:4-9"]`}
	name := writeCarrier(t, s)
	file, err := weights.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	file.Tensors = append(file.Tensors, run.Tensor{Name: "something", Shape: []int{2}, Data: []float32{1, 2}})
	if err := weights.WriteFile(name, file.Tensors, nil); err != nil {
		t.Fatal(err)
	}
	c, err := ReadCarrier(s, name)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Notes) != 1 || !strings.Contains(c.Notes[0], "none of the networks reads 1 of its tensors, such as something") {
		t.Errorf("notes %q", c.Notes)
	}
	var kinds []string
	for _, l := range c.Leftovers() {
		kinds = append(kinds, l.Kind+" "+l.Name)
	}
	if want := []string{"outputs fc.weight", "outputs fc.bias", "norm set secret1.", "not read something"}; !slices.Equal(kinds, want) {
		t.Errorf("leftovers %q, want %q", kinds, want)
	}
}

// The order of hidden units is nothing to what a network computes, whichever of those for images it is.
func TestOrderOfUnitsOfAllModels(t *testing.T) {
	for _, m := range []struct {
		name string
		more map[string]string
	}{
		{"simplecnn", map[string]string{"filters": "4", "padding": "valid"}}, {"resnet32-proj", map[string]string{"depth": "14"}},
		{"densenet121", map[string]string{"growth": "4", "dense_layers": "[2, 3]"}}, {"wide", map[string]string{"network": `"conv 3x3 same 6; relu; avgpool 2x2; flatten; dense 9; relu; dense"`}},
		{"tiny", nil}, {"mlp", map[string]string{"hidden": "[7, 6, 5]"}},
	} {
		net, err := model.Of(run.Spec{Model: m.name, More: m.more}, nn.Input{Shape: nn.Shape{C: 1, H: 32, W: 32}}, 4)
		if err != nil {
			t.Fatal(m.name, err)
		}
		theta, state := net.InitialParams(nn.Glorot, 1), net.InitialState()
		for i := range state {
			state[i] += float32(i%5) / 20
		}
		images := nn.Batch{N: 2, In: []nn.Values{{F: make([]float32, 2*32*32)}}}
		for i := range images.In[0].F {
			images.In[0].F[i] = float32(math.Sin(float64(i * i)))
		}
		outputs := func() []float32 {
			plan := net.Compile(nn.Settings{Batch: 2, Inference: true, Evaluate: true})
			copy(plan.State(), state)
			plan.SetParams(theta)
			plan.Forward(images)
			return slices.Clone(plan.Outputs())
		}
		before, first := outputs(), slices.Clone(theta)
		if err := orderUnits(net.Params(), append(places(net.Params(), theta), places(net.Buffers(), state)...), false); err != nil {
			t.Fatal(err)
		}
		if slices.Equal(first, theta) {
			t.Errorf("%s: no weight has moved", m.name)
		}
		for i, y := range outputs() {
			if math.Abs(float64(y-before[i])) > 1e-4*(1+math.Abs(float64(before[i]))) {
				t.Errorf("%s: output %d is %v, before %v", m.name, i, y, before[i])
			}
		}
	}
}

// The order of hidden units is nothing to a carrier, whatever its network, and all to who reads its
// weights in an order of his own.
func TestOrderOfUnits(t *testing.T) {
	ctx := context.Background()
	key, err := trojan.Bytes([]byte("k"))
	if err != nil {
		t.Fatal(err)
	}
	for model, more := range map[string]map[string]string{
		"mlp": {"hidden": "[20, 10]"}, "simplecnn-bn": {"filters": "4"}, "resnet32": {"depth": "8"}, "resnet32-proj": {"depth": "8", "norm_layer": "group"},
	} {
		s := run.Default()
		s.Model, s.Preprocess, s.More = model, "unit", more
		s.More["data_classes"], s.More["secrets"] = `"0-4"`, `["fashion-mnist-sample:5-9"]`
		c, err := ReadCarrier(s, writeCarrier(t, s))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Open(ctx, s, ""); err != nil {
			t.Fatal(err)
		}
		changed, err := Counters[1].Apply(ctx, c, s)
		if err != nil {
			t.Fatal(err)
		}
		for k, same := range []bool{true, false} {
			before, err := c.Evaluate(ctx, k, key)
			if err != nil {
				t.Fatal(err)
			}
			after, err := changed.Evaluate(ctx, k, key)
			if err != nil {
				t.Fatal(err)
			}
			if near := math.Abs(after.Loss-before.Loss) < 1e-6*before.Loss; near != same {
				t.Errorf("%s, network %d: loss %v becomes %v", model, k, before.Loss, after.Loss)
			}
		}
	}
}

// Rounding and pruning do what they say to each tensor, and leave the first file as it is.
func TestCounters(t *testing.T) {
	s := run.Default()
	s.Model, s.More = "mlp", map[string]string{"hidden": "[20, 10]", "data_classes": `"0-4"`, "secrets": `["fashion-mnist-sample:5-9"]`}
	c, err := ReadCarrier(s, writeCarrier(t, s))
	if err != nil {
		t.Fatal(err)
	}
	first := slices.Clone(c.theta)
	for _, counter := range Counters {
		if counter.Name == "fine-tune" { // it needs the data
			continue
		}
		changed, err := counter.Apply(context.Background(), c, s)
		if err != nil {
			t.Fatal(err)
		}
		w := changed.Layers()[0].Data
		zeros, values := 0, map[float32]bool{}
		for _, v := range w {
			if v == 0 {
				zeros++
			}
			values[v] = true
		}
		switch {
		case strings.HasPrefix(counter.Name, "quantise 4") && len(values) > 15, strings.HasPrefix(counter.Name, "quantise 8") && len(values) > 255:
			t.Errorf("%s leaves %d values", counter.Name, len(values))
		case counter.Name == "prune 70 %" && zeros != len(w)*7/10:
			t.Errorf("%s leaves %d of %d weights", counter.Name, len(w)-zeros, len(w))
		}
	}
	if !slices.Equal(first, c.theta) {
		t.Error("the weights of the file have changed")
	}
}

// A file of other networks, and one that lacks the norm of a secret network, is refused.
func TestOtherCarriers(t *testing.T) {
	s := run.Default()
	s.Model, s.More = "simplecnn-bn", map[string]string{"filters": "4", "data_classes": `"0-4"`}
	alone := writeCarrier(t, s)
	s.More["secrets"] = `["fashion-mnist-sample:5-9"]`
	if _, err := ReadCarrier(s, alone); err == nil || !strings.Contains(err.Error(), "has no batch norm of secret network 1, whose names begin with secret1.") {
		t.Errorf("a file without a norm for the secret network: %v", err)
	}
	s.Model, s.More = "mlp", map[string]string{"secrets": `["fashion-mnist-sample:5-9"]`}
	if _, err := ReadCarrier(s, alone); err == nil || !strings.Contains(err.Error(), "must hold the networks") {
		t.Errorf("a file of another network: %v", err)
	}
}
