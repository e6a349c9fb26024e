package spectrum

import (
	"cmp"
	"errors"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
)

// DensitySettings are the settings of [Quadrature]. Nil and the zero value
// mean all defaults.
type DensitySettings struct {
	Probes   int         // random vectors; zero: 4. One gives no standard error.
	Steps    int         // products spent on each; zero: 80 (Ghorbani et al. 2019 use 80 to 90)
	Gaussian bool        // probes uniform on the sphere instead of Rademacher signs
	Forget   bool        // keep 3 vectors instead of Steps+1: no reorthogonalisation (see Quadrature)
	Points   int         // length of the grid; zero: 512
	Sigma    float64     // standard deviation of the blur; zero: 0.3 % of the grid's range (√1e-5, as Ghorbani et al. 2019)
	Min, Max float64     // range of the grid; both zero: that of the nodes, plus 4 Sigma at each end
	Src      rand.Source // nil: the stream of seed 0
}

// Density is an estimate of the spectral density of an operator of dimension
// n, the measure that puts weight 1/n on each eigenvalue.
type Density struct {
	// Grid are equidistant points, Value the blurred density there (its
	// integral over the whole line is 1), and StdErr the standard error over
	// the probes; NaN for a single probe.
	Grid, Value, StdErr []float64
	// Nodes and Weights are the Gauss quadrature of each probe, nodes
	// ascending, weights summing to 1.
	Nodes, Weights [][]float64
	// Sigma is the standard deviation of the blur.
	Sigma float64
	// Products is the number of products spent.
	Products int
}

func (s *DensitySettings) defaults(n int) DensitySettings {
	var d DensitySettings
	if s != nil {
		d = *s
	}
	if d.Probes < 0 || d.Steps < 0 || d.Points < 0 || d.Sigma < 0 || d.Max < d.Min {
		panic("spectrum: negative setting")
	}
	d.Probes = cmp.Or(d.Probes, 4)
	d.Steps = min(cmp.Or(d.Steps, 80), n)
	d.Points = max(cmp.Or(d.Points, 512), 2)
	return d
}

// Bytes returns the memory, in bytes, that [Quadrature] needs for an operator
// of dimension n.
func (s *DensitySettings) Bytes(n int) int64 {
	d := s.defaults(n)
	if d.Forget {
		return 4 * int64(n) * 3
	}
	return 4 * int64(n) * int64(d.Steps+1)
}

// Quadrature estimates the spectral density of a by stochastic Lanczos quadrature (Golub and
// Welsch 1969; Ubaru, Chen and Saad 2017; for networks Ghorbani, Krishnan and Xiao 2019): m
// steps of Lanczos from a random unit vector v give the m-point Gauss quadrature of the
// measure Σ (vᵀe_i)² δ(λ_i), whose expectation is the density. The nodes are blurred by a
// Gaussian.
//
// With s.Forget the Lanczos vectors are not reorthogonalised. Eigenvalues then appear several
// times, as ghosts that share the weight. The density stays right (Chen, Trogdon and Ubaru
// 2021), but single nodes mean less.
func Quadrature(a Operator, s *DensitySettings) (*Density, error) {
	n := dimension(a)
	set := s.defaults(n)
	r := random(set.Src, "density")
	d, k := new(Density), &krylov{a: a, n: n}
	for range set.Probes {
		v := k.vector()
		probe(v, set.Gaussian, r)
		scale(v, 1/norm(v))
		alpha, beta, err := k.tridiagonal(v, set.Steps, set.Forget)
		if err != nil {
			return nil, err
		}
		nodes, weights, err := gauss(alpha, beta)
		if err != nil {
			return nil, err
		}
		d.Products += len(alpha)
		d.Nodes = append(d.Nodes, nodes)
		d.Weights = append(d.Weights, weights)
	}
	d.blur(set)
	return d, nil
}

func probe(v []float32, normal bool, r *rand.Rand) {
	if normal {
		gaussian(v, r)
	} else {
		rademacher(v, r)
	}
}

