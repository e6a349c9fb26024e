package curvature

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"breakeven/nn"
	"breakeven/spectrum"
	"breakeven/tensor"
)

// A Covariance is K = (1/L) Σ (g_i − ḡ)(g_i − ḡ)ᵀ of L gradients, with the
// spectrum of the L×L Gram matrix ⟨g_i − ḡ, g_j − ḡ⟩/L, which has the same
// eigenvalues that are not zero (Jastrzębski et al. 2020, App. C).
type Covariance struct {
	L, M int // gradients, and examples in each
	*spectrum.Gram
	Inner     []float64 // ⟨g_i, g_j⟩ before centring, L×L
	gradients [][]float32
}

// Covariance returns K of the mean-loss gradients of the given batches, at the
// parameters of the last At. Batches are of at most Settings.Chunk examples.
func (p *Problem) Covariance(batches []Set) (*Covariance, error) {
	c := &Covariance{L: len(batches), M: batches[0].Len()}
	for _, b := range batches {
		g := make([]float32, p.net.Dim())
		p.batch(b, g)
		c.gradients = append(c.gradients, g)
	}
	c.Inner = make([]float64, c.L*c.L)
	tensor.Parallel(c.L, func(i, _ int) {
		for j := range i + 1 {
			v := tensor.Dot(c.gradients[i], c.gradients[j])
			c.Inner[i*c.L+j], c.Inner[j*c.L+i] = v, v
		}
	})
	return c, c.solve()
}

// solve centres, scales by 1/L and diagonalises the Gram matrix.
func (c *Covariance) solve() (err error) {
	g := mat.NewSymDense(c.L, append([]float64(nil), c.Inner...))
	spectrum.Centre(g)
	g.ScaleSym(1/float64(c.L), g)
	c.Gram, err = spectrum.GramSpectrum(g)
	return err
}

// Top sets dst to the eigenvector k of K, of unit length:
// e = Σ_i u_i (g_i − ḡ), normalised.
func (c *Covariance) Top(dst []float32, k int) {
	clear(dst)
	for i, g := range c.gradients { // Σ u_i = 0, so that ḡ drops out
		tensor.Axpy(dst, float32(c.Vectors.At(i, k)), g)
	}
	tensor.Scale(dst, float32(1/tensor.Norm(dst)))
}

// TopSpace returns the mean over the gradients of ‖g_i‖/‖P g_i‖, with P the
// projection on the k top eigenvectors of K, and its standard error. Near 1
// the gradients live in that space.
func (c *Covariance) TopSpace(k int) (mean, stderr float64) {
	var r []float64
	for i := range c.L {
		inside := 0.0
		for e := range min(k, c.L-1) {
			if !(c.Values[e] > 1e-12*c.Values[0]) {
				break // gradients that depend on each other span no more
			}
			dot := 0.0 // ⟨g_i, Σ_j u_j g_j⟩
			for j := range c.L {
				dot += c.Vectors.At(j, e) * c.Inner[i*c.L+j]
			}
			inside += dot * dot / (c.Values[e] * float64(c.L))
		}
		r = append(r, math.Sqrt(c.Inner[i*c.L+i]/inside))
	}
	return meanErr(r)
}

// meanErr returns the mean of x and its standard error.
func meanErr(x []float64) (mean, stderr float64) {
	n := float64(len(x))
	for _, v := range x {
		mean += v / n
	}
	sum := 0.0
	for _, v := range x {
		sum += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(sum / (n - 1) / n)
}

// ExampleCovariance returns K of the gradients of single examples at theta
// (M = 1), through inner products made layer by layer: the N gradients are never
// held. It compiles a plan for N examples of its own.
func ExampleCovariance(net *nn.Network, set Set, theta []float32, loss nn.Loss) (*ExampleGram, error) {
	plan := net.Compile(nn.Settings{Batch: set.Len(), Loss: loss})
	plan.SetParams(theta)
	plan.Forward(set.X, set.Y)
	mean := make([]float32, net.Dim())
	plan.Gradient(mean, 1, false)
	n := set.Len()
	e := &ExampleGram{Covariance: Covariance{L: n, M: 1, Inner: make([]float64, n*n)}, plan: plan}
	plan.ExampleGram(e.Inner)
	return e, e.solve()
}

// ExampleMemory returns the bytes that ExampleCovariance needs for n examples.
func ExampleMemory(net *nn.Network, n int) int64 {
	return net.Memory(nn.Settings{Batch: n}) + 4*8*int64(n)*int64(n)
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
	classes, n, size := net.Output().Size(), set.Len(), net.Input.Size()
	m := n * classes
	x, y, u := make([]float32, m*size), make([]int32, m), make([]float32, m*classes)
	for i := range m { // each example once per class
		copy(x[i*size:(i+1)*size], set.X[i/classes*size:])
		u[i*classes+i%classes] = 1
	}
	plan := net.Compile(nn.Settings{Batch: m})
	plan.SetParams(theta)
	plan.Forward(x, y)
	plan.JacTVec(make([]float32, net.Dim()), u, false)
	k := make([]float64, m*m)
	plan.ExampleGram(k)
	return mat.NewSymDense(m, k)
}
