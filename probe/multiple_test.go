package probe

import (
	"math"
	"testing"

	"breakeven/nn"
	"breakeven/rng"
)

// relus is a network of ten classes whose weights are all zero, so that only the
// biases of its outputs, here the given ones, count.
func relus(bias float32) *Subject {
	net, x := nn.NewNetwork(nn.Shape{C: 1, H: 4, W: 4})
	x = net.Add("flatten", nn.Flatten{}, x)
	x = net.Add("fc1", nn.Linear{Units: 30}, x)
	x = net.Add("relu", nn.ReLU{}, x)
	net.Add("fc2", nn.Linear{Units: 10}, x)
	r := rng.New(6, "network")
	set := nn.Labelled(make([]float32, 24*16), make([]int32, 24))
	for i := range set.In[0].F {
		set.In[0].F[i] = float32(r.NormFloat64())
	}
	theta := make([]float32, net.Dim())
	theta[len(theta)-10] = bias
	return subjectOf(net, nn.CrossEntropy{}, set, theta)
}

// H of ten equal probabilities is (I − 11ᵀ/10)/10 in the biases: nine eigenvalues
// are 0.1.
func TestNineEqualEigenvalues(t *testing.T) {
	found := measure(t, relus(0), "h5")
	for i, v := range found["h_top5"].Vector {
		if math.Abs(v-0.1) > found["h_top5"].Error {
			t.Errorf("eigenvalue %d is %g ± %g", i, v, found["h_top5"].Error)
		}
	}
	if c := found["h_condition5"]; math.Abs(c.Value-1) > c.Error || c.Error > 1e-3 {
		t.Errorf("h_condition5 is %g ± %g", c.Value, c.Error)
	}
}

// If H is zero the ratio of its eigenvalues is left out, with the reason.
func TestZeroHessian(t *testing.T) {
	s := relus(1000)
	found := measure(t, s, "h5")
	if v, ok := found["h_condition5"]; ok {
		t.Errorf("h_condition5 of zero is %g ± %g", v.Value, v.Error)
	}
	if v := found["h_top5"]; v.Value != 0 || len(s.Omitted) != 1 || s.Omitted[0].Key != "h_condition5" {
		t.Errorf("h_top5 is %g, and left out are %v", v.Value, s.Omitted)
	}
}
