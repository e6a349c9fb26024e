package trial

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"breakeven/internal/weights"
	"breakeven/nn"
	"breakeven/probe"
	"breakeven/run"
)

// A fault of a spec is reported before anything starts, in one line.
func TestBadSettings(t *testing.T) {
	file := filepath.Join(t.TempDir(), "w.safetensors")
	if err := weights.WriteFile(file, []run.Tensor{{Name: "fc.bias", Shape: []int{3}, Data: make([]float32, 3)}}, nil); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		spoil func(s *run.Spec)
		say   []string
	}{
		{func(s *run.Spec) { s.Data = "mnist" }, []string{`"mnist"`, "fashion-mnist"}},
		{func(s *run.Spec) { s.Train, s.Valid = 5999, 2 }, []string{"5999", "2", "6000"}},
		{func(s *run.Spec) { s.Preprocess = "raw" }, []string{`"raw"`, "unit, channel and paper"}},
		{func(s *run.Spec) { s.Model = "vgg" }, []string{`"vgg"`, "simplecnn"}},
		{func(s *run.Spec) { s.Init = "zeros" }, []string{`"zeros"`, "glorot"}},
		{func(s *run.Spec) { s.Loss = "hinge" }, []string{`"hinge"`, "cross-entropy, mse"}},
		{func(s *run.Spec) { s.Method = "newton" }, []string{`"newton"`, "sgd"}},
		{func(s *run.Spec) { s.Probes = []string{"curl"} }, []string{`"curl"`, "loss, k"}},
		{func(s *run.Spec) { s.Batch = 49 }, []string{"batch", "49", "48", "smaller"}},
		{func(s *run.Spec) { s.Measure.L = 13 }, []string{"measure", "13·4", "48", "smaller"}},
		{func(s *run.Spec) { s.Measure.L = 1 << 62 }, []string{"measure", "4611686018427387904·4", "48", "smaller"}},
		{func(s *run.Spec) { s.Measure.Augment = true }, []string{"measure.augment", "cannot be augmented"}},
		{func(s *run.Spec) { s.Weights = file }, []string{file, "fc.bias", "[3]", "[10]"}},
		{func(s *run.Spec) { s.Weights = file + ".pt" }, []string{file + ".pt", "no such file"}},
		{func(s *run.Spec) { s.Weights = broken(t) }, []string{"fc.bias", "number 3 is NaN"}},
	} {
		s := small("tiny", "sgd")
		c.spoil(&s)
		_, err := newDescent(s, Env{})
		if err == nil {
			t.Errorf("no error that says %q", c.say)
			continue
		}
		for _, word := range c.say {
			if !strings.Contains(err.Error(), word) {
				t.Errorf("the error does not say %s: %v", word, err)
			}
		}
	}
}

// broken writes weights of tiny with one NaN among them.
func broken(t *testing.T) string {
	tr, file := newSmall(t, small("tiny", "sgd")), filepath.Join(t.TempDir(), "nan.safetensors")
	tensors := places(tr.net.Params(), tr.initial())
	tensors[len(tensors)-1].Data[3] = float32(math.NaN())
	if err := weights.WriteFile(file, tensors, nil); err != nil {
		t.Fatal(err)
	}
	return file
}

