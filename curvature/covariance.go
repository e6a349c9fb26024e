package curvature

import (
	"math"

	"gonum.org/v1/gonum/mat"

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