// tridiagonal returns the Lanczos coefficients of k's operator, started at the unit vector v:
// alpha of length steps, or less if the basis became invariant, and beta one shorter. Its
// vectors, including v, are used again.
func (k *krylov) tridiagonal(v []float32, steps int, forget bool) (alpha, beta []float64, err error) {
	basis := [][]float32{v}
	defer func() { k.spare = append(k.spare, basis...) }()
	var big float64
	for {
		w := k.vector()
		if err := k.a.MulVecTo(w, basis[len(basis)-1]); err != nil {
			return nil, nil, err
		}
		at := max(0, len(basis)-2)
		if !forget {
			at = 0
		}
		c, left := orthogonalise(w, basis[at:])
		basis = append(basis, w)
		if !finite(c...) || !finite(left) {
			return nil, nil, ErrNotFinite
		}
		alpha = append(alpha, c[len(c)-1])
		big = max(big, length(c))
		if len(alpha) == steps || left <= max(tiny, dependent*big) {
			return alpha, beta, nil
		}
		beta = append(beta, left)
		scale(w, 1/left)
		if forget && len(basis) > 2 {
			k.spare, basis = append(k.spare, basis[0]), basis[1:]
		}
	}
}

// gauss returns the nodes and weights of the quadrature of the tridiagonal matrix (Golub and
// Welsch 1969).
func gauss(alpha, beta []float64) (nodes, weights []float64, err error) {
	t := mat.NewSymDense(len(alpha), nil)
	for i, x := range alpha {
		t.SetSym(i, i, x)
	}
	for i, x := range beta {
		t.SetSym(i, i+1, x)
	}
	var eig mat.EigenSym
	if !eig.Factorize(t, true) {
		return nil, nil, errors.New("spectrum: the projected eigenproblem did not converge")
	}
	var vec mat.Dense
	eig.VectorsTo(&vec)
	weights = mat.Row(nil, 0, &vec)
	for i, x := range weights {
		weights[i] = x * x
	}
	return eig.Values(nil), weights, nil
}

// blur fills Grid, Value and StdErr.
func (d *Density) blur(set DensitySettings) {
	lo, hi := set.Min, set.Max
	if lo == 0 && hi == 0 {
		lo, hi = math.Inf(1), math.Inf(-1)
		for _, x := range d.Nodes {
			lo, hi = min(lo, x[0]), max(hi, x[len(x)-1])
		}
	}
	span := cmp.Or(max(hi-lo, 1e-3*math.Abs(lo), 1e-3*math.Abs(hi)), 1)
	d.Sigma = cmp.Or(set.Sigma, math.Sqrt(1e-5)*span)
	if set.Min == 0 && set.Max == 0 {
		lo, hi = lo-4*d.Sigma, hi+4*d.Sigma
	}
	for i := range set.Points {
		t := lo + (hi-lo)*float64(i)/float64(set.Points-1)
		v, e := d.Mean(func(x float64) float64 {
			z := (t - x) / d.Sigma
			return math.Exp(-z*z/2) / (d.Sigma * math.Sqrt(2*math.Pi))
		})
		d.Grid, d.Value, d.StdErr = append(d.Grid, t), append(d.Value, v), append(d.StdErr, e)
	}
}

// Mean estimates (1/n) Σ f(λ_i), with its standard error over the probes (NaN for a single
// one). With f(x) = x it is the mean eigenvalue, with f counting those above a threshold their
// share.
func (d *Density) Mean(f func(float64) float64) (mean, stderr float64) {
	x := make([]float64, len(d.Nodes))
	for p, nodes := range d.Nodes {
		for i, t := range nodes {
			x[p] += d.Weights[p][i] * f(t)
		}
	}
	return Average(x)
}

// Average returns the mean of x and the standard error of the mean, which is NaN for fewer
// than two values.
func Average(x []float64) (mean, stderr float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	var ss float64
	for _, v := range x {
		ss += (v - mean) * (v - mean)
	}
	n := float64(len(x))
	if len(x) < 2 {
		return mean, math.NaN()
	}
	return mean, math.Sqrt(ss / (n - 1) / n)
}