// Augmented examples of K are those that it has without augmentation, but moved; the measurement set stays.
func TestAugmentedNoise(t *testing.T) {
	s := small("tiny", "sgd")
	s.Augment = true
	var x, set [][]float32
	var labels [][]int32
	for range 2 {
		sub, err := newSmall(t, s).subject(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		k := sub.Batches[1]
		x, labels, set = append(x, k.In[0].F), append(labels, k.Target[0].Labels), append(set, sub.Problem.Set().In[0].F)
		s.Measure.Augment = true
	}
	if slices.Equal(x[0], x[1]) || !slices.Equal(labels[0], labels[1]) || !slices.Equal(set[0], set[1]) {
		t.Errorf("inputs of K are the same: %v; labels: %v; measurement set: %v", slices.Equal(x[0], x[1]), slices.Equal(labels[0], labels[1]), slices.Equal(set[0], set[1]))
	}
}

// A measurement set larger than the training split is cut to the split.
func TestSmallTrainingSplit(t *testing.T) {
	s := small("tiny", "sgd")
	s.Probes, s.Measure.Examples, s.Measure.PerExample, s.Steps = []string{"loss", "examples"}, 2250, 256, 1
	got, _ := runAll(t, s)
	for _, v := range got.records[0].Values {
		if v.Key != "valid_loss" && v.Key != "valid_accuracy" && v.How.Examples != 48 {
			t.Errorf("%s of %d examples, want all 48", v.Key, v.How.Examples)
		}
	}
}

// A trial begins at the weights of a file, including running statistics, and lists the
// default probes if none are named.
func TestStartFromWeights(t *testing.T) {
	s := small("tiny", "sgd")
	s.Probes = nil
	if got := newSmall(t, s).spec.Probes; !slices.Equal(got, probe.Defaults()) {
		t.Errorf("probes %v", got)
	}
	s.Model, s.Steps, s.Probes = "simplecnn-bn", 1, []string{"loss"}
	first, _ := runAll(t, s)
	file := filepath.Join(t.TempDir(), "w.safetensors")
	if err := weights.WriteFile(file, first.last().Weights, nil); err != nil {
		t.Fatal(err)
	}
	s.Weights = file
	tr := newSmall(t, s)
	for _, w := range first.last().Weights {
		at := slices.IndexFunc(tr.net.Params(), func(p nn.Param) bool { return p.Name == w.Name })
		if at >= 0 {
			p := tr.net.Params()[at]
			if !slices.Equal(tr.theta[p.Offset:p.Offset+p.Size()], w.Data) {
				t.Errorf("%s is not the file's", w.Name)
			}
			continue
		}
		at = slices.IndexFunc(tr.net.Buffers(), func(p nn.Param) bool { return p.Name == w.Name })
		if p := tr.net.Buffers()[at]; !slices.Equal(tr.state[p.Offset:p.Offset+p.Size()], w.Data) {
			t.Errorf("%s is not the file's", w.Name)
		}
	}
	n := tr.task.Valid.Len()
	plan := tr.net.Compile(nn.Settings{Batch: n, Inference: true})
	copy(plan.State(), tr.state)
	plan.SetParams(tr.theta)
	want := plan.Forward(readAll(t, tr.task.Valid)).Loss / float64(n)
	again, _ := runAll(t, s)
	was, _ := first.records[1].Get("valid_loss")
	is, _ := again.records[0].Get("valid_loss")
	if was.Value != want || is.Value != want {
		t.Errorf("the loss with running statistics was %v, and is %v at the same weights, want %v", was.Value, is.Value, want)
	}
}

// A file in another precision is read with a warning.
func TestWeightsInOtherPrecision(t *testing.T) {
	var header, comma string
	var data []byte
	for _, p := range newSmall(t, small("tiny", "sgd")).net.Params() {
		shape := strings.ReplaceAll(fmt.Sprint(p.Shape), " ", ",")
		header += fmt.Sprintf(`%s"%s":{"dtype":"BF16","shape":%s,"data_offsets":[%d,%d]}`, comma, p.Name, shape, len(data), len(data)+2*p.Size())
		data, comma = append(data, make([]byte, 2*p.Size())...), ","
	}
	content := binary.LittleEndian.AppendUint64(nil, uint64(len(header)+2))
	content = append(append(content, "{"+header+"}"...), data...)
	file := filepath.Join(t.TempDir(), "w.safetensors")
	if err := os.WriteFile(file, content, 0o666); err != nil {
		t.Fatal(err)
	}
	s := small("tiny", "sgd")
	s.Weights, s.Probes = file, nil
	tr := newSmall(t, s)
	if len(tr.warnings) != 1 || !strings.HasPrefix(tr.warnings[0], file+": ") || !strings.Contains(tr.warnings[0], "BF16") {
		t.Errorf("warnings %q", tr.warnings)
	}
	s.Probes = []string{"loss"}
	var said []string
	at := At{Weights: file, Split: "train", To: 24, L: 3, Warn: func(w string) { said = append(said, w) }}
	if _, err := Measure(context.Background(), s, "", at, nil); err != nil || !slices.Equal(said, tr.warnings) {
		t.Errorf("Measure warns %q, error %v", said, err)
	}
}

// A requested probe with nothing to measure gives a warning.
func TestLacking(t *testing.T) {
	for _, c := range []struct {
		model  string
		probes []string
		say    string
	}{
		{"tiny", []string{"loss", "bn"}, "probe bn measures nothing in tiny: there is no batch norm"},
		{"simplecnn-bn", []string{"loss", "bn", "examples"}, "probe examples measures nothing in simplecnn-bn: batch norm couples"},
		{"tiny", []string{"loss", "examples"}, ""},
		{"tiny", nil, ""},
	} {
		s := small(c.model, "sgd")
		s.Probes = c.probes
		if got := strings.Join(newSmall(t, s).warnings, "; "); (got == "") != (c.say == "") || !strings.HasPrefix(got, c.say) {
			t.Errorf("%s with %v: warnings %q, want %q", c.model, c.probes, got, c.say)
		}
	}
}

// A single measurement uses the given examples and weights.
func TestMeasure(t *testing.T) {
	s := small("tiny", "sgd")
	s.Probes = nil
	at := At{Split: "train", From: 3, To: 27, L: 4, NTK: 2}
	var parts []float64
	r, err := Measure(context.Background(), s, "", at, func(p Progress) { parts = append(parts, p.Part) })
	if err != nil {
		t.Fatal(err)
	}
	made := r.ByKey()
	for _, p := range probe.All {
		for _, key := range p.KeyNames() {
			absent := p.Asked || p.Name == "drift" || key == "bn_scale" || key == "absolute_error" || key == "step_error" || strings.HasPrefix(key, "valid_") || strings.HasPrefix(key, "test_") ||
				strings.HasPrefix(key, "task_") || strings.HasPrefix(key, "other_key_") || strings.HasPrefix(key, "carrier_") ||
				key == "noise_scale_unbiased" || key == "critical_batch" || // the gradient is smaller than its noise
				key == "predictions" // of validation data
			if _, ok := made[key]; ok == absent {
				t.Errorf("%s is made: %v", key, ok)
			}
		}
	}
	if len(parts) < 10 || parts[0] != 0 || !slices.IsSorted(parts) || parts[len(parts)-1] > 1 {
		t.Errorf("progress %v", parts)
	}
	if v := made["k_max"]; v.How.L != 4 || v.How.M != 6 {
		t.Errorf("K of %d gradients of %d", v.How.L, v.How.M)
	}

	again, err := Measure(context.Background(), s, "", at, nil)
	if err != nil || bits(again) != bits(r) {
		t.Errorf("measured again: %v, other bits: %v", err, bits(again) != bits(r))
	}
	at.NTK = 0
	s.Probes = []string{"loss", "ntk"}
	if r, err = Measure(context.Background(), s, "", at, nil); err != nil || len(r.Values) != 4 {
		t.Errorf("%d values without kernel, %v", len(r.Values), err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err = Measure(ctx, s, "", at, nil); err != context.Canceled {
		t.Errorf("given up: %v", err)
	}
}

func TestMeasureBadSettings(t *testing.T) {
	good := At{Split: "valid", From: 0, To: 16, L: 4}
	for _, c := range []struct {
		spoil func(s *run.Spec, at *At)
		say   string
	}{
		{func(_ *run.Spec, at *At) { at.Split = "holdout" }, `unknown split "holdout"`},
		{func(_ *run.Spec, at *At) { at.To = 17 }, "the valid split of fashion-mnist-sample has examples 0:16"},
		{func(_ *run.Spec, at *At) { at.From = -1 }, "examples -1:16"},
		{func(_ *run.Spec, at *At) { at.From = 16 }, "examples 16:16"},
		{func(_ *run.Spec, at *At) { at.L = 1 }, "minibatches: 1 parts of 16 examples"},
		{func(_ *run.Spec, at *At) { at.L = 17 }, "minibatches: 17 parts of 16 examples"},
		{func(s *run.Spec, _ *At) { s.Batch = 17 }, "use a smaller batch"},
		{func(s *run.Spec, _ *At) { s.Probes = []string{"curl"} }, `unknown probe "curl"`},
		{func(_ *run.Spec, at *At) { at.Weights = filepath.Join(os.TempDir(), "no such.safetensors") }, "no such"},
	} {
		s, at := small("tiny", "sgd"), good
		c.spoil(&s, &at)
		if _, err := Measure(context.Background(), s, "", at, nil); err == nil || !strings.Contains(err.Error(), c.say) {
			t.Errorf("%v, want: %s", err, c.say)
		}
	}
}

// Samples are drawn without replacement, by name and seed.
func TestSample(t *testing.T) {
	tr := newSmall(t, small("tiny", "sgd"))
	size := tr.net.Input.Size()
	all := readAll(t, tr.task.Train)
	find := func(x []float32) int {
		for i := range all.N {
			if slices.Equal(x, all.In[0].F[i*size:(i+1)*size]) {
				return i
			}
		}
		return -1
	}
	index := func(tr *descent, name string, n int) (list []int) {
		set, err := tr.sample(context.Background(), name, n)
		if err != nil {
			t.Fatal(err)
		}
		for i := range n {
			at := find(set.In[0].F[i*size : (i+1)*size])
			if at < 0 || set.Target[0].Labels[i] != all.Target[0].Labels[at] {
				t.Fatalf("example %d of sample %s is not one of the training split", i, name)
			}
			list = append(list, at)
		}
		return list
	}
	first := index(tr, "set", 48)
	if !slices.Equal(first, index(tr, "set", 48)) || slices.Equal(first, index(tr, "k", 48)) {
		t.Error("a sample is not decided by its name")
	}
	other := small("tiny", "sgd")
	other.Seed++
	if slices.Equal(first, index(newSmall(t, other), "set", 48)) {
		t.Error("a sample is not decided by the seed")
	}
	slices.Sort(first)
	if !slices.Equal(first, identity(48)) {
		t.Errorf("48 of 48 examples are %v", first)
	}
}

// A checkpoint must not hold two tensors of one name.
func TestStateNames(t *testing.T) {
	for name, want := range map[string]bool{"momentum": true, "adam.m": true, "adam.s": true, "warm.0": true, "train.losses": true, "conv1.weight": false, "adam": false, "bn1.running_mean": false} {
		if got := stateName(name); got != want {
			t.Errorf("stateName(%q) is %v", name, got)
		}
	}
}
