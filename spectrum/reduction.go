package spectrum

import (
	"math"

	"breakeven/tensor"

	"gonum.org/v1/gonum/mat"
)

// A reduction is a symmetric matrix as Q·T·Qᵀ, with T tridiagonal and Q a product of
// Householder reflections (Martin, Reinsch and Wilkinson 1968). The eigenvalues of T are those
// of the matrix to within rounding, some 1e-16 of the norm.
//
// Rows are eliminated from the last to the first. The elimination of row i changes all rows
// above by −u·qᵀ − q·uᵀ, and needs their product with its own vector u. Both are done in one
// sweep over the triangle: the change for row i+1 and the product for row i. The sweep takes
// nearly all of the time, since nothing else touches the whole matrix. Its split into tasks
// depends on the size alone, so that sums are the same for any number of cores.
type reduction struct {
	n    int
	rows [][]float64 // of the lower triangle; the first i numbers of an eliminated row i are its u
	half []float64   // ‖u‖²/2 by row; 0: nothing was reflected
	d, e []float64   // T's diagonal and subdiagonal: e[i] is the entry i+1, i
	norm float64     // of T: the largest row sum

	u, q, next []float64   // of the row eliminated last, and u of the current one
	products   [][]float64 // by task: its part of the product with next
}

const (
	// sweepSize is the least number of entries in a task of a sweep, and
	// sweepTasks the most tasks.
	sweepSize, sweepTasks = 1 << 16, 16
	// nothing is a length that counts as zero in a matrix with a largest entry near 1: its
	// square and the inverse of that are still in range.
	nothing = 1e-100
)

// reduce reduces g times a power of two, in n(n+1)/2 numbers of work if there are so many.
// It asks stop before each row.
func reduce(g mat.Symmetric, factor float64, work []float64, stop func() error) (*reduction, error) {
	n := g.SymmetricDim()
	r := &reduction{n: n, rows: make([][]float64, n), half: make([]float64, n), d: make([]float64, n), e: make([]float64, n-1)}
	all := work
	if len(all) < n*(n+1)/2 {
		all = make([]float64, n*(n+1)/2)
	}
	for i := range n {
		r.rows[i], all = all[:i+1:i+1], all[i+1:]
		for j := range r.rows[i] {
			r.rows[i][j] = g.At(i, j) * factor
		}
	}
	r.u, r.q, r.next = make([]float64, n), make([]float64, n), make([]float64, n)
	for range tasksOf(n) {
		r.products = append(r.products, make([]float64, n))
	}
	for i := n - 1; i >= 0; i-- {
		if err := ask(stop); err != nil {
			return nil, err
		}
		r.eliminate(i)
	}
	for i, x := range r.d {
		sum := math.Abs(x)
		if i > 0 {
			sum += math.Abs(r.e[i-1])
		}
		if i < n-1 {
			sum += math.Abs(r.e[i])
		}
		r.norm = max(r.norm, sum)
	}
	return r, nil
}

// ask returns the error of stop, which may be nil.
func ask(stop func() error) error {
	if stop == nil {
		return nil
	}
	return stop()
}

// eliminate makes row i tridiagonal.
func (r *reduction) eliminate(i int) {
	row := r.rows[i]
	for j := range row { // the pending change from the row below
		row[j] -= r.u[i]*r.q[j] + r.q[i]*r.u[j]
	}
	r.d[i] = row[i]
	if i == 0 {
		return
	}
	u := row[:i]
	r.e[i-1], r.half[i] = reflector(u)
	copy(r.next, u)
	p := r.sweep(i)
	r.u, r.next = r.next, r.u
	if r.half[i] == 0 {
		clear(r.q)
		return
	}
	k := 0.0
	for j, x := range u {
		p[j] /= r.half[i]
		k += x * p[j]
	}
	k /= 2 * r.half[i]
	for j, x := range u {
		r.q[j] = p[j] - k*x
	}
}

