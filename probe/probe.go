package probe

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"time"

	"breakeven/curvature"
	"breakeven/nn"
	"breakeven/rng"
	"breakeven/run"

	"gonum.org/v1/gonum/mat"
)

// A Probe is one kind of measurement, and all that others need to know of it.
type Probe struct {
	Name    string
	Doc     string    // one line
	Keys    []run.Key // what it makes: rows of run.Keys, or keys of its own
	Default bool      // measured when a spec names no probes
	Asked   bool      // measured only where it is named, not by those who measure everything

	// With is the probe whose findings it uses: whoever measures not all probes at each step measures
	// it together with that one. "": none.
	With string

	Curvature bool // it makes products with the curvature of the measurement set
	Batches   bool // it reads Subject.Batches
	// Sharp reports whether it reads Subject.Sharp. Nil: no.
	Sharp  func(net *nn.Network) bool
	Slopes bool // of Subject.Sharp it needs gradients alone
	// Lacks says why a network has nothing to measure here, or "". Nil: every network has.
	Lacks func(net *nn.Network) string

	// Cost is about the work, in gradients of the measurement set.
	Cost func(s Sizes) float64
	// Memory is what it takes. Nil: nothing that counts.
	Memory func(net *nn.Network, s Sizes) Need
	// Measure measures at the Subject's point. What is not defined there it leaves out, with
	// the reason in Subject.Omitted.
	Measure func(s *Subject) ([]run.Value, error)
}

// All lists the probes in the order in which they are measured: later ones use
// what earlier ones have found.
var All = []Probe{lossProbe, covarianceProbe, noiseProbe, examplesProbe, hessianProbe, endsProbe, edgeProbe, stabilityProbe, noiseAxisProbe, stepProbe, oscillationProbe, criticalProbe,
	sharpnessProbe, gapProbe, overlapProbe, batchProbe, gaussNewtonProbe, traceProbe, densityProbe, fisherProbe, kernelProbe, driftProbe, normProbe,
	carrierProbe, otherKeysProbe, predictionsProbe, layerNoiseProbe, layerTraceProbe, layerHessianProbe}

// named returns rows of run.Keys.
func named(names ...string) []run.Key {
	var keys []run.Key
	for _, name := range names {
		k, ok := run.LookupKey(name)
		if !ok {
			panic("probe: no row of run.Keys is called " + name)
		}
		keys = append(keys, k)
	}
	return keys
}

// Keys returns all record keys: the rows of run.Keys, and then those that probes have of
// their own.
func Keys() []run.Key {
	keys := slices.Clone(run.Keys)
	for _, p := range All {
		for _, k := range p.Keys {
			if !slices.ContainsFunc(keys, func(other run.Key) bool { return other.Name == k.Name }) {
				keys = append(keys, k)
			}
		}
	}
	return keys
}

// LookupKey returns the record key of the given name.
func LookupKey(name string) (run.Key, bool) {
	keys := Keys()
	i := slices.IndexFunc(keys, func(k run.Key) bool { return k.Name == name })
	if i < 0 {
		return run.Key{}, false
	}
	return keys[i], true
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
	Layers  []Layer            // of the network, for what is measured in each
	Kernel  curvature.Set      // the examples of the tangent kernel
	Metrics []string           // keys of the metrics of Problem, in their order
	// Valid evaluates the network on the validation data. Nil if there are none.
	Valid func() (Evaluation, error)
	// Predict returns what the network predicts for the first of the validation data, so many numbers at
	// most: probabilities of classes under the cross-entropy, outputs otherwise. Nil if there are none.
	Predict func(most int) ([]float32, error)
	// Test does so on the test data. Nil unless a task evaluates them along a run.
	Test func() (Evaluation, error)
	// Own returns what the task measures itself. Nil: nothing.
	Own func() ([]run.Value, error)
	// Other evaluates on the validation data what someone with another key reads in the weights of
	// secret networks: key number r of a sequence. Nil if there are no secret networks.
	Other func(r int) (Evaluation, error)
	// Next returns the parameters after the next training step. Nil where
	// there is no training.
	Next func() ([]float32, error)
	// Preconditioner returns what the next training step multiplies gradients by, and Bound the
	// largest eigenvalue at which its method is stable, if that is known. Nil where there is no training.
	Preconditioner func() (curvature.Preconditioner, error)
	Bound          func() (float64, bool)
	LR             float64 // η of Eq. 1
	Size           int     // S of Eq. 1: training batch
	N              int     // N of Eq. 1: training examples
	Step           int
	Seed           uint64
	Tol            float64 // relative, of eigenvalues
	// MaxProducts bounds Lanczos. Zero: the default of package spectrum.
	MaxProducts int
	// Warm are starting vectors for the Hessian's eigenvectors: those found at
	// the last measurement. The probes replace them, and believe them only where
	// they are still near.
	Warm [][]float32
	// Start returns the parameters of step 0. Nil where there is no such step.
	Start func() []float32
	// Doing, if not nil, is told which probe begins.
	Doing func(probe string)
	// Omitted are the keys that Measure has left out, and why.
	Omitted []run.Omission

	stop  func() error // of the context
	norm  run.Value    // ‖g‖; zero: not measured
	k     *curvature.Covariance
	k1    *curvature.ExampleGram
	eigen *found
	along *scatter // the curvatures along its first vector

	// Of step 0, for all later ones.
	first  []float32     // parameters
	kernel *mat.SymDense // tangent kernel
}

// An Evaluation is what the network does on some examples.
type Evaluation struct {
	Loss      float64   // mean
	LossError float64   // its sampling error
	Metrics   []float64 // means, in the order of Subject.Metrics
	Errors    []float64 // their sampling errors; nil: not known
	Examples  int
}

// Measure runs the probes one after the other, and returns what they found. When
// ctx ends, so does what is under way, and Measure returns the error of ctx, wrapped,
// and the values of the probes before; the Problem is then at no point, and asks ctx
// until its next SetStop. What is not defined at this point is in s.Omitted.
func Measure(ctx context.Context, s *Subject, probes []Probe) ([]run.Value, error) {
	s.stop, s.Omitted = ctx.Err, nil
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
		vs, err := p.Measure(s)
		if err != nil {
			return all, fmt.Errorf("probe %s at step %d: %w", p.Name, s.Step, err)
		}
		seconds := time.Since(start).Seconds()
		for _, v := range vs {
			if math.IsNaN(v.Value) && v.Key != "loss" {
				s.omit("it is not a number here", v.Key)
				continue
			}
			v.How.Probe, v.How.Seconds = p.Name, seconds
			if k, ok := p.key(v.Key); ok {
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

// key returns the key of a name among those that a probe makes.
func (p Probe) key(name string) (run.Key, bool) {
	i := slices.IndexFunc(p.Keys, func(k run.Key) bool { return k.Name == name })
	if i < 0 {
		return run.Key{}, false
	}
	return p.Keys[i], true
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
	residualOnly  = "residual"
	standardError = "standard error"
	jackknifed    = "jackknife standard error"
	bracket       = "half bracket"
	propagated    = "propagated"
)

// Forget drops what the probes found at the last point, except Warm. Call it
// before measuring another point.
func (s *Subject) Forget() {
	s.norm, s.k, s.k1, s.eigen, s.along = run.Value{}, nil, nil, nil, nil
}
