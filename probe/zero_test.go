package probe

import (
	"math"
	"slices"
	"testing"

	"breakeven/curvature"
	"breakeven/nn"
)

// identical is a network with count examples that are all the same one.
func identical(count int) *Subject {
	s := network(false)
	one := s.Problem.Set()
	set := nn.Labelled(make([]float32, count*16), make([]int32, count))
	for i := range count {
		copy(set.In[0].F[16*i:], one.In[0].F[:16])
	}
	return subjectOf(s.Net, nn.CrossEntropy{}, set, s.Theta)
}

// The covariance of equal examples is 0, and nothing is derived from what rounding
// leaves of it.
func TestEqualExamples(t *testing.T) {
	for _, count := range []int{24, 30, 32, 36, 96} {
		for _, l := range []int{2, 3, 7, 8} {
			s := identical(count)
			s.Batches = curvature.Parts(s.Problem.Set(), l)
			said := 0
			for key, v := range measure(t, s, "loss", "k", "examples", "h") {
				zero := []string{"k_max", "k_min", "k_trace", "k_example_max", "k_example_min", "k_example_trace"}
				switch {
				case slices.Contains(zero, key):
					if v.Value != 0 || v.Error != 0 {
						t.Errorf("%d examples, L = %d: %s is %g ± %g", count, l, key, v.Value, v.Error)
					}
				case !slices.Contains([]string{"loss", "accuracy", "constant_loss", "grad_norm", "h_max"}, key):
					t.Errorf("%d examples, L = %d: %s is %g ± %g", count, l, key, v.Value, v.Error)
				}
			}
			for _, o := range s.Omitted {
				if o.Why == kIsZero {
					said++
				}
			}
			if said != 8 {
				t.Errorf("%d examples, L = %d: %d keys are left out for two covariances: %v", count, l, said, s.Omitted)
			}
		}
	}
}

// A covariance that is small but above rounding is measured.
func TestSmallCovariance(t *testing.T) {
	s := identical(32)
	set := s.Problem.Set()
	for i := range set.N {
		set.In[0].F[16*i] += 1e-3 * float32(i%7)
	}
	s = subjectOf(s.Net, nn.CrossEntropy{}, set, s.Theta)
	found := measure(t, s, "k", "examples")
	for _, key := range []string{"k_rank", "k_condition", "topspace", "k_example_rank", "noise_scale"} {
		if v, ok := found[key]; !ok || !(v.Value >= 0) || math.IsInf(v.Value, 0) {
			t.Errorf("%s is %g: %v", key, v.Value, ok)
		}
	}
}

// A minibatch whose gradient is zero does not spoil the results of the others.
func TestOneZeroGradient(t *testing.T) {
	s := network(false)
	k, err := s.Problem.Covariance(s.Batches)
	if err != nil {
		t.Fatal(err)
	}
	k.Inner = slices.Clone(k.Inner)
	for i := range k.L {
		k.Inner[i], k.Inner[i*k.L] = 0, 0
	}
	if mean, dev := k.TopSpace(5); !(mean >= 1) || !(dev > 0) || math.IsInf(mean, 0) {
		t.Errorf("topspace is %g ± %g", mean, dev)
	}
}
