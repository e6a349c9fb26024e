package probe

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"breakeven/curvature"
	"breakeven/nn"
	"breakeven/run"
	"breakeven/spectrum"
	"breakeven/tensor"
)

// Each probe makes the keys that it lists and no others. Every value has its unit and
// says how it was made, and each network has every quantity that is defined for it.
func TestKeys(t *testing.T) {
	made := map[string]map[string]bool{}
	for _, c := range []struct{ norm, joint bool }{{false, false}, {true, false}, {false, true}} {
		norm, s := c.norm, network(c.norm)
		s.Valid = func() (Evaluation, error) { return Evaluation{Loss: 1, Metrics: []float64{0.5}, Examples: 10}, nil }
		s.Test = s.Valid
		s.Predict = func(most int) ([]float32, error) { return make([]float32, 3*s.Net.Output().Size()), nil }
		if c.joint {
			hide(s)
		}
		vs, err := Measure(context.Background(), s, All)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range vs {
			k, ok := LookupKey(v.Key)
			switch {
			case !ok:
				t.Errorf("%s is no record key", v.Key)
			case v.Unit != k.Unit:
				t.Errorf("%s is in %q, want %q", v.Key, v.Unit, k.Unit)
			case k.Vector != (v.Vector != nil):
				t.Errorf("%s: a vector: %v", v.Key, v.Vector)
			case v.How.Method == "" || v.How.Probe == "" || v.How.Seconds < 0:
				t.Errorf("%s does not say how it was made: %+v", v.Key, v.How)
			case v.How.Examples == 0 && v.Key != "bn_scale" && v.Key != "weight_change":
				t.Errorf("%s does not say of how many examples", v.Key)
			case (v.Error > 0) != (v.How.Error != ""):
				t.Errorf("%s: the error %g of the kind %q", v.Key, v.Error, v.How.Error)
			case math.IsNaN(v.Value) || math.IsInf(v.Value, 0) || !(v.Error >= 0) || math.IsInf(v.Error, 0):
				t.Errorf("%s is %g ± %g", v.Key, v.Value, v.Error)
			}
			if made[v.How.Probe] == nil {
				made[v.How.Probe] = map[string]bool{}
			}
			made[v.How.Probe][v.Key] = true
		}
		r := run.Record{Values: vs}.ByKey()
		for _, key := range []string{"k_example_max", "noise_scale", "alignment_example", "ntk_max"} {
			if _, ok := r[key]; ok == norm {
				t.Errorf("batch norm: %v, but %s: %v", norm, key, ok)
			}
		}
		if v, ok := r["bn_scale"]; ok != norm {
			t.Errorf("batch norm: %v, but bn_scale: %v", norm, ok)
		} else if g, _ := s.Net.LastNormScale(); norm && v.Value != tensor.Norm(s.Theta[g.Offset:g.Offset+2]) {
			t.Errorf("bn_scale is %g", v.Value)
		}
	}
	for _, p := range All {
		for _, key := range p.KeyNames() {
			if slices.Contains([]string{"noise_scale_unbiased", "critical_batch"}, key) { // the gradient is smaller than its noise
				continue
			}
			if !made[p.Name][key] && !strings.HasSuffix(key, "absolute_error") && !strings.HasSuffix(key, "step_error") && !strings.HasSuffix(key, "track_error") { // of real targets, and of flights
				t.Errorf("probe %s did not make %s", p.Name, key)
			}
			delete(made[p.Name], key)
		}
		for key := range made[p.Name] {
			t.Errorf("probe %s made %s, which it does not list", p.Name, key)
		}
	}
}

// hide hides a network in that of a subject: the same one, with parameters of its own.
func hide(s *Subject) {
	value, right := nn.CrossEntropy{}.Value, nn.Correct
	net, set := &nn.Network{}, s.Problem.Set()
	for _, prefix := range []string{"", "secret1."} {
		net.AddOutput(prefix+"output", net.Include(prefix, s.Net, func(nn.Param) string { return "" })[0])
	}
	set.In, set.Target = append(set.In, set.In[0]), append(set.Target, set.Target[0])
	*s = *subjectOf(net, s.Loss, set, append(slices.Clone(s.Theta), s.Theta...))
	s.Metrics = []string{"accuracy", "task_loss", "task_accuracy", "task_loss", "task_accuracy"}
	s.Problem = curvature.New(net, set, curvature.Settings{Chunk: set.Len(),
		Metrics: []curvature.Metric{{Of: right}, {Of: value}, {Of: right}, {Of: value, Output: 1}, {Of: right, Output: 1}}})
	s.Problem.At(s.Theta)
	s.Valid = func() (Evaluation, error) {
		return Evaluation{Loss: 3, Metrics: []float64{0.5, 1, 0.5, 2, 0.75}, Examples: 10}, nil
	}
	s.Test = nil
	s.Other = func(r int) (Evaluation, error) {
		return Evaluation{Loss: 9, Metrics: []float64{0.5, 1, 0.5, float64(r), 0.25}, Examples: 10}, nil
	}
}

