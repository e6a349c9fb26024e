package probe

import (
	"fmt"
	"math"
	"slices"

	"breakeven/curvature"
	"breakeven/nn"
	"breakeven/run"
	"breakeven/tensor"
)

var lossProbe = Probe{
	Name: "loss", Doc: "loss, accuracy and gradient norm", Default: true,
	Keys: named("loss", "accuracy", "absolute_error", "step_error", "constant_loss", "valid_loss", "valid_accuracy", "valid_absolute_error", "valid_step_error",
		"valid_track_error", "test_loss", "test_accuracy", "task_loss", "task_accuracy", "valid_task_loss", "valid_task_accuracy", "grad_norm"),
	Sharp:  (*nn.Network).Couples,
	Slopes: true,
	Cost:   func(s Sizes) float64 { return 1 + of(1./3, func(s Sizes) int { return s.Valid })(s) + s.minibatches(1) },
	Memory: func(net *nn.Network, s Sizes) Need {
		need := Need{Part: "gradients of batches"}
		if net.Couples() || s.gradients { // the sampling error comes from batches
			need.Kept = curvature.SlopeMemory(net)
		}
		return need
	},
	Measure: loss,
}

func loss(s *Subject) ([]run.Value, error) {
	p := s.Problem
	how := run.How{Examples: p.Set().Len(), Method: "mean over the measurement set"}
	vs := []run.Value{sampled(run.Value{Key: "loss", Value: p.Loss(), Sample: p.LossError(), How: how}, ofExamples)}
	vs = append(vs, s.metrics("", how, p.Metric, p.MetricError)...)
	if c, ok := constantLoss(s.Loss, p.Set(), s.Net.Output().Size()); ok {
		vs = append(vs, run.Value{Key: "constant_loss", Value: c, How: run.How{Examples: p.Set().Len(), Method: "from the targets of the measurement set"}})
	}
	norm, err := s.gradientNorm(how)
	if err != nil {
		return nil, err
	}
	vs = append(vs, norm)
	for _, part := range []struct {
		name, of string
		evaluate func() (Evaluation, error)
	}{{"valid", "validation data", s.Valid}, {"test", "test data", s.Test}} {
		if part.evaluate == nil {
			continue
		}
		e, err := part.evaluate()
		if err != nil {
			return nil, err
		}
		vs = append(vs, s.evaluated(part.name, run.How{Examples: e.Examples, Method: "mean over the " + part.of}, e)...)
	}
	if s.Own == nil {
		return vs, nil
	}
	own, err := s.Own()
	return append(vs, own...), err
}

// evaluated makes the values of an evaluation: the loss and the metrics of a part of the data.
func (s *Subject) evaluated(part string, how run.How, e Evaluation) []run.Value {
	vs := []run.Value{sampled(run.Value{Key: part + "_loss", Value: e.Loss, Sample: e.LossError, How: how}, ofExamples)}
	return append(vs, s.metrics(part+"_", how, func(k int) float64 { return e.Metrics[k] }, func(k int) float64 {
		if e.Errors == nil {
			return 0
		}
		return e.Errors[k]
	})...)
}

// metrics makes the values of the metrics of some examples. Those of one name, of several outputs,
// are a vector, whose value is their mean.
func (s *Subject) metrics(prefix string, how run.How, value, sample func(k int) float64) (vs []run.Value) {
	for k, name := range s.Metrics {
		first := slices.Index(s.Metrics, name)
		v := run.Value{Key: prefix + name, Value: value(k), Sample: sample(k), How: how}
		switch count := countOf(s.Metrics, name); {
		case first < k:
			continue
		case count > 1:
			v.Value, v.Sample = 0, 0
			for j, other := range s.Metrics {
				if other == name {
					v.Vector = append(v.Vector, value(j))
					v.Value += value(j) / float64(count)
				}
			}
			vs = append(vs, v)
		default:
			vs = append(vs, sampled(v, ofExamples))
		}
	}
	return vs
}

func countOf(names []string, name string) (n int) {
	for _, other := range names {
		if other == name {
			n++
		}
	}
	return n
}

// gradientNorm makes the value of ‖g‖, whose sampling error is that of the mean of ⟨g_i, g⟩/‖g‖.
func (s *Subject) gradientNorm(how run.How) (run.Value, error) {
	g := s.Problem.Gradient()
	v := run.Value{Key: "grad_norm", Value: tensor.Norm(g), How: how}
	if !(v.Value > 0) || math.IsInf(v.Value, 0) {
		return sampled(v, ""), nil
	}
	a, err := s.slopes(g)
	if err != nil {
		return v, err
	}
	for i := range a.x {
		a.x[i] /= v.Value
	}
	v = a.sampled(v, ofSlopes)
	s.norm = v
	return v, nil
}

