package curvature

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"breakeven/nn"
	"breakeven/spectrum"
	"breakeven/tensor"
)

// A Covariance is K = (1/L) Σ (g_i − ḡ)(g_i − ḡ)ᵀ of L gradients, with the spectrum of the
// L×L Gram matrix ⟨g_i − ḡ, g_j − ḡ⟩/L, which has the same non-zero eigenvalues (Jastrzębski
// et al. 2020, App. C).
type Covariance struct {
	L, M int // gradients, and examples in each
	*spectrum.Gram
	Inner     []float64 // ⟨g_i, g_j⟩ before centring, L×L
	gradients [][]float32
}

// Covariance returns K of the gradients of the mean losses of the given batches, at the
// parameters of the last At. Settings say how large a batch is at most. The gradients are
// overwritten by the next Covariance: call Top before that.
func (p *Problem) Covariance(batches []Set) (*Covariance, error) {
	for len(p.gradients) < len(batches) {
		p.gradients = append(p.gradients, make([]float32, p.net.Dim()))
	}
	c := &Covariance{L: len(batches), M: batches[0].Len(), gradients: p.gradients[:len(batches)]}
	for i, b := range batches {
		p.batch(b)
		p.plan.Gradient(c.gradients[i], 1/p.net.Weight(b), false)
		if err := p.stopped(); err != nil {
			return nil, err
		}
		p.decayed(c.gradients[i], p.theta)
	}
	var err error
	if c.Inner, err = inner(c.gradients, p.stop); err != nil {
		return nil, err
	}
	return c, c.solve(topVectors, p.stop)
}

// CovarianceMemory returns the bytes that Covariance keeps for l gradients (the gradients and
// their inner products) and those that it needs besides while it works: the parts of the inner
// products or, if that is more, the centred matrix and its spectrum.
func CovarianceMemory(net *nn.Network, l int) (kept, work int64) {
	matrix := 8 * int64(l) * int64(l)
	return 4*int64(net.Dim())*int64(l) + matrix, max(innerParts*matrix, matrix+spectrum.GramBytes(l))
}

const (
	innerParts = 16      // of the vectors, summed in order
	innerBlock = 1 << 14 // numbers of each vector that are in the cache at a time
)

// inner returns the inner products of vectors of equal length, in float64. The error is that
// of stop.
func inner(v [][]float32, stop func() error) ([]float64, error) {
	l := len(v)
	parts, errs := make([][]float64, innerParts), make([]error, innerParts)
	tensor.Parallel(innerParts, func(part int) { parts[part], errs[part] = innerPart(v, part, stop) })
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	all := make([]float64, l*l)
	for i := range v {
		for j := range i + 1 {
			for _, sums := range parts {
				all[i*l+j] += sums[i*l+j]
			}
			all[j*l+i] = all[i*l+j]
		}
	}
	return all, nil
}

// innerPart sums one part of the vectors, below the diagonal.
func innerPart(v [][]float32, part int, stop func() error) ([]float64, error) {
	l, n := len(v), len(v[0])
	sums, end := make([]float64, l*l), n*(part+1)/innerParts
	for lo := n * part / innerParts; lo < end; lo += innerBlock {
		hi := min(lo+innerBlock, end)
		for i := range v {
			if stop != nil {
				if err := stop(); err != nil {
					return nil, err
				}
			}
			for j := range i + 1 {
				sums[i*l+j] += tensor.Dot(v[i][lo:hi], v[j][lo:hi])
			}
		}
	}
	return sums, nil
}

// topVectors is how many eigenvectors of K are kept for Top and TopSpace: the paper projects
// on a space of that dimension.
const topVectors = 5

// solve centres the Gram matrix, scales it by 1/L and finds the ends of its spectrum, with the
// given number of largest eigenpairs.
func (c *Covariance) solve(largest int, stop func() error) (err error) {
	g := mat.NewSymDense(c.L, append([]float64(nil), c.Inner...))
	spectrum.Centre(g)
	g.ScaleSym(1/float64(c.L), g)
	c.Gram, err = spectrum.GramSpectrum(g, &spectrum.GramSettings{Largest: largest, Floor: c.Floor(), Stop: stop})
	return err
}

// rounding is what is left of the covariance of equal gradients, relative to their squared
// length: they are sums in float32, and differ in 1e-6 of it.
const rounding = 1e-12

// Floor returns what an eigenvalue of K has to exceed to be more than the rounding of the
// gradients. One below it is 0.
func (c *Covariance) Floor() float64 {
	sum := 0.0
	for i := range c.L {
		sum += c.Inner[i*c.L+i]
	}
	return rounding * sum / float64(c.L)
}

// Zero reports whether K is 0 up to rounding: it has no eigenvectors then.
func (c *Covariance) Zero() bool { return c.Max() == 0 }

// Top sets dst to the eigenvector k < 5 of K, of unit length:
// e = Σ_i u_i (g_i − ḡ), normalised.
func (c *Covariance) Top(dst []float32, k int) {
	_ = c.Direction(dst, mat.Col(nil, k, c.Vectors)) // nothing that could be stopped
}

// Direction sets dst to Σ_i u_i g_i, normalised. With Σ u_i = 0, as for eigenvectors of the Gram
// matrix, ḡ cancels. The error is always nil.
func (c *Covariance) Direction(dst []float32, u []float64) error {
	clear(dst)
	for i, g := range c.gradients {
		tensor.Axpy(dst, float32(u[i]), g)
	}
	tensor.Scale(dst, float32(1/tensor.Norm(dst)))
	return nil
}

// TopSpace returns the mean over the gradients of ‖g_i‖/‖P g_i‖, with P the projection on the
// k ≤ 5 top eigenvectors of K, and its standard error. It is near 1 if the gradients lie in
// that space. A gradient that is 0 has no such ratio and does not count. The mean is NaN if K is
// 0, or if a gradient has no part in that space.
func (c *Covariance) TopSpace(k int) (mean, stderr float64) {
	var r []float64
	for i := range c.L {
		own, inside := c.Inner[i*c.L+i], 0.0
		if own == 0 {
			continue
		}
		for e := range min(k, c.L-1) {
			if !(c.Values[e] > 1e-12*c.Values[0]) {
				break // linearly dependent gradients span no more
			}
			dot := 0.0 // ⟨g_i, Σ_j u_j g_j⟩
			for j := range c.L {
				dot += c.Vectors.At(j, e) * c.Inner[i*c.L+j]
			}
			inside += dot * dot / (c.Values[e] * float64(c.L))
		}
		if inside <= rounding*own {
			return math.NaN(), math.NaN()
		}
		r = append(r, math.Sqrt(own/inside))
	}
	return spectrum.Average(r)
}
