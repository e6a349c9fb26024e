package trial

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"

	"breakeven/hierarchy"
	"breakeven/internal/digits"
	"breakeven/run"
	"breakeven/tensor"
)

// The fields of kind hierarchy.
var (
	tangentSource = run.Field{Name: "source", Default: "sphere", Choices: []string{"sphere", "data"},
		Doc: "of the points: sphere, uniform on the unit sphere with random labels ±1; data: examples of two classes of --data, centred and scaled to length 1, with labels ±1"}
	tangentPoints = run.Field{Name: "points", Default: 8, Check: run.Between(1, 1<<12),
		Doc: "training points n"}
	tangentTests = run.Field{Name: "test_points", Default: 0, Check: run.Between(0, 1<<16),
		Doc: "test points, which stand in the first slot of kernels alone"}
	tangentDimension = run.Field{Name: "dimension", Default: 8, Check: run.Between(2, 1<<16),
		Doc: "of the sphere: inputs of the network"}
	tangentClasses = run.Field{Name: "classes", Default: []int{0, 1}, Check: checkClasses,
		Doc: "the two labels of --data that become −1 and 1"}
	tangentWidth = run.Field{Name: "hidden_width", Default: 64, Unit: "units", Check: run.Between(1, 1<<14),
		Doc: "width m of each hidden layer"}
	tangentDepth = run.Field{Name: "hidden_layers", Default: 2, Unit: "layers", Check: run.Between(1, 64),
		Doc: "number H of hidden layers"}
	tangentActivation = run.Field{Name: "nonlinearity", Default: "tanh", Check: checkActivation,
		Doc: "smooth activation: tanh, erf, softplus, sigmoid, sin, identity or gelu"}
	tangentDraw = run.Field{Name: "draw", Default: "gaussian", Choices: []string{"gaussian", "orthogonal"},
		Doc: "initial weights of variance 1: gaussian, or orthogonal and scaled"}
	tangentNetworks = run.Field{Name: "networks", Default: 1, Check: run.Between(1, 1<<16),
		Doc: "networks drawn one after the other, on the same points: a record for each"}
	tangentLevel = run.Field{Name: "level", Default: 4, Check: run.Between(2, 8),
		Doc: "highest level of the truncated hierarchy; all from 2 on are integrated"}
	tangentOrder = run.Field{Name: "order", Default: 0, Check: run.Between(0, 10),
		Doc: "highest order of the kernels whose size is measured; 0: the level"}
	tangentTime = run.Field{Name: "flow_time", Default: 1.0, Check: checkPositive,
		Doc: "end of the flow"}
	tangentTimes = run.Field{Name: "times", Default: 8, Check: run.Between(1, 64),
		Doc: "times at which it is looked at besides 0; each is half of the next"}
	tangentTolerance = run.Field{Name: "flow_tolerance", Default: 1e-10, Check: checkFlowTolerance,
		Doc: "error allowed in a step of the flow, relative to the largest output and kernel"}
	tangentRate = run.Field{Name: "rate", Default: 0.0, Check: checkRate,
		Doc: "learning rate of gradient descent, which is compared with the flow; 0: none"}
)

var hierarchyFields = []run.Field{tangentSource, tangentPoints, tangentTests, tangentDimension, tangentClasses, tangentWidth, tangentDepth,
	tangentActivation, tangentDraw, tangentNetworks, tangentLevel, tangentOrder, tangentTime, tangentTimes, tangentTolerance, tangentRate}

// hierarchyLacks are the fields of training by examples.
var hierarchyLacks = slices.Concat(untrained, unmeasured,
	[]string{"train", "valid", "preprocess", "model", "init", "loss", "lr", "epochs", "steps", "every", "overhead"})

// hierarchyIdle returns the fields that the source of the points does not read.
func hierarchyIdle(s run.Spec) (fields []string, beside string) {
	if tangentSource.Word(s) == "data" {
		return []string{"dimension"}, "source data"
	}
	return []string{"data", "classes"}, "source sphere"
}

func checkClasses(f run.Field, s run.Spec, _ run.Known) string {
	if c := f.Ints(s); len(c) != 2 || c[0] == c[1] || c[0] < 0 || c[1] < 0 {
		return fmt.Sprintf("give two different labels such as 0,1, not %v", c)
	}
	return ""
}

func checkActivation(f run.Field, s run.Spec, _ run.Known) string {
	if _, err := hierarchy.ActivationNamed(f.Word(s)); err != nil {
		return strings.TrimPrefix(err.Error(), "hierarchy: ")
	}
	return ""
}

func checkPositive(f run.Field, s run.Spec, _ run.Known) string {
	if v := f.Float(s); !(v > 0) || math.IsInf(v, 0) {
		return fmt.Sprintf("must be a positive number, not %v", v)
	}
	return ""
}

func checkFlowTolerance(f run.Field, s run.Spec, _ run.Known) string {
	if v := f.Float(s); !(v >= 1e-14 && v <= 0.1) {
		return fmt.Sprintf("must lie between 1e-14, which is what rounding leaves, and 0.1, not %v", v)
	}
	return ""
}

// mostSteps bounds the steps of a descent.
const mostSteps = 1e7

func checkRate(f run.Field, s run.Spec, _ run.Known) string {
	v := f.Float(s)
	if !(v >= 0) || math.IsInf(v, 0) {
		return fmt.Sprintf("must be a number of 0 or more, not %v", v)
	}
	if t := tangentTime.Float(s); v > 0 && !(t/v <= mostSteps) {
		return fmt.Sprintf("%v takes more than %.0e steps to time %v; take a larger one", v, float64(mostSteps), t)
	}
	return ""
}

