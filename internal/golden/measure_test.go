package golden

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"breakeven/internal/testenv"
	"breakeven/probe"
	"breakeven/run"
	"breakeven/trial"
)

// dataDir returns a folder with CIFAR-10's binary files, in which only the images of
// testdata are real. The others are black; the files are sparse and take no room.
func dataDir(t *testing.T) string {
	set, err := images()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for i, name := range []string{"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"} {
		var b []byte
		if i == 0 {
			for k := range set.Labels {
				b = append(b, record(set, k)...)
			}
		}
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(file, 10000*3073); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// The results that a user gets for these weights and examples with default settings.
func TestMeasure(t *testing.T) {
	testenv.Slow(t)
	names := networks
	if !everything() {
		names = []string{"tiny", "lstm"}
	}
	compare(t, names, func(t *testing.T, s *subject, l *ledger) {
		r := s.measure(t)
		value := func(key string) float64 {
			v, ok := r.Get(key)
			if !ok {
				t.Errorf("no %s", key)
			}
			if v.Error < 0 || math.IsNaN(v.Error) || v.How.Method == "" || v.How.Probe == "" {
				t.Errorf("%s carries the error %v and was made by %+v", key, v.Error, v.How)
			}
			return v.Value
		}
		s.compareMeasured(l, value)
		s.compareEigenvalues(t, l, r)
		for _, v := range r.Values {
			if p := probe.All[slices.IndexFunc(probe.All, func(p probe.Probe) bool { return p.Name == v.How.Probe })]; !slices.Contains(p.KeyNames(), v.Key) {
				t.Errorf("%s is no key of probe %s", v.Key, p.Name)
			}
		}
	})
}

// measure measures as the command line does.
func (s *subject) measure(t *testing.T) run.Record {
	t.Helper()
	spec := run.Default()
	spec.Data, spec.Model, spec.Preprocess, spec.LR, spec.Batch = "cifar10", s.Model, "channel", 0.1, 32
	spec.Measure.Tolerance = trial.Tolerance
	at := trial.At{Split: "train", From: s.Inputs.First, To: s.Inputs.First + s.N, L: s.Minibatch.L, NTK: 8}
	dir := ""
	if s.Model == "lstm" {
		at.Weights, spec.Data, spec.Preprocess = shared(t, "lstm.seed0.safetensors"), shared(t, "lstm.seed0.inputs.npz"), run.Default().Preprocess
		spec.More = map[string]string{"vocabulary": "1000", "embedding": "32", "units": "64"}
	} else {
		at.Weights, dir = writeWeights(t, s.Model), dataDir(t)
	}
	r, err := trial.Measure(context.Background(), spec, dir, at, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range r.Values {
		if i == 0 || v.How.Probe != r.Values[i-1].How.Probe {
			t.Logf("probe %s: %.2f s, %d products", v.How.Probe, v.How.Seconds, v.How.Products)
		}
	}
	return r
}

// compareMeasured compares everything that does not depend on eigenvalues of H.
func (s *subject) compareMeasured(l *ledger, value func(key string) float64) {
	m := s.Minibatch
	l.relative("loss", l.loss, value("loss"), s.Loss)
	l.near("accuracy", 1e-12, value("accuracy"), s.Accuracy, 1)
	l.relative("grad_norm", l.gradient, value("grad_norm"), s.Gradient.Norm)
	l.relative("k_max", l.k, value("k_max"), m.Max)
	l.near("k_min, to k_max", l.kRest, value("k_min"), m.Min, m.Max)
	l.relative("k_trace", l.k, value("k_trace"), m.Trace)
	l.relative("k_rank", 2*l.k, value("k_rank"), m.Rank)
	l.near("k_condition", 2*l.kRest, value("k_condition"), m.Condition, 1)
	l.relative("batch_sharpness", l.sharpness, value("batch_sharpness"), s.Sharpness.Mean)
	l.relative("ggn_max", l.ggn, value("ggn_max"), s.GaussNewton.Max)
	if e := s.Example; e != nil {
		l.relative("k_example_max", l.example, value("k_example_max"), e.Max)
		l.relative("k_example_min", l.exampleK, value("k_example_min"), e.Min)
		l.relative("k_example_trace", l.example, value("k_example_trace"), e.Trace)
		l.relative("k_example_rank", 2*l.example, value("k_example_rank"), e.Trace/e.Max)
		l.relative("k_example_condition", 2*l.exampleK, value("k_example_condition"), e.Min/e.Max)
		l.relative("noise_scale", l.example, value("noise_scale"), e.Noise)
	}
	if k := s.Kernel; k != nil {
		l.relative("ntk_max", l.kernel, value("ntk_max"), k.Max)
		l.relative("ntk_trace", l.kernel, value("ntk_trace"), k.Trace)
	}
}

// compareEigenvalues compares the ends of H's spectrum and what its top
// eigenvector gives.
func (s *subject) compareEigenvalues(t *testing.T, l *ledger, r run.Record) {
	h := s.Hessian
	scale := largest(append(h.Top, h.Bottom...)...)
	get := func(key string) run.Value { v, _ := r.Get(key); return v }
	for key, want := range map[string][]float64{"h_max": h.Top[:1], "h_top5": h.Top, "h_min": h.Bottom[:1], "ggn_max": {s.GaussNewton.Max}} {
		v := get(key)
		for i, w := range want {
			x := v.Value
			if i > 0 {
				x = v.Vector[i]
			}
			if math.Abs(x-w) > v.Error {
				t.Errorf("%s claims %.9g ± %.3g, and %.9g is right", key, x, v.Error, w)
			}
		}
	}
	l.near("h_max, to the largest", l.hessian, get("h_max").Value, h.Top[0], scale)
	l.near("h_min, to the largest", l.hessian, get("h_min").Value, h.Bottom[0], scale)
	if top := get("h_top5").Vector; len(top) != 5 {
		t.Errorf("h_top5 has %d numbers", len(top))
	} else {
		all(l, "h_top5, to the largest", l.hessian, top, h.Top, scale)
	}
	l.near("alignment", l.along, get("alignment").Value, h.CosMinibatch, 1)
	if h.CosExample != nil {
		l.near("alignment_example", l.along, get("alignment_example").Value, *h.CosExample, 1)
	}
	if s.Along != nil {
		l.relative("curvature_variance", l.along, get("curvature_variance").Value, s.Along.Variance)
		l.relative("stability", l.along, get("stability").Value, s.Stability.Left)
	}
	if h.Trace != nil {
		v := get("h_trace")
		l.near("h_trace, in standard errors", 4, v.Value, *h.Trace, v.Error)
	}
}
