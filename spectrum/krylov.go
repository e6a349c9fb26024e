package spectrum

import (
	"errors"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
)

// dependent is the length, relative to the scale of the operator, below which the new part of
// a product is taken for rounding.
const dependent = 1e-6

// tiny is a length that counts as zero: the inverse of a smaller one overflows float32.
const tiny = 1e-30

// A krylov is an orthonormal basis V that grows by one product at a time, together with the
// directions in which it can grow:
//
//	A·V = V·H + Z·B
//
// The columns of Z, the frontier, are orthonormal and orthogonal to V; H is VᵀAV. So the
// residual of a Ritz pair (θ, V·s), with H·s = θ·s, is Z·B·s. Its norm ‖B·s‖ can be computed
// without a vector of length n.
//
// Started from one vector this is Lanczos: the frontier is the next Lanczos vector and B is
// its row (0 … 0 β). Started from p vectors it is band Lanczos (Ruhe 1979), except that the
// next direction taken from the frontier is not the oldest but the residual of a wanted Ritz
// pair: each product is spent where it is needed, as in Davidson's method, without keeping
// A·V. If V is replaced by V·S for some of H's eigenvectors S, the relation holds with B·S for
// B: that is the thick restart (Wu and Simon 2000).
type krylov struct {
	a        Operator
	n        int
	v, z     [][]float32
	h        [][]float64 // symmetric, len(v) × len(v)
	b        [][]float64 // len(z) × len(v)
	products int
	norm     float64     // largest Rayleigh quotient or Ritz value in magnitude so far
	spare    [][]float32 // vectors to be used again
}

// vector returns a vector with arbitrary contents.
func (k *krylov) vector() []float32 {
	if i := len(k.spare) - 1; i >= 0 {
		w := k.spare[i]
		k.spare = k.spare[:i]
		return w
	}
	return make([]float32, k.n)
}

// all returns the vectors of the basis and the frontier.
func (k *krylov) all() [][]float32 {
	return append(append(make([][]float32, 0, len(k.v)+len(k.z)+1), k.v...), k.z...)
}

// offer adds the direction of w to the frontier, unless w is not finite or lies in the span of
// basis and frontier. It reports whether it did; only then does it keep w.
func (k *krylov) offer(w []float32) bool {
	before := norm(w)
	if !finite(before) || before <= tiny {
		return false
	}
	scale(w, 1/before)
	if _, left := orthogonalise(w, k.all()); left < 1e-3 {
		return false
	}
	scale(w, 1/norm(w))
	project(w, k.all())
	scale(w, 1/norm(w))
	k.z = append(k.z, w)
	k.b = append(k.b, make([]float64, len(k.v)))
	return true
}

// propose is offer for a vector that must not change.
func (k *krylov) propose(w []float32) {
	own := k.vector()
	copy(own, w)
	if !k.offer(own) {
		k.spare = append(k.spare, own)
	}
}

// fresh adds a random direction to the frontier. It reports false if basis and frontier span
// the whole space.
func (k *krylov) fresh(r *rand.Rand) bool {
	for range 8 {
		if len(k.v)+len(k.z) >= k.n {
			return false
		}
		w := k.vector()
		gaussian(w, r)
		if k.offer(w) {
			return true
		}
		k.spare = append(k.spare, w)
	}
	return false
}