// reflector turns u into the vector whose reflection 1 − uuᵀ/half maps the given u to its last
// axis, and returns the last number of the result. If u lies on that axis already, it clears u
// and half is 0.
func reflector(u []float64) (last, half float64) {
	end, rest := len(u)-1, 0.0
	for _, x := range u[:end] {
		rest += x * x
	}
	last = u[end]
	if rest <= nothing*nothing {
		clear(u)
		return last, 0
	}
	length := -math.Copysign(math.Sqrt(rest+last*last), last)
	half = length*length - length*last
	u[end] -= length
	return length, half
}

// tasksOf returns the number of tasks of a sweep over n rows.
func tasksOf(n int) int { return max(1, min(sweepTasks, n*(n+1)/2/sweepSize)) }

// sweep changes the first n rows by −u·qᵀ − q·uᵀ and returns their product with
// next.
func (r *reduction) sweep(n int) []float64 {
	tasks := tasksOf(n)
	begin := func(task int) int { // tasks have equal parts of the triangle
		return int(float64(n)*math.Sqrt(float64(task)/float64(tasks))) &^ 1
	}
	tensor.Parallel(tasks, func(task int) {
		lo, hi := begin(task), begin(task+1)
		if task == tasks-1 {
			hi = n
		}
		clear(r.products[task][:n])
		r.sweepRows(r.products[task], lo, hi)
	})
	sum := r.products[0][:n]
	for _, p := range r.products[1:tasks] {
		for j, x := range p[:n] {
			sum[j] += x
		}
	}
	return sum
}

// sweepRows is sweep for the rows lo … hi-1; it adds to y. It takes two rows at a time, so that
// u, q and next are read half as often.
func (r *reduction) sweepRows(y []float64, lo, hi int) {
	for ; lo+1 < hi; lo += 2 {
		r.sweepPair(y, lo)
	}
	if lo == hi {
		return
	}
	row, u, q, x, at := r.rows[lo], r.u[lo], r.q[lo], r.next[lo], 0.0
	us, qs, xs, ys := r.u[:len(row)], r.q[:len(row)], r.next[:len(row)], y[:len(row)]
	for j := range lo {
		a := row[j] - u*qs[j] - q*us[j]
		row[j] = a
		at += a * xs[j]
		ys[j] += a * x
	}
	row[lo] -= 2 * u * q
	y[lo] += at + row[lo]*x
}

// sweepPair is sweep for the rows i and i+1.
func (r *reduction) sweepPair(y []float64, i int) {
	u0, u1, q0, q1, x0, x1 := r.u[i], r.u[i+1], r.q[i], r.q[i+1], r.next[i], r.next[i+1]
	row0, row1, y0, y1 := r.rows[i][:i], r.rows[i+1][:i], 0.0, 0.0
	us, qs, xs, ys := r.u[:i], r.q[:i], r.next[:i], y[:i]
	for j := range i {
		u, q, x := us[j], qs[j], xs[j]
		a0, a1 := row0[j]-u0*q-q0*u, row1[j]-u1*q-q1*u
		row0[j], row1[j] = a0, a1
		y0 += a0 * x
		y1 += a1 * x
		ys[j] += a0*x0 + a1*x1
	}
	a, b, c := &r.rows[i][i], &r.rows[i+1][i], &r.rows[i+1][i+1]
	*a -= 2 * u0 * q0
	*b -= u1*q0 + q1*u0
	*c -= 2 * u1 * q1
	y[i] += y0 + *a*x0 + *b*x1
	y[i+1] += y1 + *b*x0 + *c*x1
}

// lift turns an eigenvector z of T into that of the matrix: Q·z.
func (r *reduction) lift(z []float64) {
	for i := 1; i < r.n; i++ {
		if r.half[i] == 0 {
			continue
		}
		u, s := r.rows[i][:i], 0.0
		for j, x := range u {
			s += x * z[j]
		}
		s /= r.half[i]
		for j, x := range u {
			z[j] -= s * x
		}
	}
}
