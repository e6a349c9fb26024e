package curvature

import (
	"gonum.org/v1/gonum/mat"

	"breakeven/nn"
	"breakeven/tensor"
)

// ExampleCovariance returns K of the gradients of single examples at theta
// (M = 1), through inner products made layer by layer: the N gradients are never
// held. It compiles a plan for N examples of its own.
func ExampleCovariance(net *nn.Network, set Set, theta []float32, loss nn.Loss) (*ExampleGram, error) {
	n := set.N
	plan := net.Compile(nn.Settings{Batch: n, Loss: loss, Adjoints: true})
	plan.SetParams(theta)
	plan.Forward(set)
	plan.Adjoints(nil, 1, false)
	e := &ExampleGram{Covariance: Covariance{L: n, M: 1, Inner: make([]float64, n*n)}, plan: plan}
	plan.ExampleGram(e.Inner)
	return e, e.solve()
}

// ExampleMemory returns the bytes that ExampleCovariance needs for n examples:
// the plan, and the larger of what the inner products and what the eigenvectors
// take.
func ExampleMemory(net *nn.Network, n int) int64 {
	matrix := 8 * int64(n) * int64(n)
	return net.Memory(nn.Settings{Batch: n, Adjoints: true}) + matrix + max(net.ExampleGramMemory(n), 3*matrix)
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
	plan := net.Compile(nn.Settings{Batch: set.N, Adjoints: true})
	plan.SetParams(theta)
	plan.Forward(set)
	m := set.N * outputs(net)
	k := make([]float64, m*m)
	plan.OutputGram(k)
	return mat.NewSymDense(m, k)
}

// outputs returns how many numbers all outputs of an example have.
func outputs(net *nn.Network) int {
	n := 0
	for _, o := range net.Outputs() {
		n += o.Shape.Size()
	}
	return n
}

// TangentKernelMemory returns the bytes that TangentKernel needs for n examples.
func TangentKernelMemory(net *nn.Network, n int) int64 {
	m := int64(n * outputs(net))
	return net.Memory(nn.Settings{Batch: n, Adjoints: true}) + 8*m*m + net.OutputGramMemory(n)
}
