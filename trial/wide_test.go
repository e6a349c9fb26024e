package trial

import (
	"context"
	"math"
	"strings"
	"testing"

	"breakeven/internal/testenv"
	"breakeven/run"

	"gonum.org/v1/gonum/mat"
)

// wideSpec is a spec of the model wide on a few of the embedded images.
func wideSpec(kind string, more map[string]string) run.Spec {
	s := small("wide", "sgd")
	s.Kind, s.Loss, s.Train, s.Valid = kind, "mse", 24, 12
	s.More = map[string]string{"width": "32", "repeats": "1"}
	for k, v := range more {
		s.More[k] = v
	}
	return s
}

func openJob(t *testing.T, s run.Spec) Job {
	t.Helper()
	j, err := Open(context.Background(), s, Env{})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// A job that is stopped after each record goes on to the same bits.
func TestWideResumes(t *testing.T) {
	for _, s := range []run.Spec{
		wideSpec("kernel", map[string]string{"nets": "4", "kernel_examples": "5", "law": "orthogonal"}),
		wideSpec("kernel", map[string]string{"nets": "3", "normal_inputs": "9", "parameters": "standard"}),
		wideSpec("limit", map[string]string{"bias_variance": "0.1"}),
	} {
		whole := new(tape)
		j := openJob(t, s)
		if end, err := j.Run(context.Background(), nil, 0, whole); err != nil || end.Status != run.Finished {
			t.Fatal(end, err)
		}
		if len(j.Memory()) < 2 || len(j.Plan().About) < 3 || j.Plan().Params == 0 {
			t.Errorf("%+v, %+v", j.Memory(), j.Plan())
		}
		parts := new(tape)
		for until := 1; ; until++ {
			var from *run.Checkpoint
			if c := parts.last(); c != nil {
				from = c
			}
			end, err := openJob(t, s).Run(context.Background(), from, until, parts)
			if err != nil {
				t.Fatal(err)
			}
			if end.Status == run.Finished {
				break
			}
		}
		compare(t, s.Kind, parts, whole)
		stopped := new(tape)
		if end, err := openJob(t, s).Run(after(3), nil, 0, stopped); err != nil || end.Status != run.Stopped {
			t.Errorf("%s: %v, %v when the context ends", s.Kind, end, err)
		}
	}
}

// The errors of kernels fall with the width and with the number of networks.
func TestKernelErrorsFall(t *testing.T) {
	at := func(width string) run.Record {
		p := new(tape)
		s := wideSpec("kernel", map[string]string{"nets": "10", "kernel_examples": "6", "width": width, "normal_inputs": "20"})
		if _, err := openJob(t, s).Run(context.Background(), nil, 0, p); err != nil {
			t.Fatal(err)
		}
		return p.records[10]
	}
	narrow, wide := at("16").ByKey(), at("1024").ByKey()
	for _, key := range []string{"nngp_mean_error", "ntk_mean_error", "nngp_spread", "ntk_spread"} {
		if a, b := narrow[key].Value, wide[key].Value; !(b < a/3) || !(b > a/30) {
			t.Errorf("%s is %v at width 16 and %v at 1024, want an eighth", key, a, b)
		}
	}
	if d := wide["ntk_diagonal"].Value; math.Abs(d-1) > 0.3 {
		t.Errorf("Θ/Θ∞ is %v", d)
	}
}

// Gradient descent of wide networks is what the limit says, on average: with NTK parameters
// and with standard ones, whose step is of another size.
func TestLimitIsThatOfWideNetworks(t *testing.T) {
	testenv.Slow(t)
	for parameters, lr := range map[string]float64{"ntk": 0.8, "standard": 0.003} {
		more := map[string]string{"parameters": parameters, "width": "256", "weight_variance": "1.5", "network": `"n*(dense; erf); dense"`, "bias_variance": "0.1"}
		s := wideSpec("limit", more)
		s.Preprocess = "paper"
		s.LR, s.Steps, s.Every = lr, 40, 40
		limit := new(tape)
		if _, err := openJob(t, s).Run(context.Background(), nil, 0, limit); err != nil {
			t.Fatal(err)
		}
		s.Kind, s.Batch, s.Probes, s.Measure.Examples = "descent", s.Train, []string{"loss"}, s.Train
		const nets = 8
		mean := map[int]map[string]float64{0: {}, 40: {}}
		for seed := range uint64(nets) {
			s.Seed = seed
			p := new(tape)
			if _, err := openJob(t, s).Run(context.Background(), nil, 0, p); err != nil {
				t.Fatal(err)
			}
			for step := range mean {
				for _, v := range p.records[step].Values {
					mean[step][v.Key] += v.Value / nets
				}
			}
		}
		for step := range mean {
			for _, v := range limit.records[step].Values {
				if got := mean[step][v.Key]; math.Abs(got-v.Value) > 0.15*math.Abs(v.Value)+0.07 {
					t.Errorf("%s parameters, step %d: %s of networks is %v, of the limit %v", parameters, step, v.Key, got, v.Value)
				}
			}
		}
		if first, last := limit.records[0].ByKey()["loss"].Value, limit.records[40].ByKey()["loss"].Value; !(last < first/3) {
			t.Errorf("%s parameters: the loss falls from %v to %v only", parameters, first, last)
		}
	}
}

// Drift is 0 at the start, and smaller for wider networks.
func TestDrift(t *testing.T) {
	at := func(width string) run.Record {
		s := wideSpec("descent", map[string]string{"width": width, "network": `"dense; tanh; dense"`})
		s.Probes, s.LR = []string{"loss", "drift"}, 0.5
		p := new(tape)
		if _, err := openJob(t, s).Run(context.Background(), nil, 0, p); err != nil {
			t.Fatal(err)
		}
		first := p.records[0].ByKey()
		if first["ntk_change"].Value != 0 || first["weight_change"].Value != 0 || len(first["weight_change"].Vector) != 2 {
			t.Errorf("at step 0: %+v", first)
		}
		return p.records[4]
	}
	narrow, wide := at("16").ByKey(), at("1024").ByKey()
	for _, key := range []string{"ntk_change", "weight_change", "linear_gap"} {
		if a, b := narrow[key].Value, wide[key].Value; !(b < a/3) || !(b > 0) {
			t.Errorf("%s is %v at width 16 and %v at 1024", key, a, b)
		}
	}
}

// Settings that make no sense are refused, with what to do.
func TestWideRefuses(t *testing.T) {
	for say, change := range map[string]func(s *run.Spec){
		"use model wide":                  func(s *run.Spec) { s.Model = "tiny"; s.More = nil },
		"closed form for mse alone":       func(s *run.Spec) { s.Kind, s.Loss = "limit", "cross-entropy" },
		"leave out the last width":        func(s *run.Spec) { s.More["network"] = `"dense 5; relu; dense 3"` },
		"is not normal in the limit":      func(s *run.Spec) { s.More["network"] = `"dense; relu; tanh; dense"` },
		`"dence" is no layer`:             func(s *run.Spec) { s.More["network"] = `"dence; relu"` },
		"a network of no layers":          func(s *run.Spec) { s.More["network"], s.More["repeats"] = `"n*(dense)"`, "0" },
		"the training split has only 24":  func(s *run.Spec) { s.More["kernel_examples"] = "25" },
		"must lie between 1 and 1048576":  func(s *run.Spec) { s.More["width"] = "0" },
		"must be a variance of 0 or more": func(s *run.Spec) { s.More["weight_variance"] = "-1" },
		"does not fit on":                 func(s *run.Spec) { s.More["network"] = `"conv 99x99 valid; flatten; dense"` },
		"a network without weights":       func(s *run.Spec) { s.More["network"] = `"flatten"` },
	} {
		s := wideSpec("kernel", nil)
		change(&s)
		if _, err := Open(context.Background(), s, Env{}); err == nil || !strings.Contains(err.Error(), say) {
			t.Errorf("%v, want %q", err, say)
		}
	}
}

// Means over normal outputs agree with quadrature and with what is certain.
func TestExpectations(t *testing.T) {
	want := 0.0
	for z := -9.0; z < 9; z += 1e-3 {
		want += math.Abs(0.7+0.5*z) * math.Exp(-z*z/2) / math.Sqrt(2*math.Pi) * 1e-3
	}
	if got := meanDistance(0.7, 0.5); math.Abs(got-want) > 1e-6 {
		t.Errorf("E|0.7 + 0.5z| is %v, want %v", got, want)
	}
	if got := meanDistance(-2, 0); got != 2 {
		t.Errorf("|−2| is %v", got)
	}
	// Of two outputs: Φ((m₁ − m₀)/(s√2)).
	if got, want := probabilityOfLargest([]float64{0.1, 0.5}, 1, 0.3), math.Erfc(-0.4/0.6)/2; math.Abs(got-want) > 1e-12 {
		t.Errorf("probability %v, want %v", got, want)
	}
	if a, b := probabilityOfLargest([]float64{1, 1, 0}, 0, 0), probabilityOfLargest([]float64{1, 1, 0}, 1, 0); a != 1 || b != 0 {
		t.Errorf("of equal outputs the first is the largest: %v, %v", a, b)
	}
	three := 0.0
	for k := range 3 {
		three += probabilityOfLargest([]float64{0.3, -1, 2}, k, 0.9)
	}
	if math.Abs(three-1) > 1e-12 {
		t.Errorf("probabilities sum to %v", three)
	}
	got := Side{Targets: mat.NewDense(1, 2, []float64{0, 1}), Labels: []int32{1}}.Expected(mat.NewDense(1, 2, []float64{1, 2}), []float64{0.5})
	if got[0].Value != 1.5 {
		t.Errorf("loss %v", got[0].Value)
	}
}
