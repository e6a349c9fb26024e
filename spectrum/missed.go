package spectrum

import "math"

// several reports whether more than one pair is wanted from an end of the spectrum, so that
// copies of a multiple eigenvalue may be missing among them.
func (l *lanczos) several() bool {
	return l.set.Explore >= 0 && max(l.set.Largest, l.set.Smallest) > 1
}

// complete reports whether no eigenvalue was missed; if one was, the search goes on for it.
func (l *lanczos) complete() (bool, error) {
	steps, found, err := l.missed()
	if err != nil || !found {
		return true, err
	}
	more, err := l.pursue(steps)
	return !more, err
}

// pursue goes on with a random vector, for twice as many products as have shown that an
// eigenvalue was missed. It reports whether any are left.
func (l *lanczos) pursue(steps int) (more bool, err error) {
	l.good, l.missing = false, true
	if l.products >= l.set.MaxProducts {
		return false, nil
	}
	if l.fresh(l.rand) {
		end := len(l.z) - 1
		l.z[0], l.z[end], l.b[0], l.b[end] = l.z[end], l.z[0], l.b[end], l.b[0]
		l.first = true
	}
	l.explore = 2 * steps
	l.now, err = l.ritz()
	return true, err
}

// missed looks for an eigenvalue beyond the last wanted one that the basis has no part of, as
// happens with copies of a multiple eigenvalue. It runs Lanczos from a random vector orthogonal
// to the wanted vectors X, without keeping its vectors, until a further eigenvalue shows or is
// excluded (see outlook). It returns how many products it has spent, and whether it has found
// one; if it was neither found nor excluded the pairs do not count as converged.
func (l *lanczos) missed() (steps int, found bool, err error) {
	if len(l.v) >= l.n {
		return 0, false, nil
	}
	if err := l.shrink(); err != nil {
		return 0, false, err
	}
	fixed, ends := l.outlooks()
	before, q := []float32(nil), l.vector()
	defer func() { l.spare = append(l.spare, before, q) }()
	gaussian(q, l.rand)
	orthogonalise(q, fixed)
	if left := norm(q); left > tiny {
		scale(q, 1/left)
	}
	for beta := 0.0; l.products < l.set.MaxProducts; {
		w, near := l.vector(), fixed
		if before != nil {
			near = append(fixed[:len(fixed):len(fixed)], before)
		}
		if err := l.a.MulVecTo(w, q); err != nil {
			return steps, false, err
		}
		l.products, steps = l.products+1, steps+1
		c, left := orthogonalise(w, append(near[:len(near):len(near)], q))
		if !finite(c...) || !finite(left) {
			return steps, false, ErrNotFinite
		}
		alpha := c[len(c)-1]
		l.norm = max(l.norm, math.Abs(alpha))
		end := left <= max(tiny, dependent*l.norm) || steps == l.n-len(fixed)
		if end {
			left = 0
		}
		excluded := true
		for i := range ends {
			found = ends[i].step(alpha, beta, left) || found
			excluded = excluded && ends[i].excluded(l.n)
		}
		if before != nil {
			l.spare = append(l.spare, before)
		}
		before, q, beta = q, w, left
		if found || end || excluded {
			return steps, found, nil
		}
		scale(q, 1/left)
	}
	l.good, l.missing = false, true
	return steps, false, nil
}

// outlooks returns the wanted vectors of a basis of Ritz vectors, and the outlooks beyond the
// last wanted value at each end.
func (l *lanczos) outlooks() (fixed [][]float32, ends []outlook) {
	m := len(l.v)
	lo, hi := min(l.set.Smallest, m), max(m-l.set.Largest, 0)
	for i, v := range l.v {
		if i < lo || i >= hi {
			fixed = append(fixed, v)
		}
	}
	if l.set.Largest > 0 && hi > 0 {
		ends = append(ends, l.outlook(hi, 1))
	}
	if l.set.Smallest > 0 && lo < m {
		ends = append(ends, l.outlook(lo-1, -1))
	}
	return fixed, ends
}

// outlook returns the outlook beyond Ritz pair i.
func (l *lanczos) outlook(i int, side float64) outlook {
	last, tol := l.now.value[i], l.tolerance(i)
	return outlook{side: side,
		near: poly{x: last + side*tol, p: 1},
		far:  poly{x: last + side*max(sure*l.size(i), 2*tol), p: 1}}
}

// An outlook is what a Lanczos matrix T says of eigenvalues beyond the last wanted one. Let
// p_j be the orthonormal polynomials of T. As many eigenvalues of T are beyond x as the
// sequence p_j(x) changes sign (Sturm). An eigenvector whose eigenvalue x is beyond all of
// them has the component 1/|p_m(x)| or less along the random vector, since its components along
// the Lanczos vectors are proportional to p_j(x). So small a component is unlikely.
type outlook struct {
	side      float64 // 1: above; -1: below
	near, far poly
}

// step goes on to the next polynomials, and reports whether T has an eigenvalue beyond near.
func (o *outlook) step(alpha, beta, next float64) (found bool) {
	o.far.step(o.side, alpha, beta, next)
	return o.near.step(o.side, alpha, beta, next) < 0
}

// excluded reports whether an eigenvalue at far or beyond is excluded, with a probability of
// 99 %, for a random vector of length n.
func (o *outlook) excluded(n int) bool {
	return math.Sqrt(2*float64(n)/math.Pi) <= miss*o.far.p
}

// A poly is the value p of the last orthonormal polynomial at x, and of the one before it.
type poly struct{ x, p, before float64 }

// step does one step of the recurrence β_{j+1}·p_{j+1} = (x−α_j)·p_j − β_j·p_{j−1}, with the sign
// that makes p positive beyond all eigenvalues. It returns β_{j+1}·p_{j+1}.
func (y *poly) step(side, alpha, beta, next float64) float64 {
	numerator := side*(y.x-alpha)*y.p - beta*y.before
	y.p, y.before = numerator/next, y.p // infinite at the end
	return numerator
}
