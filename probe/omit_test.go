package probe

import (
	"math"
	"slices"
	"strings"
	"testing"

	"breakeven/curvature"
	"breakeven/nn"
	"breakeven/run"
	"breakeven/spectrum"
)

// mirrored is a quadratic at w = 0 whose examples are x and −x: each has a gradient, and they
// cancel.
func mirrored() *Subject {
	q := newQuadratic()
	x := slices.Clone(q.Problem.Set().In[0].F)
	for i := range len(x) / 2 {
		x[len(x)/2+i] = -x[i]
	}
	return subjectOf(q.Net, q.Loss, nn.Labelled(x, make([]int32, count)), make([]float32, inputs))
}

// blind is a quadratic whose inputs are 0: it has a loss, and no derivatives.
func blind() *Subject {
	q := newQuadratic()
	return subjectOf(q.Net, q.Loss, nn.Labelled(make([]float32, count*inputs), make([]int32, count)), make([]float32, inputs))
}

// certain is a network that is right with certainty: its loss is 0.
func certain() *Subject {
	s := relus(1000)
	clear(s.Problem.Set().Target[0].Labels)
	return subjectOf(s.Net, s.Loss, s.Problem.Set(), s.Theta)
}

// A quantity that is not defined at a point has no value and one reason, and all others
// are finite.
func TestUndefined(t *testing.T) {
	still := network(false)
	still.Next = func() ([]float32, error) { return slices.Clone(still.Theta), nil }
	lone := network(true)
	lone.Sharp, lone.Batches = lone.Sharp[:1], lone.Batches[:1]
	single := network(false)
	single.Single = single.Single.Slice(0, 1)
	for name, c := range map[string]struct {
		s    *Subject
		why  map[string]string // a part of the reason, by key
		zero []string          // keys that are 0
	}{
		"loss 0": {certain(), map[string]string{"step_margin": "the loss is 0", "batch_sharpness": "gradients of all minibatches are 0",
			"k_rank": "K is 0", "k_condition": "K is 0", "topspace": "K is 0", "noise_scale": "K is 0", "k_example_rank": "K is 0", "alignment": "λ_H¹ is 0", "alignment_example": "λ_H¹ is 0",
			"curvature_variance": "λ_H¹ is 0", "stability": "λ_H¹ is 0", "predicted_h_max": "λ_H¹ is 0", "h_condition5": "λ_H⁵ is 0",
			"critical_sharpness": "the training step is 0", "sharpness_gap": "λ_H¹ is 0", "h_overlap": "the gradient", "grad_square": "K is 0", "critical_batch": "K is 0", "stability_k": "K is 0", "predicted_k_max": "K is 0"},
			[]string{"loss", "grad_norm", "k_max", "k_trace", "h_max", "h_trace", "ggn_max"}},
		"no derivatives": {blind(), map[string]string{"step_margin": "the training step is 0", "batch_sharpness": "are 0", "k_rank": "K is 0",
			"stability": "λ_H¹ is 0", "predicted_h_max": "λ_H¹ is 0"}, []string{"grad_norm", "h_max"}},
		"gradients cancel": {mirrored(), map[string]string{"noise_scale": "gradient of the measurement set is 0"}, nil},
		"no step":          {still, map[string]string{"step_margin": "the training step is 0", "critical_sharpness": "the training step is 0"}, nil},
		"one minibatch": {lone, map[string]string{"curvature_variance": "two minibatches", "stability": "two minibatches",
			"predicted_h_max": "two minibatches", "top_noise": "two minibatches", "sharpness_gap": "noise along e_H¹ is not known", "grad_square": "K is 0"}, nil},
		"one example": {single, map[string]string{"k_example_max": "two examples", "noise_scale": "two examples"}, nil},
	} {
		found := measure(t, c.s, Names()...)
		for _, key := range c.zero {
			if v, ok := found[key]; !ok || math.Abs(v.Value) > v.Error || v.Value != 0 && v.Error == 0 {
				t.Errorf("%s: %s is %g ± %g, want 0", name, key, v.Value, v.Error)
			}
		}
		for key, v := range found {
			if math.IsNaN(v.Value) || math.IsInf(v.Value, 0) || math.IsNaN(v.Error) || math.IsInf(v.Error, 0) || math.IsNaN(v.Sample) {
				t.Errorf("%s: %s is %g ± %g, sampling %g", name, key, v.Value, v.Error, v.Sample)
			}
			if strings.Contains(v.How.Note, "left out") {
				t.Errorf("%s: %s says it as well: %q", name, key, v.How.Note)
			}
		}
		for key, why := range c.why {
			said := 0
			for _, o := range c.s.Omitted {
				if o.Key == key && strings.Contains(o.Why, why) {
					said++
				}
			}
			if v, ok := found[key]; ok || said != 1 {
				t.Errorf("%s: %s is %g (%v), and that it is left out is said %d times: %v", name, key, v.Value, ok, said, c.s.Omitted)
			}
		}
	}
	s := network(false)
	measure(t, s, Names()...)
	if ofNoise := func(o run.Omission) bool { return o.Why == scaleUnknown }; !slices.EqualFunc([]string{"noise_scale_unbiased", "critical_batch", "layer_noise_scale"}, s.Omitted, func(key string, o run.Omission) bool { return o.Key == key && ofNoise(o) }) {
		t.Errorf("of a point without faults: %v", s.Omitted)
	}
}

// The closed form needs a positive λ_H¹, and a learning rate above 0.
func TestOutsideClosedForm(t *testing.T) {
	for _, c := range []struct{ lambda, rate float64 }{{-1, rate}, {1, 0}} {
		s := network(false)
		s.LR = c.rate
		e := make([]float32, len(s.Theta))
		e[0] = 1
		s.eigen = &found{&spectrum.Result{Values: []float64{c.lambda}, Vectors: [][]float32{e}, Residuals: []float64{1e-3}, Estimates: []float64{1e-5}}, []float64{0}}
		vs, err := stability(s)
		if err != nil || len(vs) != 2 || vs[1].Key != "stability" {
			t.Errorf("%+v: %v, %v", c, vs, err)
		}
		if len(s.Omitted) != 1 || s.Omitted[0].Key != "predicted_h_max" {
			t.Errorf("%+v: left out: %v", c, s.Omitted)
		}
	}
}

// A minibatch without a gradient has no sharpness, and the others count.
func TestOneMinibatchWithoutGradient(t *testing.T) {
	q := newQuadratic()
	want := measure(t, q.Subject, "sharpness")["batch_sharpness"]
	blank := q.Problem.Set()
	none := nn.Labelled(make([]float32, 6*inputs), make([]int32, 6))
	q.Sharp = append(curvature.Parts(blank, 4), none)
	v := measure(t, q.Subject, "sharpness")["batch_sharpness"]
	if v.Value != want.Value || v.Error != want.Error || v.How.L != 4 || !strings.Contains(v.How.Note, "1 of 5") {
		t.Errorf("%g ± %g of %d minibatches, %q; without it %g ± %g", v.Value, v.Error, v.How.L, v.How.Note, want.Value, want.Error)
	}
}
