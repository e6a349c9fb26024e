package spectrum

import (
	"math"

	"breakeven/rng"

	"gonum.org/v1/gonum/mat"
)

// diagonal is the operator diag(d).
type diagonal []float64

func (d diagonal) Dim() int { return len(d) }

func (d diagonal) MulVecTo(dst, v []float32) error {
	for i, x := range v {
		dst[i] = float32(d[i] * float64(x))
	}
	return nil
}

// dense is a symmetric matrix as an operator: the slow twin of everything.
type dense struct{ *mat.SymDense }

func (d dense) Dim() int { return d.SymmetricDim() }

func (d dense) MulVecTo(dst, v []float32) error {
	for i := range dst {
		var s float64
		for j, x := range v {
			s += d.At(i, j) * float64(x)
		}
		dst[i] = float32(s)
	}
	return nil
}

// rotated is Pᵀ·diag(values)·P for a product P of Householder reflections 1 − 2uuᵀ: a
// matrix of any size with a known spectrum.
type rotated struct {
	values  []float64
	mirrors [][]float64
}

// newRotated turns the eigenvectors by the given number of random reflections.
func newRotated(values []float64, mirrors int, r *rng.Stream) *rotated {
	a := &rotated{values: values}
	for range mirrors {
		a.mirrors = append(a.mirrors, unit(len(values), r))
	}
	return a
}

func unit(n int, r *rng.Stream) []float64 {
	u := make([]float64, n)
	var s float64
	for i := range u {
		u[i] = r.NormFloat64()
		s += u[i] * u[i]
	}
	for i := range u {
		u[i] /= math.Sqrt(s)
	}
	return u
}

// tilted returns a with all eigenvectors turned by the given angle in each of
// several random planes, and its eigenvalues scaled by 1 + drift·normal.
func (a *rotated) tilted(angle, drift float64, planes int, r *rng.Stream) *rotated {
	t := &rotated{mirrors: append([][]float64(nil), a.mirrors...)}
	for _, v := range a.values {
		t.values = append(t.values, v*(1+drift*r.NormFloat64()))
	}
	for range planes {
		// Two reflections in vectors at an angle of angle/2 rotate by angle.
		u, w := unit(len(a.values), r), unit(len(a.values), r)
		x := make([]float64, len(u))
		for i := range u {
			x[i] = math.Cos(angle/2)*u[i] + math.Sin(angle/2)*w[i]
		}
		t.mirrors = append(t.mirrors, u, normalised(x))
	}
	return t
}

func normalised(x []float64) []float64 {
	var s float64
	for _, v := range x {
		s += v * v
	}
	for i := range x {
		x[i] /= math.Sqrt(s)
	}
	return x
}

func (a *rotated) Dim() int { return len(a.values) }

func (a *rotated) MulVecTo(dst, v []float32) error {
	x := make([]float64, len(v))
	for i, y := range v {
		x[i] = float64(y)
	}
	for i := len(a.mirrors) - 1; i >= 0; i-- {
		mirror(x, a.mirrors[i])
	}
	for i := range x {
		x[i] *= a.values[i]
	}
	for _, u := range a.mirrors {
		mirror(x, u)
	}
	for i := range dst {
		dst[i] = float32(x[i])
	}
	return nil
}

func mirror(x, u []float64) {
	var s float64
	for i, v := range x {
		s += v * u[i]
	}
	for i := range x {
		x[i] -= 2 * s * u[i]
	}
}

// noisy adds to each product noise of the given size, relative to ‖A‖.
type noisy struct {
	Operator
	size float64
	r    *rng.Stream
}

func (a noisy) MulVecTo(dst, v []float32) error {
	err := a.Operator.MulVecTo(dst, v)
	s := a.size / math.Sqrt(float64(len(v)))
	for i := range dst {
		dst[i] += float32(s * a.r.NormFloat64())
	}
	return err
}

// counting counts products.
type counting struct {
	Operator
	n *int
}

func (a counting) MulVecTo(dst, v []float32) error {
	*a.n++
	return a.Operator.MulVecTo(dst, v)
}

// network is a spectrum shaped like that of a network's Hessian: outliers, a
// bulk that decays towards zero, and negative ones.
func network(n int, outliers []float64, bulk, negative float64) []float64 {
	d := append([]float64(nil), outliers...)
	for i := len(d); i < n; i++ {
		t := float64(i) / float64(n)
		d = append(d, bulk*math.Pow(1-t, 8)-negative*math.Pow(t, 40))
	}
	return d
}

// sampled is (1/N) Σ x xᵀ − shift, of N vectors x: the mean of what single
// examples contribute, as a Hessian is.
type sampled struct {
	x     *mat.Dense // a row an example
	shift float64
}

// newSampled draws count examples whose covariance is diag(values).
func newSampled(values []float64, count int, shift float64, r *rng.Stream) sampled {
	x := mat.NewDense(count, len(values), nil)
	for i := range count {
		for j, v := range values {
			x.Set(i, j, math.Sqrt(max(v, 0))*r.NormFloat64())
		}
	}
	return sampled{x, shift}
}

// first is the mean over the first examples.
func (a sampled) first(count int) sampled {
	return sampled{mat.DenseCopyOf(a.x.Slice(0, count, 0, a.Dim())), a.shift}
}

func (a sampled) Dim() int {
	_, n := a.x.Dims()
	return n
}

func (a sampled) MulVecTo(dst, v []float32) error {
	wide := mat.NewVecDense(len(v), nil)
	for i, y := range v {
		wide.SetVec(i, float64(y))
	}
	count, _ := a.x.Dims()
	var along, sum mat.VecDense
	along.MulVec(a.x, wide)
	sum.MulVec(a.x.T(), &along)
	for i := range dst {
		dst[i] = float32(sum.AtVec(i)/float64(count) - a.shift*wide.AtVec(i))
	}
	return nil
}

// eigenvalues returns the eigenvalues by a singular value decomposition,
// descending.
func (a sampled) eigenvalues() []float64 {
	var svd mat.SVD
	svd.Factorize(a.x, mat.SVDNone)
	count, _ := a.x.Dims()
	var all []float64
	for _, s := range svd.Values(nil) {
		all = append(all, s*s/float64(count)-a.shift)
	}
	for len(all) < a.Dim() {
		all = append(all, -a.shift)
	}
	return all
}
