package probe

import (
	"math"
	"strings"
	"testing"

	"breakeven/curvature"
	"breakeven/nn"
	"breakeven/rng"
	"breakeven/run"
)

// Sampling errors are the spread of the values over samples of one population: the mean error
// that is said lies between a part of the spread and its inverse.
func TestSamplingErrors(t *testing.T) {
	for _, norm := range []bool{false, true} {
		spread, said := overSamples(t, norm, func(s *Subject) {})
		for key, low := range map[string]float64{"loss": 0.7, "accuracy": 0.7, "h_max": 0.5, "h_min": 0.4, "ggn_max": 0.5,
			"grad_norm": 0.6, "h_trace": 0.3, "stability": 0.3} {
			if said[key] < low*spread[key] || said[key] > spread[key]/low {
				t.Errorf("batch norm %v: %s says a sampling error of %.4g, and spreads by %.4g", norm, key, said[key], spread[key])
			}
		}
		if !(said["alignment"] > 0) || said["h_top5"] < said["h_max"] {
			t.Errorf("batch norm %v: alignment has the sampling error %g, h_top5 %g", norm, said["alignment"], said["h_top5"])
		}
	}
}

// Without tangents the error of ‖g‖ is that of blocks of the measurement set.
func TestSamplingOfBlocks(t *testing.T) {
	spread, said := overSamples(t, false, func(s *Subject) {
		s.Problem = curvature.New(s.Net, s.Problem.Set(), curvature.Settings{Chunk: 12, Gradients: true, Metrics: []curvature.Metric{{Of: nn.Correct}}})
		if err := s.Problem.At(s.Theta); err != nil {
			t.Fatal(err)
		}
	}, "loss")
	if g := said["grad_norm"]; g < 0.6*spread["grad_norm"] || g > spread["grad_norm"]/0.6 {
		t.Errorf("grad_norm says a sampling error of %.4g, and spreads by %.4g", g, spread["grad_norm"])
	}
}

// So it is in each layer.
func TestSamplingErrorsOfLayers(t *testing.T) {
	for _, norm := range []bool{false, true} {
		spread, said := overSamples(t, norm, func(s *Subject) { s.Layers, _ = Layers(s.Net, []string{"conv*", "fc"}) }, "layernoise", "layertrace", "layerh")
		for key, low := range map[string]float64{"layer_grad_norm": 0.6, "layer_h_trace": 0.2, "layer_h_max": 0.5} {
			for _, layer := range []string{" conv*", " fc"} {
				if s := said[key+layer]; s < low*spread[key+layer] || s > spread[key+layer]/low {
					t.Errorf("batch norm %v: %s says a sampling error of %.4g, and spreads by %.4g", norm, key+layer, s, spread[key+layer])
				}
			}
		}
	}
}

// overSamples measures samples of one population, and returns by key the spread of the values
// and the mean of their sampling errors.
func overSamples(t *testing.T, norm bool, change func(*Subject), probes ...string) (spread, said map[string]float64) {
	t.Helper()
	const draws, n = 40, 48
	r := rng.New(9, "samples")
	net := network(norm).Net
	theta := make([]float32, net.Dim())
	for i := range theta {
		theta[i] = float32(0.3 * r.NormFloat64())
	}
	if probes == nil {
		probes = []string{"loss", "k", "h5", "ggn", "trace", "stability"}
	}
	sum, square, said := map[string]float64{}, map[string]float64{}, map[string]float64{}
	for range draws {
		set := nn.Labelled(make([]float32, n*16), make([]int32, n))
		for i := range set.In[0].F {
			set.In[0].F[i] = float32(r.NormFloat64())
		}
		for i := range n { // labels that half depend on the inputs
			if set.Target[0].Labels[i] = int32(r.IntN(3)); set.In[0].F[16*i+5] > 0 {
				set.Target[0].Labels[i] = 0
			}
		}
		s := subjectOf(net, nn.CrossEntropy{}, set, theta)
		s.Tol, s.N, s.Batches = 1e-3, 10*n, curvature.Parts(set, 12)
		change(s)
		for key, v := range measure(t, s, probes...) {
			sum[key] += v.Value / draws
			square[key] += v.Value * v.Value / draws
			said[key] += v.Sample / draws
			for i, name := range v.Names {
				layer := key + " " + name
				sum[layer] += v.Vector[i] / draws
				square[layer] += v.Vector[i] * v.Vector[i] / draws
				e := v.Errors
				if v.Samples != nil {
					e = v.Samples
				}
				said[layer] += e[i] / draws
			}
		}
	}
	spread = map[string]float64{}
	for key := range sum {
		spread[key] = math.Sqrt(square[key] - sum[key]*sum[key])
	}
	return spread, said
}

// Every sampling error says what it is made of; if there should be one and is none,
// that is said.
func TestSamplingKinds(t *testing.T) {
	want := map[string]string{"loss": "examples", "accuracy": "examples", "grad_norm": "slopes of ", "h_max": "curvatures of ", "h_min": "curvatures of ",
		"h_top5": "curvatures of ", "ggn_max": "curvatures of ", "h_trace": "along random signs", "layer_grad_norm": "slopes of minibatches", "layer_h_trace": "along random signs",
		"layer_h_max": "curvatures of ", "stability": "curvatures of ", "alignment": "gradients"}
	for _, norm := range []bool{false, true} {
		s := network(norm)
		found := measure(t, s, Names()...)
		of := map[bool]string{false: "examples", true: "minibatches"}[norm]
		for key, kind := range want {
			v := found[key]
			if !(v.Sample > 0) || !strings.Contains(v.How.Sampling, kind) || strings.HasSuffix(kind, " of ") && !strings.HasSuffix(v.How.Sampling, of) {
				t.Errorf("batch norm %v: %s has a sampling error of %g of %q", norm, key, v.Sample, v.How.Sampling)
			}
		}
		for key, v := range found {
			if (v.Sample > 0) != (v.How.Sampling != "") || math.IsNaN(v.Sample) {
				t.Errorf("batch norm %v: %s has a sampling error of %g, of the kind %q", norm, key, v.Sample, v.How.Sampling)
			}
		}
	}
	s := network(true)
	s.Sharp, s.Batches = s.Sharp[:1], nil
	for key, v := range measure(t, s, "loss", "h5", "ggn", "trace") {
		if want[key] == "" || want[key] == "examples" {
			continue
		}
		if v.Sample != 0 || !strings.Contains(v.How.Note, "no sampling error is known") {
			t.Errorf("one minibatch: %s has the sampling error %g, %q", key, v.Sample, v.How.Note)
		}
	}
}

func TestCombined(t *testing.T) {
	if got := (run.Value{Error: 3, Sample: 4}).Combined(); got != 5 {
		t.Errorf("3 and 4 together are %g", got)
	}
}
