package curvature

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"breakeven/nn"
)

// TangentKernel returns the empirical neural tangent kernel Θ = J Jᵀ of the outputs on n
// examples, (n·classes)×(n·classes), row classes·example + class. It asks stop, which may be
// nil, as in [Problem.SetStop].
func TangentKernel(net *nn.Network, set Set, theta []float32, stop func() error) (*mat.SymDense, error) {
	plan := net.Compile(nn.Settings{Batch: set.N, Adjoints: true})
	plan.SetStop(stop)
	plan.SetParams(theta)
	plan.Forward(set)
	m := set.N * outputs(net)
	k := make([]float64, m*m)
	plan.OutputGram(k)
	return mat.NewSymDense(m, k), plan.Err()
}

// outputs returns how many numbers the outputs of an example have together.
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

// Traced returns the mean over outputs of the kernels that each output has with itself, n×n:
// the trace of the blocks of a TangentKernel over its outputs, divided by their number.
func Traced(k mat.Symmetric, outputs int) *mat.SymDense {
	mean := mat.NewSymDense(examplesOf(k, outputs), nil)
	for c := range outputs {
		mean.AddSym(mean, OfOutput(k, outputs, c))
	}
	mean.ScaleSym(1/float64(outputs), mean)
	return mean
}

// OfOutput returns the kernel of one output, a class for example, with itself: n×n numbers of
// a TangentKernel.
func OfOutput(k mat.Symmetric, outputs, c int) *mat.SymDense {
	if c < 0 || c >= outputs {
		panic(fmt.Sprintf("curvature: output %d of %d", c, outputs))
	}
	own := mat.NewSymDense(examplesOf(k, outputs), nil)
	for i := range own.SymmetricDim() {
		for j := range i + 1 {
			own.SetSym(i, j, k.At(i*outputs+c, j*outputs+c))
		}
	}
	return own
}

// examplesOf returns the number of examples of a TangentKernel.
func examplesOf(k mat.Symmetric, outputs int) int {
	n := k.SymmetricDim()
	if outputs < 1 || n%outputs != 0 {
		panic(fmt.Sprintf("curvature: a tangent kernel of %d rows for %d outputs", n, outputs))
	}
	return n / outputs
}

// Change returns ‖k − k₀‖/‖k₀‖ in the Frobenius norm: how far a kernel has moved from another.
func Change(k, from mat.Symmetric) float64 {
	n := from.SymmetricDim()
	if k.SymmetricDim() != n {
		panic(fmt.Sprintf("curvature: kernels of %d and %d rows", k.SymmetricDim(), n))
	}
	moved, norm := 0.0, 0.0
	for i := range n {
		for j := range n {
			d := k.At(i, j) - from.At(i, j)
			moved += d * d
			norm += from.At(i, j) * from.At(i, j)
		}
	}
	return math.Sqrt(moved / norm)
}

// Linearized returns the outputs on n examples of the network that is linear in its
// parameters, f(θ₀) + J(θ − θ₀), n×outputs: what a network is that learns with a constant
// tangent kernel. It asks stop, which may be nil, as in [Problem.SetStop].
func Linearized(net *nn.Network, set Set, from, theta []float32, stop func() error) (*mat.Dense, error) {
	plan := net.Compile(nn.Settings{Batch: set.N, Tangents: true})
	plan.SetStop(stop)
	plan.SetParams(from)
	step := make([]float32, len(from))
	for i, v := range theta {
		step[i] = v - from[i]
	}
	plan.SetTangent(step)
	plan.Forward(set)
	f := make([]float64, 0, set.N*outputs(net))
	tangent := plan.JacVec()
	for i, v := range plan.Outputs() {
		f = append(f, float64(v)+float64(tangent[i]))
	}
	return mat.NewDense(set.N, len(f)/set.N, f), plan.Err()
}
