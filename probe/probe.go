package probe

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"time"

	"breakeven/curvature"
	"breakeven/nn"
	"breakeven/rng"
	"breakeven/run"
	"breakeven/spectrum"
)

// A Probe is one kind of measurement.
type Probe struct {
	Name string
	Doc  string   // one line
	Keys []string // record keys that it makes
	// Cost is the work in gradients of the measurement set, for progress bars.
	Cost    float64
	Default bool // measured when a spec names no probes
	measure func(*Subject) ([]run.Value, error)
}

// All lists the probes in the order in which they are measured: later ones use
// what earlier ones have found.
var All = []Probe{
	{"loss", "loss, accuracy and gradient norm", []string{"loss", "accuracy", "absolute_error", "valid_loss", "valid_accuracy", "valid_absolute_error", "grad_norm"}, 2, true, loss},
	{"k", "covariance of minibatch gradients", []string{"k_max", "k_min", "k_trace", "k_rank", "k_condition", "topspace"}, 1.5, true, covariance},
	{"examples", "covariance of per-example gradients", []string{"k_example_max", "k_example_min", "k_example_trace", "k_example_rank", "k_example_condition", "noise_scale"}, 1, false, examples},
	{"h", "largest eigenvalue of the Hessian", []string{"h_max", "alignment", "alignment_example"}, 10, true, hessian},
	{"h5", "both ends of the Hessian's spectrum", []string{"h_max", "h_top5", "h_condition5", "h_min", "alignment", "alignment_example"}, 120, false, hessianEnds},
	{"stability", "left side of Eq. 1 and what it predicts", []string{"curvature_variance", "stability", "predicted_h_max"}, 1, true, stability},
	{"step", "multiple of the training step that raises the loss by 20 %", []string{"step_margin"}, 1, true, stepMargin},
	{"sharpness", "curvature of minibatches along their own gradients", []string{"batch_sharpness"}, 2, true, sharpness},
	{"ggn", "largest eigenvalue of the Gauss-Newton matrix", []string{"ggn_max"}, 10, false, gaussNewton},
	{"trace", "trace of the Hessian by Hutch++", []string{"h_trace"}, 60, false, trace},
	{"density", "spectral density of the Hessian by stochastic Lanczos quadrature", []string{"h_density"}, 120, false, density},
	{"ntk", "neural tangent kernel of a few examples", []string{"ntk_max", "ntk_trace"}, 1, false, tangentKernel},
	{"bn", "scale of the last batch norm", []string{"bn_scale"}, 0.01, true, normScale},
}

// Names returns the names of all probes.
func Names() []string {
	names := make([]string, len(All))
	for i, p := range All {
		names[i] = p.Name
	}
	return names
}

// Defaults returns the names of the probes of a spec that names none.
func Defaults() []string {
	var names []string
	for _, p := range All {
		if p.Default {
			names = append(names, p.Name)
		}
	}
	return names
}

// Select returns the named probes in their fixed order.
func Select(names []string) ([]Probe, error) {
	var ps []Probe
	for _, n := range names {
		if !slices.Contains(Names(), n) {
			return nil, fmt.Errorf("unknown probe %q: use some of %s", n, strings.Join(Names(), ", "))
		}
	}
	for _, p := range All {
		if slices.Contains(names, p.Name) && !(p.Name == "h" && slices.Contains(names, "h5")) {
			ps = append(ps, p)
		}
	}
	return ps, nil
}

// A Subject is a network at one point of its trajectory, and what is needed to
// measure it.
type Subject struct {
	Net     *nn.Network
	Loss    nn.Loss
	Theta   []float32
	Problem *curvature.Problem // the measurement set, at Theta
	Batches []curvature.Set    // the L minibatches of K
	Sharp   []curvature.Set    // the minibatches of batch_sharpness, of the training size
	Single  curvature.Set      // the examples of the per-example K
	Kernel  curvature.Set      // the examples of the tangent kernel
	Metrics []string           // keys of the metrics of Problem, in their order
	// Valid evaluates the network on the validation data. Nil if there are none.
	Valid func() (Evaluation, error)
	// Next returns the parameters after the next training step. Nil where
	// there is no training.
	Next func() ([]float32, error)
	LR   float64 // η of Eq. 1
	Size int     // S of Eq. 1: training batch
	N    int     // N of Eq. 1: training examples
	Step int
	Seed uint64
	Tol  float64 // relative, of eigenvalues
	// MaxProducts bounds Lanczos. Zero: the default of package spectrum.
	MaxProducts int
	// Warm are starting vectors for the Hessian's eigenvectors: those found at
	// the last measurement. The probes replace them, and believe them only where
	// they are still near.
	Warm [][]float32
	// Doing, if not nil, is told which probe begins.
	Doing func(probe string)

	stop  func() error // of the context
	k     *curvature.Covariance
	k1    *curvature.ExampleGram
	eigen *spectrum.Result
}

// An Evaluation is what the network does on some examples.
type Evaluation struct {
	Loss     float64   // mean
	Metrics  []float64 // means, in the order of Subject.Metrics
	Examples int
}

// Measure runs the probes one after the other, and returns what they found. When
// ctx ends, so does what is under way, and Measure returns the error of ctx, wrapped,
// and the values of the probes before. The Problem is then at no point, and asks ctx
// until its next SetStop.
func Measure(ctx context.Context, s *Subject, probes []Probe) ([]run.Value, error) {
	s.stop = ctx.Err
	s.Problem.SetStop(s.stop)
	var all []run.Value
	for _, p := range probes {
		if err := ctx.Err(); err != nil {
			return all, err
		}
		if s.Doing != nil {
			s.Doing(p.Name)
		}
		start := time.Now()
		runtime.GC() // what the last probe has left behind makes room for this one
		vs, err := p.measure(s)
		if err != nil {
			return all, fmt.Errorf("probe %s at step %d: %w", p.Name, s.Step, err)
		}
		seconds := time.Since(start).Seconds()
		for _, v := range vs {
			if math.IsNaN(v.Value) && v.Key != "loss" {
				continue // not defined here: the ranks of a covariance that is zero
			}
			v.How.Probe, v.How.Seconds = p.Name, seconds
			if k, ok := run.LookupKey(v.Key); ok {
				v.Unit = k.Unit
			}
			all = append(all, v)
		}
		if !finite(vs) {
			return all, nil // diverged: later probes would fail
		}
	}
	return all, nil
}

// finite reports whether the loss, if it is among the values, is a number.
func finite(vs []run.Value) bool {
	for _, v := range vs {
		if v.Key == "loss" && (math.IsNaN(v.Value) || math.IsInf(v.Value, 0)) {
			return false
		}
	}
	return true
}

// stream returns the random stream of one use at this step.
func (s *Subject) stream(use string) *rng.Stream {
	return rng.New(s.Seed, fmt.Sprintf("probe/%s/%d", use, s.Step))
}

// The kinds of error that a value can carry.
const (
	residualBound = "residual bound"
	standardError = "standard error"
	jackknifed    = "jackknife standard error"
	bracket       = "half bracket"
	propagated    = "propagated"
)

// Forget drops what the probes found at the last point, except Warm. Call it
// before measuring another point.
func (s *Subject) Forget() { s.k, s.k1, s.eigen = nil, nil, nil }
