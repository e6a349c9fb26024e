package probe

import (
	"math"
	"testing"

	"breakeven/curvature"
	"breakeven/nn"
	"breakeven/rng"
	"breakeven/run"
)

// Sampling errors are the spread of the values over samples of one population.
func TestSamplingErrors(t *testing.T) {
	const draws, n = 60, 48
	r := rng.New(9, "samples")
	net := network(false).Net
	theta := make([]float32, net.Dim())
	for i := range theta {
		theta[i] = float32(0.3 * r.NormFloat64())
	}
	probes := []string{"loss", "k", "h", "ggn", "stability"}
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
		s.Tol, s.N, s.Batches = 1e-4, 10*n, curvature.Parts(set, 12)
		for key, v := range measure(t, s, probes...) {
			sum[key] += v.Value / draws
			square[key] += v.Value * v.Value / draws
			said[key] += v.Sample / draws
		}
	}
	for key, low := range map[string]float64{"loss": 0.7, "accuracy": 0.7, "h_max": 0.5, "ggn_max": 0.5, "grad_norm": 0.6, "stability": 0.3} {
		spread := math.Sqrt(square[key] - sum[key]*sum[key])
		if said[key] < low*spread || said[key] > spread/low {
			t.Errorf("%s says a sampling error of %.4g, and spreads by %.4g", key, said[key], spread)
		}
	}
	if !(said["alignment"] > 0) {
		t.Error("alignment has no sampling error")
	}
}

// Where there is a sampling error it is said what it is made of.
func TestSamplingKinds(t *testing.T) {
	for _, norm := range []bool{false, true} {
		s := network(norm)
		found := measure(t, s, Names()...)
		want := []string{"loss", "accuracy", "h_max", "stability", "alignment"}
		if !norm {
			want = append(want, "grad_norm", "h_min", "h_top5", "ggn_max", "h_trace", "alignment_example")
		}
		for _, key := range want {
			if v := found[key]; !(v.Sample > 0) {
				t.Errorf("batch norm %v: %s has no sampling error", norm, key)
			}
		}
		for key, v := range found {
			if (v.Sample > 0) != (v.How.Sampling != "") || math.IsNaN(v.Sample) {
				t.Errorf("batch norm %v: %s has a sampling error of %g, of the kind %q", norm, key, v.Sample, v.How.Sampling)
			}
		}
	}
}

func TestCombined(t *testing.T) {
	if got := (run.Value{Error: 3, Sample: 4}).Combined(); got != 5 {
		t.Errorf("3 and 4 together are %g", got)
	}
}
