package nn

import (
	"fmt"
	"math"

	"breakeven/rng"
	"breakeven/tensor"
)

// Haar fills dst, rows×cols, with random orthonormal rows, or columns if there are fewer
// columns, from the Haar measure: the uniform distribution, which no rotation changes. It
// orthogonalises normal vectors in the order in which they are drawn. That is the Q of a
// QR factorisation whose R has a positive diagonal; without that sign the distribution is
// not uniform (Mezzadri 2007).
//
// Few vectors are orthogonalised by Gram-Schmidt, twice; many by Cholesky factors of
// their Gram matrix, which gives the same Q with fast products.
func Haar(dst []float64, rows, cols int, s *rng.Stream) {
	if rows < 1 || cols < 1 || len(dst) != rows*cols {
		panic(fmt.Sprintf("nn: Haar of %d×%d in %d numbers", rows, cols, len(dst)))
	}
	k, n := min(rows, cols), max(rows, cols)
	q := dst
	if rows > cols {
		q = make([]float64, k*n)
	}
	for i := range q {
		q[i] = s.NormFloat64()
	}
	if k <= fewVectors {
		gramSchmidt(q, k, n)
	} else {
		choleskyQR(q, k, n)
	}
	if rows > cols {
		for i := range rows {
			for j := range cols {
				dst[i*cols+j] = q[j*n+i]
			}
		}
	}
}

// fewVectors is the number up to which Gram-Schmidt is used.
const fewVectors = 256

// gramSchmidt orthonormalises k rows of length n. Gram-Schmidt twice is enough
// (Giraud et al. 2005).
func gramSchmidt(q []float64, k, n int) {
	row := func(i int) []float64 { return q[i*n : (i+1)*n] }
	for i := range k {
		x := row(i)
		for range 2 {
			for j := range i {
				axpy64(x, -dot64(x, row(j)), row(j))
			}
			scale := 1 / math.Sqrt(dot64(x, x))
			for j := range x {
				x[j] *= scale
			}
		}
	}
}

// choleskyQR orthonormalises k rows of length n. With the Cholesky factor L of their Gram
// matrix, L⁻¹Q has orthonormal rows up to rounding, which grows with the square of the
// condition number; a second round removes it (Yamamoto et al. 2015). A Gram matrix that
// is not positive definite within rounding is shifted, which costs one more round (Fukaya
// et al. 2020).
func choleskyQR(q []float64, k, n int) {
	a, rows := make([]float64, k*k), tensor.Rows64(q, n)
	for {
		gram := func() { tensor.Product64{M: k, K: n, N: k, Lower: true}.Mul(a, k, rows, rows.T(), false) }
		gram()
		if unit(a, k) < max(orthonormal, float64(n)*0x1p-53) {
			return
		}
		if !cholesky(a, k, k) {
			gram()
			shiftDiagonal(a, k, n)
			if !cholesky(a, k, k) {
				panic("nn: Haar: the Gram matrix of normal vectors has no Cholesky factor")
			}
		}
		solveLower(a, k, q, k, n)
	}
}

// orthonormal is how far inner products of rows may be from 0 and 1: far below the
// precision of float32. Sums of more than 10⁴ terms are less precise than that.
const orthonormal = 1e-12

// shiftDiagonal adds to the diagonal of the Gram matrix of k rows of length n as much as
// rounding can have taken from its eigenvalues (Fukaya et al. 2020, Theorem 3.1; its norm
// is at most four times the largest element for normal rows, and less for nearly
// orthonormal ones).
func shiftDiagonal(a []float64, k, n int) {
	largest := 0.0
	for i := range k {
		largest = max(largest, a[i*k+i])
	}
	for i := range k {
		a[i*k+i] += 44 * largest * float64(k*n+k*(k+1)) * 0x1p-53
	}
}

// unit returns the largest difference between the lower triangles of a and of the
// identity.
func unit(a []float64, k int) float64 {
	worst := 0.0
	for i := range k {
		for j, v := range a[i*k : i*k+i+1] {
			if j == i {
				v--
			}
			worst = max(worst, math.Abs(v))
		}
	}
	return worst
}

// smallFactor is the size at which the recursions below end.
const smallFactor = 32

// half returns a size near n/2 at which to split.
func half(n int) int { return (n/2 + smallFactor - 1) / smallFactor * smallFactor }

// cholesky overwrites the lower triangle of the k×k matrix a, whose rows are lda apart,
// with the L of a = L·Lᵀ, and what lies above the diagonal with anything. It reports
// whether a is positive definite.
func cholesky(a []float64, lda, k int) bool {
	if k > smallFactor {
		h := half(k)
		if !cholesky(a, lda, h) {
			return false
		}
		low, corner := a[h*lda:], a[h*lda+h:]
		solveRight(a, lda, low, h, k-h)
		l := tensor.Rows64(low, lda)
		tensor.Product64{M: k - h, K: h, N: k - h, Lower: true, Minus: true}.Mul(corner, lda, l, l.T(), true)
		return cholesky(corner, lda, k-h)
	}
	for i := range k {
		x := a[i*lda:]
		for j := range i + 1 {
			y := a[j*lda:]
			s := x[j] - dot64(x[:j], y[:j])
			if j < i {
				x[j] = s / y[j]
				continue
			}
			if !(s > 0) {
				return false
			}
			x[j] = math.Sqrt(s)
		}
	}
	return true
}

// solveRight replaces the rows×k matrix x by x·L⁻ᵀ. The rows of x and of L are lda apart.
func solveRight(l []float64, lda int, x []float64, k, rows int) {
	if k > smallFactor {
		h := half(k)
		solveRight(l, lda, x, h, rows)
		rest, low := x[h:], tensor.Rows64(l[h*lda:], lda)
		tensor.Product64{M: rows, K: h, N: k - h, Minus: true}.Mul(rest, lda, tensor.Rows64(x, lda), low.T(), true)
		solveRight(l[h*lda+h:], lda, rest, k-h, rows)
		return
	}
	tensor.Parallel(rows, func(r int) {
		y := x[r*lda : r*lda+k]
		for j := range y {
			y[j] = (y[j] - dot64(y[:j], l[j*lda:])) / l[j*lda+j]
		}
	})
}

// solveLower replaces the k rows of length n in q by those of L⁻¹q. The rows of L are lda
// apart.
func solveLower(l []float64, lda int, q []float64, k, n int) {
	if k > smallFactor {
		h := half(k)
		solveLower(l, lda, q, h, n)
		rest := q[h*n:]
		tensor.Product64{M: k - h, K: h, N: n, Minus: true}.Mul(rest, n, tensor.Rows64(l[h*lda:], lda), tensor.Rows64(q, n), true)
		solveLower(l[h*lda+h:], lda, rest, k-h, n)
		return
	}
	const width = 256
	tensor.Parallel((n+width-1)/width, func(task int) {
		from, to := task*width, min(n, (task+1)*width)
		for i := range k {
			x := q[i*n+from : i*n+to]
			for j := range i {
				axpy64(x, -l[i*lda+j], q[j*n+from:])
			}
			for c := range x {
				x[c] /= l[i*lda+i]
			}
		}
	})
}

func dot64(x, y []float64) float64 {
	sum := 0.0
	for i, v := range x {
		sum += v * y[i]
	}
	return sum
}

func axpy64(dst []float64, a float64, x []float64) {
	x = x[:len(dst)]
	for i, v := range x {
		dst[i] += a * v
	}
}