// What a carrier is by itself is what its network is alone, whatever is hidden in it, and later probes
// find the joint loss where it was.
func TestCarrierByItself(t *testing.T) {
	for _, norm := range []bool{false, true} {
		s := network(norm)
		alone := measure(t, s, "k", "h")
		hide(s)
		joint := measure(t, s, "loss", "k", "h", "carrier", "trace")
		for _, key := range []string{"k_max", "k_trace", "h_max"} {
			v := expect(t, joint, "carrier_"+key, alone[key].Value, 1e-4)
			if own := alone[key]; math.Abs(v.Sample-own.Sample) > 1e-3*own.Sample || v.How.Error != own.How.Error {
				t.Errorf("carrier_%s ± %g of kind %q, of the network alone ± %g, %q", key, v.Sample, v.How.Error, own.Sample, own.How.Error)
			}
		}
		if other := joint["k_trace"].Value; other < 1.9*alone["k_trace"].Value {
			t.Errorf("Tr K of the joint loss is %g, of the carrier's %g", other, alone["k_trace"].Value)
		}
		if g := tensor.Norm(s.Problem.Gradient()); math.Abs(g-joint["grad_norm"].Value) > 1e-6*g {
			t.Errorf("afterwards the gradient has the norm %g, before %g", g, joint["grad_norm"].Value)
		}
	}
}

// Metrics of several outputs are a vector with their mean as its value, and other keys are tried
// on the secret networks alone.
func TestJointMetrics(t *testing.T) {
	s := network(false)
	hide(s)
	found := measure(t, s, "loss", "otherkeys")
	if v := found["valid_task_accuracy"]; !slices.Equal(v.Vector, []float64{0.5, 0.75}) || v.Value != 0.625 {
		t.Errorf("accuracies of both networks: %v, mean %v", v.Vector, v.Value)
	}
	if v := found["task_loss"]; len(v.Vector) != 2 || math.Abs(2*v.Value-found["loss"].Value) > 1e-6 {
		t.Errorf("losses of twice the same network: %v, mean %v, their sum is %v", v.Vector, v.Value, found["loss"].Value)
	}
	if v := found["other_key_loss"]; len(v.Vector) != otherKeys || v.Vector[3] != 3 || math.Abs(v.Value-(otherKeys-1)/2.) > 1e-12 {
		t.Errorf("losses with other keys: %v, mean %v", v.Vector, v.Value)
	}
	s.Other = nil
	if found := measure(t, s, "otherkeys"); len(found) > 0 {
		t.Errorf("without secret networks: %v", found)
	}
}

// Quantities are left out if the subject lacks what they are made of.
func TestLeftOut(t *testing.T) {
	s := network(false)
	s.Next, s.Kernel, s.Single = nil, curvature.Set{}, curvature.Set{}
	found := measure(t, s, "loss", "examples", "step", "ntk", "bn")
	for key := range found {
		if !slices.Contains([]string{"loss", "accuracy", "constant_loss", "grad_norm"}, key) {
			t.Errorf("%s was made of nothing", key)
		}
	}
}

// With one minibatch, or two or three gradients, values have no errors, and none is
// NaN.
func TestFewGradients(t *testing.T) {
	for _, l := range []int{2, 3} {
		s := network(true)
		s.Batches, s.Sharp = s.Batches[:l], s.Sharp[:1]
		found := measure(t, s, "k", "h", "stability", "sharpness")
		if v := found["k_max"]; v.Error != 0 || v.How.Error != "" || !strings.Contains(v.How.Note, "no error is known") {
			t.Errorf("L = %d: k_max ± %g, %q", l, v.Error, v.How.Note)
		}
		for key, v := range found {
			if math.IsNaN(v.Value) || math.IsNaN(v.Error) {
				t.Errorf("L = %d: %s is %g ± %g", l, key, v.Value, v.Error)
			}
		}
		if v := found["curvature_variance"]; v.How.L != l {
			t.Errorf("the variance of the curvature is that of %d minibatches, and K has %d", v.How.L, l)
		}
		if _, ok := found["batch_sharpness"]; !ok {
			t.Error("one minibatch has no sharpness")
		}
	}
}

// Gradients that are all zero have no ranks.
func TestDeadNetwork(t *testing.T) {
	s := network(false)
	clear(s.Single.Target[0].Labels)
	fc := s.Net.Params()[3]
	clear(s.Theta)
	s.Theta[fc.Offset] = 1000 // class 0 with certainty, whatever the input
	s.Problem.At(s.Theta)
	found := measure(t, s, "loss", "k", "examples")
	if v, ok := found["k_rank"]; ok {
		t.Errorf("k_rank of equal gradients is %g", v.Value)
	}
	if v, ok := found["k_max"]; !ok || v.Value != 0 {
		t.Errorf("k_max of equal gradients is %g", v.Value)
	}
}

