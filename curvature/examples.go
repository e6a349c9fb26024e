package curvature

import (
	"gonum.org/v1/gonum/mat"

	"breakeven/nn"
	"breakeven/spectrum"
	"breakeven/tensor"
)

// ExampleCovariance returns K of the gradients of single examples at theta (M = 1), whose mean is
// that of the mean loss, as in [Problem.Slopes]. Their inner products are made layer by layer: the N
// gradients are never held. It compiles a plan for N examples. It and Top ask stop, which may be nil, as in [Problem.SetStop].
func ExampleCovariance(net *nn.Network, set Set, theta []float32, loss nn.Loss, stop func() error) (*ExampleGram, error) {
	return exampleCovariance(examplePlan(net, set.N, loss), set, theta, stop)
}

// ExampleCovariance is the function of that name at the parameters of the last At. Its plan is
// used again by the next ExampleCovariance: call Top before that.
func (p *Problem) ExampleCovariance(set Set) (*ExampleGram, error) {
	if p.examples == nil || p.examples.Batch() != set.N {
		p.examples = examplePlan(p.net, set.N, p.loss)
	}
	return exampleCovariance(p.examples, set, p.theta, p.stop)
}

func examplePlan(net *nn.Network, n int, loss nn.Loss) *nn.Plan {
	return net.Compile(nn.Settings{Batch: n, Loss: loss, Adjoints: true})
}

func exampleCovariance(plan *nn.Plan, set Set, theta []float32, stop func() error) (*ExampleGram, error) {
	plan.SetStop(stop)
	plan.SetParams(theta)
	plan.Forward(set)
	plan.Adjoints(nil, float64(set.N)/plan.Network().Weight(set), false)
	e := &ExampleGram{Covariance: Covariance{L: set.N, M: 1, Inner: make([]float64, set.N*set.N)}, plan: plan}
	plan.ExampleGram(e.Inner)
	if err := plan.Err(); err != nil {
		return nil, err
	}
	return e, e.solve(topVectors, stop)
}

// ExampleMemory returns the bytes that ExampleCovariance keeps for n examples (the plan and the
// inner products) and those that it needs besides while it works: the centred matrix and its
// spectrum.
func ExampleMemory(net *nn.Network, n int) (kept, work int64) {
	matrix := 8 * int64(n) * int64(n)
	return net.Memory(nn.Settings{Batch: n, Adjoints: true}) + net.ExampleGramMemory(n) + matrix, matrix + spectrum.GramBytes(n)
}

// An ExampleGram is the Covariance of the gradients of single examples.
type ExampleGram struct {
	Covariance
	plan *nn.Plan
}

// Top sets dst to the eigenvector k < 5 of K, of unit length: the normalised gradient of the
// loss weighted by the Gram matrix's eigenvector u.
func (e *ExampleGram) Top(dst []float32, k int) error {
	return e.Direction(dst, mat.Col(nil, k, e.Vectors))
}

// Direction sets dst to Σ_i u_i g_i, normalised.
func (e *ExampleGram) Direction(dst []float32, u []float64) error {
	e.plan.WeightedGradient(dst, u)
	tensor.Scale(dst, float32(1/tensor.Norm(dst)))
	return e.plan.Err()
}
