package ntk

import (
	"errors"
	"fmt"
	"math"

	"breakeven/tensor"

	"gonum.org/v1/gonum/mat"
)

// A Regression is an infinitely wide network with N training examples and O
// outputs under gradient descent, in closed form (Lee et al. 2019). All its
// parameters train on the loss
//
//	L = Scale/2 · Σ (f(x) − y)²
//
// summed over examples and outputs. Before training f is a Gaussian process with
// the NNGP kernel K; in training it follows the tangent kernel Θ.
//
// With the NNGP kernel in place of Θ only the last layer trains, and for ever that
// is Bayesian inference: the posterior of the NNGP.
type Regression struct {
	spectrum
	nngp  *mat.Dense
	y     *mat.Dense
	scale float64
}

// A Loss is the scale of the loss and a ridge. Nil is all zeros.
type Loss struct {
	// Scale of the loss; 0 means 1. The mean over examples and outputs has
	// 1/(N·O) with the ½ of neural-tangents, and 2/(N·O) without, as in PyTorch.
	Scale float64
	// Ridge is added to the diagonal of the tangent kernel.
	Ridge float64
}

// NewRegression begins with the kernels of the training examples and their targets
// y, N×O. The NNGP kernel may be nil if nobody asks for covariances.
//
// It returns an error for a tangent kernel that is not positive semi-definite
// beyond rounding. Directions whose eigenvalue is 0 within rounding are never
// learned; Null counts them.
func NewRegression(theta, nngp mat.Symmetric, y *mat.Dense, l *Loss) (*Regression, error) {
	r := &Regression{y: y, scale: 1}
	ridge := 0.0
	if l != nil {
		ridge = l.Ridge
		if l.Scale != 0 {
			r.scale = l.Scale
		}
	}
	if !(r.scale > 0) || !(ridge >= 0) || math.IsInf(r.scale+ridge, 0) {
		return nil, fmt.Errorf("ntk: a loss of scale %v with a ridge of %v", r.scale, ridge)
	}
	n := theta.SymmetricDim()
	if rows, _ := y.Dims(); rows != n || nngp != nil && nngp.SymmetricDim() != n {
		panic(fmt.Sprintf("ntk: a kernel of %d examples and %d targets", n, rows))
	}
	if err := finite(y, "targets"); err != nil {
		return nil, err
	}
	if nngp != nil {
		if err := finite(nngp, "the NNGP kernel"); err != nil {
			return nil, err
		}
		r.nngp = mat.DenseCopyOf(nngp)
	}
	var err error
	r.spectrum, err = newSpectrum(theta, ridge)
	return r, err
}

// MaxLearningRate is 2/λ_max: gradient descent diverges above. It is infinite for
// a kernel of zeros.
func (r *Regression) MaxLearningRate() float64 {
	return 2 / (r.scale * max(0, r.values[len(r.values)-1]))
}

// Flow returns the network after gradient flow for a time, which may be infinite.
// A step of gradient descent of learning rate η takes the time η.
func (r *Regression) Flow(time float64) *Trained {
	if !(time >= 0) {
		panic(fmt.Sprintf("ntk: a time of %v", time))
	}
	return r.trained(func(x float64) float64 { return -math.Expm1(-x * time) })
}

// Steps returns the network after steps of gradient descent, whether or not they
// diverge.
func (r *Regression) Steps(learningRate float64, steps int) *Trained {
	if steps < 0 {
		panic(fmt.Sprintf("ntk: %d steps", steps))
	}
	return r.trained(func(x float64) float64 {
		if x = learningRate * x; x < 1 {
			return -math.Expm1(float64(steps) * math.Log1p(-x))
		}
		return 1 - math.Pow(1-x, float64(steps))
	})
}

// trained returns the network where learned says how much of the residual in a
// direction is gone: 1 − exp(−x·time) for flow, x the rate of the direction.
func (r *Regression) trained(learned func(rate float64) float64) *Trained {
	filter := make([]float64, len(r.values))
	for i, v := range r.values {
		if i >= r.Null {
			filter[i] = learned(r.scale*v) / v
		}
	}
	return &Trained{Regression: r, filter: filter}
}

// Trained is a Regression at some time. Test examples come by their kernels: of S
// of them with the training examples, S×N.
type Trained struct {
	*Regression
	filter []float64 // by eigenvalue of Θ: what takes −(f₀ − y) to coefficients of kernels
}

// Mean returns the mean of the outputs over all networks, S×O.
func (t *Trained) Mean(theta *mat.Dense) *mat.Dense { return product(theta, t.apply(t.y, t.filter)) }

