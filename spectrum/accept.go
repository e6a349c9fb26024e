package spectrum

import "math"

const (
	// miss is the chance that Result.Above is wrong.
	miss = 0.01
	// sure is how near Above has to come to the largest value, relative to it.
	sure = 0.05
)

// size is what the tolerance of Ritz pair i is relative to.
func (l *lanczos) size(i int) float64 {
	if l.set.OfNorm {
		return l.norm
	}
	return math.Abs(l.now.value[i])
}

// tolerance is the largest residual that Ritz pair i may have.
func (l *lanczos) tolerance(i int) float64 {
	return max(l.set.Tol*l.size(i), l.set.Noise*l.norm, math.SmallestNonzeroFloat64)
}

// worst returns the wanted pair that is furthest from its tolerance, and the ratio of its
// residual to that.
func (l *lanczos) worst() (at int, excess float64) {
	excess = -1
	for _, i := range l.wanted() {
		if e := l.now.res[i] / l.tolerance(i); e > excess {
			at, excess = i, e
		}
	}
	return at, excess
}

// converged reports whether the Ritz pairs meet all tolerances.
func (l *lanczos) converged() bool {
	if len(l.v) < min(l.n, l.set.Largest+l.set.Smallest) {
		return false
	}
	if _, excess := l.worst(); excess > 1 {
		return false
	}
	if !l.chain || l.set.Largest == 0 {
		return true
	}
	top := len(l.now.value) - 1
	return l.unseen(l.now.value[top]+max(sure*l.size(top), l.tolerance(top))) <= miss
}

// unseen bounds the probability that x, above all Ritz values, is an eigenvalue, if the
// basis began with a random vector: a uniform unit vector of length n has a component below
// f along any other with a probability of at most f·√(2n/π).
func (l *lanczos) unseen(x float64) float64 {
	sum := make([]float64, len(l.z))
	for i, theta := range l.now.value {
		for q, b := range l.now.rest[i] {
			sum[q] += b * l.now.s[i][0] / (x - theta)
		}
	}
	return length(sum) * math.Sqrt(2*float64(l.n)/math.Pi)
}

// bound lowers above to what the basis implies, as long as its first vector is the random
// one.
func (l *lanczos) bound() {
	if !l.chain || l.now == nil {
		return
	}
	top := l.now.value[len(l.now.value)-1]
	width := max(l.norm, tiny)
	for l.unseen(top+width) > miss && width < math.MaxFloat32 {
		width *= 2
	}
	lo, hi := 0.0, width
	for range 50 {
		if mid := (lo + hi) / 2; l.unseen(top+mid) > miss {
			lo = mid
		} else {
			hi = mid
		}
	}
	l.above = min(l.above, top+hi+max(l.set.Noise*l.norm, tiny))
}