// A tangents is a trial of kind hierarchy: networks of Huang and Yau on the same points,
// their kernels of higher order, the truncated hierarchy beside exact gradient flow.
type tangents struct {
	spec     run.Spec
	shape    hierarchy.Shape
	points   hierarchy.Points
	y        []float64
	labels   []float64 // of the test points; none on the sphere
	times    []float64
	steps    int // allowed in a flow; 0: the library's
	together int // networks that are measured at the same time
	warnings []string
}

func openHierarchy(ctx context.Context, s run.Spec, env Env) (Job, error) {
	if err := s.Check(hierarchyFields); err != nil {
		return nil, err
	}
	t := &tangents{spec: s, times: halvings(tangentTime.Float(s), tangentTimes.Int(s))}
	if err := t.readPoints(ctx, env.DataDir); err != nil {
		return nil, err
	}
	activation, err := hierarchy.ActivationNamed(tangentActivation.Word(s))
	if err != nil {
		return nil, err
	}
	t.shape = hierarchy.Shape{Inputs: len(t.points.Train[0]), Width: tangentWidth.Int(s), Depth: tangentDepth.Int(s), Activation: activation}
	if err := hierarchy.Check(t.shape, t.points, t.order(), t.options(ctx)); err != nil {
		return nil, err
	}
	t.together = 1
	if bytes(t.Memory()) < smallNetwork {
		t.together = tensor.Workers()
	}
	return t, nil
}

// smallNetwork is the memory below which networks are measured at the same time: the work on
// one is then too little for several cores.
const smallNetwork = 64 << 20

func bytes(parts []Memory) (sum int64) {
	for _, p := range parts {
		sum += p.Bytes
	}
	return sum
}

// halvings returns 0 and count times, the last one end, each half of the next.
func halvings(end float64, count int) []float64 {
	times := make([]float64, count+1)
	for i := range count {
		times[count-i] = math.Ldexp(end, -i)
	}
	return times
}

func (t *tangents) level() int { return tangentLevel.Int(t.spec) }

// order is the highest order of the kernels.
func (t *tangents) order() int { return max(t.level(), tangentOrder.Int(t.spec)) }

// mostKernels bounds the memory of kernels. What the machine has is for others to ask.
const mostKernels = 64 << 30

func (t *tangents) options(ctx context.Context) *hierarchy.Options {
	return &hierarchy.Options{Limit: mostKernels, Stop: ctx.Err}
}

// Plan returns what the trial will do.
func (t *tangents) Plan() Plan {
	s, n := t.spec, tangentNetworks.Int(t.spec)
	where := fmt.Sprintf("the unit sphere in %d dimensions", t.shape.Inputs)
	if tangentSource.Word(s) == "data" {
		c := tangentClasses.Ints(s)
		where = fmt.Sprintf("%s, classes %d and %d", s.Data, c[0], c[1])
	}
	flow := fmt.Sprintf("to time %v, levels 2 to %d beside gradient flow", tangentTime.Float(s), t.level())
	if rate := tangentRate.Float(s); rate > 0 {
		flow += fmt.Sprintf(" and gradient descent at rate %v", rate)
	}
	each := float64(t.shape.Params())*float64(len(t.y))*1000 + math.Pow(float64(len(t.y)), float64(t.order()))*float64(t.shape.Width)
	return Plan{Spec: s, Steps: n, PerEpoch: 1, Train: len(t.points.Train), Valid: len(t.points.Test), Params: t.shape.Params(), Work: float64(n) * each,
		About: []Line{
			{"network", fmt.Sprintf("x^(ℓ) = σ(W x^(ℓ−1))/√m: %s, width %d, %d hidden layers, %s parameters, %s weights", t.shape.Activation.Name,
				t.shape.Width, t.shape.Depth, digits.Thousands(t.shape.Params()), tangentDraw.Word(s))},
			{"points", fmt.Sprintf("%s for training, %s for the test, of %s", digits.Thousands(len(t.points.Train)), digits.Thousands(len(t.points.Test)), where)},
			{"flow", flow},
			{"measures", fmt.Sprintf("kernels up to order %d of %s networks, seed %d", t.order(), digits.Thousands(n), s.Seed)},
		}, Warnings: t.warnings}
}

// Memory lists what Run takes.
func (t *tangents) Memory() []Memory { return t.memory(len(t.points.Train)) }

// Fitting says what would fit where this does not, "" if nothing would.
func (t *tangents) Fitting(fits func([]Memory) bool) string { return t.fitting(t.memory, fits) }

// fitting says how many training points would fit, by the memory of so many.
func (t *tangents) fitting(memory func(n int) []Memory, fits func([]Memory) bool) string {
	n := sort.Search(len(t.y), func(n int) bool { return !fits(memory(n + 1)) })
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d training points would fit", n)
}

// memory lists what Run takes with n training points.
func (t *tangents) memory(n int) []Memory {
	q := len(t.points.Test)
	var kernels int64
	for _, part := range hierarchy.Plan(t.shape, n, q, t.order(), nil) {
		kernels += part.Bytes
	}
	params, moving, pairs := int64(t.shape.Params()), int64(math.Pow(float64(n), float64(t.level()-1))), int64(n*(n+q))
	each := 8 * int64(max(1, t.together))
	return []Memory{
		{"points", 8 * int64((n+q)*t.shape.Inputs)},
		{"kernels", each / 8 * kernels},
		{"flow of the network", each * 15 * params},
		{"truncated flow", each * 14 * moving},
		{"snapshots", each * pairs * int64(len(t.times)) * 3},
	}
}
