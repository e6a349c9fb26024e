package curvature

import (
	"gonum.org/v1/gonum/mat"

	"breakeven/nn"
	"breakeven/spectrum"
	"breakeven/tensor"
)

// ExampleCovariance returns K of the gradients of single examples at theta
// (M = 1), through inner products made layer by layer: the N gradients are never
// held. It compiles a plan for N examples of its own.
func ExampleCovariance(net *nn.Network, set Set, theta []float32, loss nn.Loss) (*ExampleGram, error) {
	return exampleCovariance(examplePlan(net, set.Len(), loss), set, theta)
}

// ExampleCovariance is the function of that name at the parameters of the last At.
// The problem keeps the plan for its next ExampleCovariance: Top is for before
// that.
func (p *Problem) ExampleCovariance(set Set) (*ExampleGram, error) {
	if p.examples == nil || p.examples.Batch() != set.Len() {
		p.examples = examplePlan(p.net, set.Len(), p.loss)
	}
	return exampleCovariance(p.examples, set, p.theta)
}

func examplePlan(net *nn.Network, n int, loss nn.Loss) *nn.Plan {
	return net.Compile(nn.Settings{Batch: n, Loss: loss, Adjoints: true})
}

func exampleCovariance(plan *nn.Plan, set Set, theta []float32) (*ExampleGram, error) {
	n := set.Len()
	plan.SetParams(theta)
	plan.Forward(set.X, set.Y)
	plan.Adjoints(nil, 1, false)
	e := &ExampleGram{Covariance: Covariance{L: n, M: 1, Inner: make([]float64, n*n)}, plan: plan}
	plan.ExampleGram(e.Inner)
	return e, e.solve()
}

// ExampleMemory returns the bytes that ExampleCovariance keeps for n examples, the
// plan and two matrices, and what it takes besides while it works.
func ExampleMemory(net *nn.Network, n int) (kept, work int64) {
	matrix := 8 * int64(n) * int64(n)
	plan := net.Memory(nn.Settings{Batch: n, Adjoints: true}) + net.ExampleGramMemory(n)
	return plan + 2*matrix, spectrum.GramBytes(n)
}

// An ExampleGram is the Covariance of the gradients of single examples.
type ExampleGram struct {
	Covariance
	plan *nn.Plan
}

// Top sets dst to the eigenvector k of K, of unit length: the gradient of the
// loss weighted by u.
func (e *ExampleGram) Top(dst []float32, k int) {
	u := make([]float64, e.L)
	for i := range u {
		u[i] = e.Vectors.At(i, k)
	}
	e.plan.WeightedGradient(dst, u)
	tensor.Scale(dst, float32(1/tensor.Norm(dst)))
}

// TangentKernel returns the empirical neural tangent kernel Θ = J Jᵀ of the
// outputs on n examples, (n·classes)×(n·classes), row classes·example + class.
func TangentKernel(net *nn.Network, set Set, theta []float32) *mat.SymDense {
	plan := net.Compile(nn.Settings{Batch: set.Len(), Adjoints: true})
	plan.SetParams(theta)
	plan.Forward(set.X, set.Y)
	m := set.Len() * net.Output().Size()
	k := make([]float64, m*m)
	plan.OutputGram(k)
	return mat.NewSymDense(m, k)
}

// TangentKernelMemory returns the bytes that TangentKernel needs for n examples.
func TangentKernelMemory(net *nn.Network, n int) int64 {
	m := int64(n * net.Output().Size())
	return net.Memory(nn.Settings{Batch: n, Adjoints: true}) + 8*m*m + net.OutputGramMemory(n)
}