func TestSelect(t *testing.T) {
	name := func(ps []Probe) (names []string) {
		for _, p := range ps {
			names = append(names, p.Name)
		}
		return names
	}
	for _, c := range []struct{ ask, want []string }{
		{[]string{"step", "loss", "k"}, []string{"loss", "k", "step"}},
		{[]string{"h5", "h"}, []string{"h5"}},
		{nil, nil},
	} {
		ps, err := Select(c.ask)
		if err != nil || !slices.Equal(name(ps), c.want) {
			t.Errorf("%v selects %v (%v), want %v", c.ask, name(ps), err, c.want)
		}
	}
	if _, err := Select([]string{"loss", "curl"}); err == nil || !strings.Contains(err.Error(), `unknown probe "curl"`) {
		t.Errorf("an unknown probe: %v", err)
	}
	if d := Defaults(); len(d) == 0 || len(d) >= len(All) || !slices.Contains(d, "loss") {
		t.Errorf("default probes: %v", d)
	}
	if !slices.Equal(Names(), name(All)) {
		t.Errorf("names: %v", Names())
	}
	for i, k := range All { // a key belongs to one probe, but for those of h and h5
		for _, other := range All[i+1:] {
			for _, key := range k.KeyNames() {
				if slices.Contains(other.KeyNames(), key) && k.Name != "h" {
					t.Errorf("%s and %s both make %s", k.Name, other.Name, key)
				}
			}
		}
	}
}

// An interrupted measurement returns an error; that of a diverged network ends after
// the loss.
func TestMeasureEnds(t *testing.T) {
	s := network(false)
	ctx, cancel := context.WithCancel(context.Background())
	var doing []string
	s.Doing = func(name string) {
		if doing = append(doing, name); name == "k" {
			cancel()
		}
	}
	vs, err := Measure(ctx, s, All)
	if !errors.Is(err, context.Canceled) || len(vs) != 4 || vs[0].Key != "loss" {
		t.Errorf("given up: %d values, %v", len(vs), err)
	}
	if !slices.Equal(doing, []string{"loss", "k"}) {
		t.Errorf("the probes were %v", doing)
	}
	s = network(false)
	s.Theta[len(s.Theta)-1] = float32(math.NaN())
	s.Problem.At(s.Theta)
	vs, err = Measure(context.Background(), s, All)
	if err != nil || len(vs) == 0 || vs[0].Key != "loss" || !math.IsNaN(vs[0].Value) {
		t.Errorf("diverged: %v, %v", vs, err)
	}
	for _, v := range vs {
		if v.How.Probe != "loss" {
			t.Errorf("diverged: probe %s has measured %s", v.How.Probe, v.Key)
		}
	}
}

// The same seed and step give the same bits, another step other samples; a warm start
// finds the same with fewer products.
func TestRepeated(t *testing.T) {
	all := func(s *Subject) map[string]run.Value { return measure(t, s, Names()...) }
	same := func(a, b run.Value) bool {
		return a.Value == b.Value && a.Error == b.Error && slices.Equal(a.Vector, b.Vector)
	}
	first, again := all(network(false)), all(network(false))
	for key, v := range first {
		if !same(v, again[key]) {
			t.Errorf("%s is %v, then %v", key, v.Value, again[key].Value)
		}
	}
	s := network(false)
	s.Step = 1
	if other := all(s); same(other["h_density"], first["h_density"]) {
		t.Error("another step draws the same vectors")
	}
	s.Forget()
	if s.eigen != nil || s.k != nil || s.k1 != nil || len(s.Warm) == 0 {
		t.Error("Forget does not forget, or forgets the warm start")
	}
	s.Step = 2
	warm := all(s)
	if w, c := warm["h_max"], first["h_max"]; w.How.Products >= c.How.Products || math.Abs(w.Value-c.Value) > w.Error+c.Error {
		t.Errorf("warm: %g in %d products, cold: %g in %d", w.Value, w.How.Products, c.Value, c.How.Products)
	}
}

// The error of a probe has its name and the step, and earlier values are returned.
func TestFailure(t *testing.T) {
	q := newQuadratic()
	of := q.Problem.Set()
	x := slices.Clone(of.In[0].F)
	set := nn.Labelled(x, of.Target[0].Labels)
	for i := range x {
		x[i] *= 1e25 // squares, which H is made of, are beyond float32
	}
	s := subjectOf(q.Net, q.Loss, set, make([]float32, len(q.Theta)))
	s.Step = 12
	probes, _ := Select([]string{"loss", "h"})
	vs, err := Measure(context.Background(), s, probes)
	if !errors.Is(err, spectrum.ErrNotFinite) || !strings.Contains(err.Error(), "probe h at step 12") || len(vs) == 0 {
		t.Errorf("%d values, %v", len(vs), err)
	}
}