// From returns the outputs of one network, to first order in the change of its
// parameters, S×O: from its outputs before training on the training examples,
// N×O, and on the test examples.
func (t *Trained) From(theta, train, test *mat.Dense) *mat.Dense {
	var left mat.Dense
	left.Sub(t.y, train)
	f := product(theta, t.apply(&left, t.filter))
	f.Add(f, test)
	return f
}

// Covariance returns the covariance over all networks of an output on the test
// examples, S×S, from both kernels with the training examples and the NNGP kernel
// of the test examples with each other. Outputs are independent.
func (t *Trained) Covariance(theta, nngp *mat.Dense, test mat.Symmetric) *mat.SymDense {
	if t.nngp == nil {
		panic("ntk: a covariance without the NNGP kernel of the training examples")
	}
	var turned mat.Dense
	turned.CloneFrom(theta.T())
	a := t.apply(&turned, t.filter) // N×S: the change of f is −aᵀ(f₀ − y)
	middle := product(t.nngp, a)
	middle.Apply(func(i, j int, v float64) float64 { return v - 2*nngp.At(j, i) }, middle)
	var at mat.Dense
	at.CloneFrom(a.T())
	change := product(&at, middle)
	n := test.SymmetricDim()
	c := mat.NewSymDense(n, nil)
	for i := range n {
		for j := range i + 1 {
			c.SetSym(i, j, test.At(i, j)+(change.At(i, j)+change.At(j, i))/2)
		}
	}
	return c
}

// A spectrum is the eigenvalues of a kernel, from the least, and its eigenvectors
// as columns.
type spectrum struct {
	values  []float64
	vectors *mat.Dense
	// Null is the number of eigenvalues that are 0 within rounding: at most
	// N·2⁻⁵²·λ_max.
	Null int
}

// newSpectrum decomposes a kernel plus a ridge.
func newSpectrum(k mat.Symmetric, ridge float64) (spectrum, error) {
	var s spectrum
	n := k.SymmetricDim()
	if n == 0 {
		return s, errors.New("ntk: a kernel of no examples")
	}
	if err := finite(k, "the kernel"); err != nil {
		return s, err
	}
	a := mat.NewSymDense(n, nil)
	a.CopySym(k)
	for i := range n {
		a.SetSym(i, i, a.At(i, i)+ridge)
	}
	var e mat.EigenSym
	if !e.Factorize(a, true) {
		return s, fmt.Errorf("ntk: no eigenvalues of a kernel of %d examples: the iteration did not converge", n)
	}
	s.values = e.Values(nil)
	s.vectors = new(mat.Dense)
	e.VectorsTo(s.vectors)
	rounding := float64(n) * 0x1p-52 * max(s.values[n-1], -s.values[0])
	if s.values[0] < -10*rounding {
		return s, fmt.Errorf("ntk: the kernel is not positive semi-definite: its eigenvalues are from %v to %v", s.values[0], s.values[n-1])
	}
	for s.Null < n && s.values[s.Null] <= rounding {
		s.Null++
	}
	return s, nil
}

// apply returns V·diag(filter)·Vᵀ·b of the eigenvectors V.
func (s *spectrum) apply(b *mat.Dense, filter []float64) *mat.Dense {
	var turned mat.Dense
	turned.CloneFrom(s.vectors.T())
	c := product(&turned, b)
	for i, f := range filter {
		row := c.RawRowView(i)
		for j := range row {
			row[j] *= f
		}
	}
	return product(s.vectors, c)
}

// product returns a·b.
func product(a, b *mat.Dense) *mat.Dense {
	x, y := a.RawMatrix(), b.RawMatrix()
	if x.Cols != y.Rows {
		panic(fmt.Sprintf("ntk: product of %d×%d and %d×%d", x.Rows, x.Cols, y.Rows, y.Cols))
	}
	c := mat.NewDense(x.Rows, y.Cols, nil)
	p := tensor.Product64{M: x.Rows, K: x.Cols, N: y.Cols}
	p.Mul(c.RawMatrix().Data, y.Cols, tensor.Rows64(x.Data, x.Stride), tensor.Rows64(y.Data, y.Stride), false)
	return c
}

// finite returns an error for numbers that are none.
func finite(m mat.Matrix, what string) error {
	rows, cols := m.Dims()
	for i := range rows {
		for j := range cols {
			if v := m.At(i, j); math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("ntk: element %d, %d of %s is %v", i, j, what, v)
			}
		}
	}
	return nil
}