// expand moves direction i of the frontier into the basis. It costs one product, whose new
// part is appended to the frontier.
func (k *krylov) expand(i int) error {
	v := k.z[i]
	k.z = append(k.z[:i], k.z[i+1:]...)
	k.b = append(k.b[:i], k.b[i+1:]...)
	k.v = append(k.v, v)
	w := k.vector()
	if err := k.a.MulVecTo(w, v); err != nil {
		return err
	}
	k.products++
	c, beta := orthogonalise(w, k.all())
	if !finite(c...) || !finite(beta) {
		return ErrNotFinite
	}
	m := len(k.v)
	for j, row := range k.h {
		k.h[j] = append(row, c[j])
	}
	k.h = append(k.h, append([]float64(nil), c[:m]...))
	for j := range k.b {
		k.b[j] = append(k.b[j], c[m+j])
	}
	k.norm = max(k.norm, math.Abs(c[m-1]))
	if beta <= max(tiny, dependent*k.norm, dependent*length(c)) || len(k.v)+len(k.z) >= k.n {
		k.spare = append(k.spare, w)
		return nil
	}
	scale(w, 1/beta)
	k.z = append(k.z, w)
	k.b = append(k.b, make([]float64, m))
	k.b[len(k.b)-1][m-1] = beta
	return nil
}

// length is the Euclidean norm of a short vector.
func length(c []float64) float64 {
	var s float64
	for _, x := range c {
		s += x * x
	}
	return math.Sqrt(s)
}

// turn rotates the frontier so that its first direction is Z·d, d ≠ 0, by the Householder
// reflection that maps the first axis to ±d/‖d‖.
func (k *krylov) turn(d []float64) {
	if len(k.z) == 1 {
		return
	}
	u := append([]float64(nil), d...)
	u[0] += math.Copysign(length(d), d[0])
	inverse := 1 / length(u)
	for i := range u {
		u[i] *= inverse
	}
	t := k.vector()
	combineTo([][]float32{t}, k.z, [][]float64{u})
	for i, z := range k.z {
		subtract(z, []float64{2 * u[i]}, [][]float32{t})
	}
	k.spare = append(k.spare, t)
	for j := range k.v {
		var s float64
		for i := range u {
			s += u[i] * k.b[i][j]
		}
		for i := range u {
			k.b[i][j] -= 2 * u[i] * s
		}
	}
	first := k.z[0]
	project(first, append(append([][]float32(nil), k.v...), k.z[1:]...))
	scale(first, 1/norm(first))
}

// ritz are the eigenpairs of H, in ascending order.
type ritz struct {
	value []float64
	s     [][]float64 // s[i] is the i-th eigenvector
	rest  [][]float64 // rest[i] = B·s[i]
	res   []float64   // ‖rest[i]‖
}

func (k *krylov) ritz() (*ritz, error) {
	m := len(k.v)
	sym := mat.NewSymDense(m, nil)
	for i := range m {
		for j := i; j < m; j++ {
			sym.SetSym(i, j, k.h[i][j])
		}
	}
	var eig mat.EigenSym
	if !eig.Factorize(sym, true) {
		return nil, errors.New("spectrum: the projected eigenproblem did not converge")
	}
	var vec mat.Dense
	eig.VectorsTo(&vec)
	r := &ritz{value: eig.Values(nil)}
	for i := range m {
		s := mat.Col(nil, i, &vec)
		rest := make([]float64, len(k.z))
		for p, row := range k.b {
			for j, b := range row {
				rest[p] += b * s[j]
			}
		}
		r.s, r.rest, r.res = append(r.s, s), append(r.rest, rest), append(r.res, length(rest))
	}
	k.norm = max(k.norm, math.Abs(r.value[0]), math.Abs(r.value[m-1]))
	return r, nil
}

// restart replaces the basis by the given Ritz vectors.
func (k *krylov) restart(r *ritz, keep []int) {
	var s [][]float64
	for _, i := range keep {
		s = append(s, r.s[i])
	}
	combineTo(k.v, k.v, s)
	k.spare = append(k.spare, k.v[len(keep):]...)
	k.v = k.v[:len(keep)]
	k.h = make([][]float64, len(keep))
	for p, i := range keep {
		k.h[p] = make([]float64, len(keep))
		k.h[p][p] = r.value[i]
	}
	for q := range k.b {
		row := make([]float64, len(keep))
		for p, i := range keep {
			row[p] = r.rest[i][q]
		}
		k.b[q] = row
	}
}