var covarianceProbe = Probe{
	Name: "k", Doc: "covariance of minibatch gradients", Default: true,
	Keys:    named("k_max", "k_min", "k_trace", "k_rank", "k_condition", "topspace"),
	Batches: true,
	Cost:    of(1, func(s Sizes) int { return s.L * s.M }),
	Memory: func(net *nn.Network, s Sizes) Need {
		return gramNeed("gradients of K", s.L, func(l int) (int64, int64) { return curvature.CovarianceMemory(net, l) })
	},
	Measure: covariance,
}

func covariance(s *Subject) ([]run.Value, error) {
	k, err := s.Problem.Covariance(s.Batches)
	if err != nil {
		return nil, err
	}
	how := run.How{L: k.L, M: k.M, Examples: k.L * k.M, Method: "centred Gram matrix of minibatch gradients"}
	vs, err := spectrumOf(k, "k_", how, s.stop)
	if err != nil {
		return nil, err
	}
	if s.k = k; k.Zero() {
		s.omit(kIsZero, "k_rank", "k_condition", "topspace")
		return vs, nil
	}
	top, dev := k.TopSpace(5)
	if math.IsNaN(top) {
		s.omit(outOfSpace, "topspace")
		return vs, nil
	}
	how.Error, how.Method = standardError, "mean over the minibatch gradients"
	return append(vs, known(run.Value{Key: "topspace", Value: top, Error: dev, How: how})), nil
}

var exampleKeys = []string{"k_example_max", "k_example_min", "k_example_trace", "k_example_rank", "k_example_condition", "noise_scale"}

var examplesProbe = Probe{
	Name: "examples", Doc: "covariance of per-example gradients",
	Keys:  named(exampleKeys...),
	Lacks: coupled,
	Cost:  of(2, func(s Sizes) int { return s.Single }),
	Memory: func(net *nn.Network, s Sizes) Need {
		if s.Single < 2 {
			return Need{}
		}
		return gramNeed("per-example K", s.Single, func(n int) (int64, int64) { return curvature.ExampleMemory(net, n) })
	},
	Measure: examples,
}

// coupled says why a network has no quantities of single examples.
func coupled(net *nn.Network) string {
	if net.Couples() {
		return coupling(net) + ": single ones have no gradients of their own"
	}
	return ""
}

// coupling says what couples the examples of a network that couples them.
func coupling(net *nn.Network) string {
	if net.OnGraph() {
		return "edges couple the nodes of a graph"
	}
	return "batch norm couples the examples of a batch"
}

// where says under what single examples have no curvature.
func where(net *nn.Network) string {
	if net.OnGraph() {
		return "on a graph"
	}
	return "under batch norm"
}

func examples(s *Subject) ([]run.Value, error) {
	switch {
	case !s.Problem.PerExample():
		return nil, nil
	case s.Single.Len() < 2:
		s.omit("a covariance needs two examples", exampleKeys...)
		return nil, nil
	}
	k, err := s.Problem.ExampleCovariance(s.Single)
	if err != nil {
		return nil, err
	}
	how := run.How{L: k.L, M: 1, Examples: k.L, Method: "centred Gram matrix of per-example gradients"}
	vs, err := spectrumOf(&k.Covariance, "k_example_", how, s.stop)
	if err != nil {
		return nil, err
	}
	if s.k1 = k; k.Zero() {
		s.omit(kIsZero, "k_example_rank", "k_example_condition", "noise_scale")
		return vs, nil
	}
	return append(vs, s.noiseScale(k, vs[2])...), nil
}

// noiseScale makes Tr K / ‖g‖², given the trace. Where ‖g‖ has a sampling error, so has this.
func (s *Subject) noiseScale(k *curvature.ExampleGram, trace run.Value) []run.Value {
	g := tensor.Dot(s.Problem.Gradient(), s.Problem.Gradient())
	if !(g > k.Floor()) {
		s.omit(gIsZero, "noise_scale")
		return nil
	}
	v := run.Value{Key: "noise_scale", Value: k.Trace() / g, Error: trace.Error / g, How: trace.How}
	v.How.Method = "trace over the squared gradient norm of the measurement set"
	if n := s.Problem.Set().Len(); s.Single.Len() != n {
		v.How.Note = fmt.Sprintf("gradient of %d examples", n)
	}
	if s.norm.Sample > 0 {
		v.Sample, v.How.Sampling = 2*v.Value*s.norm.Sample/s.norm.Value, s.norm.How.Sampling
	}
	return []run.Value{v}
}
