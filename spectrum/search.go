package spectrum

import (
	"math"
	"math/rand/v2"
	"slices"
)

// A lanczos is one search in progress.
type lanczos struct {
	krylov
	set     Settings
	rand    *rand.Rand
	given   int     // start vectors still to be multiplied
	explore int     // products still to be spent on a random vector
	first   bool    // the first of these, which takes the head of the frontier
	now     *ritz   // Ritz pairs of the current basis
	good    bool    // they have converged
	missing bool    // so they have, but there are others, or may be
	above   float64 // see Result.Above
	chain   bool    // the first vector of the basis is random
	rough   *Result // of Settings.Rough
}

func newLanczos(a Operator, s *Settings) *lanczos {
	n := dimension(a)
	l := &lanczos{krylov: krylov{a: a, n: n}, set: s.defaults(n)}
	l.rand = random(l.set.Src, "lanczos")
	return l
}

func (l *lanczos) search() (*Result, error) {
	if err := l.begin(); err != nil {
		return nil, err
	}
	for {
		done, err := l.step()
		if err != nil {
			return nil, err
		}
		if done && l.good && l.several() {
			if done, err = l.complete(); err != nil {
				return nil, err
			}
		}
		if done {
			return l.result()
		}
	}
}

// begin fills the frontier with the start vectors and a random one.
func (l *lanczos) begin() error {
	start := l.set.Start
	if l.set.Rough != nil {
		if err := l.approximate(); err != nil {
			return err
		}
		start = l.chosen()
	}
	for _, w := range start {
		if len(l.z) < l.set.MaxBasis/3 {
			l.propose(w)
		}
	}
	if l.rough != nil {
		l.spare, l.rough.Vectors = append(l.spare, l.rough.Vectors...), nil
	}
	l.given, l.above = len(l.z), math.Inf(1)
	l.chain = l.given == 0
	switch {
	case l.chain:
		l.fresh(l.rand)
	case l.set.Explore > 0 && l.rough == nil && !l.several(): // which missed explores for
		l.fresh(l.rand)
		l.explore, l.first = l.set.Explore, true
	}
	return nil
}

// step spends one product, and reports whether the search has ended.
func (l *lanczos) step() (done bool, err error) {
	if len(l.z) == 0 {
		if !l.fresh(l.rand) {
			l.good = l.converged()
			return true, nil
		}
		if l.now, err = l.ritz(); err != nil {
			return false, err
		}
	}
	if len(l.v)+len(l.z) >= l.set.MaxBasis {
		if err := l.shrink(); err != nil {
			return false, err
		}
	}
	if err := l.expand(l.next()); err != nil {
		return false, err
	}
	if l.now, err = l.ritz(); err != nil {
		return false, err
	}
	l.good, l.missing = l.given == 0 && l.explore == 0 && l.converged(), false
	return l.good || l.products >= l.set.MaxProducts, nil
}

// shrink restarts from the Ritz pairs that are worth keeping.
func (l *lanczos) shrink() (err error) {
	l.bound()
	l.chain = false // the random vector is no longer in the basis
	l.restart(l.now, l.keep())
	l.now, err = l.ritz()
	return err
}

// next returns the index in the frontier of the direction to take: first the given vectors,
// then the random one and its successors, then the residual of the wanted pair that is furthest
// from its tolerance.
func (l *lanczos) next() int {
	if l.given > 0 {
		l.given--
		return 0
	}
	if l.explore > 0 {
		l.explore--
		if l.first {
			l.first = false
			return 0 // the given vectors before it have all been taken
		}
		return len(l.z) - 1
	}
	if l.now == nil {
		return 0
	}
	if i, _ := l.worst(); l.now.res[i] > 0 {
		l.turn(l.now.rest[i])
	}
	return 0
}

// wanted returns the indices of the wanted pairs among the Ritz pairs: the largest, descending,
// then the smallest, ascending.
func (l *lanczos) wanted() []int {
	var w []int
	m := len(l.now.value)
	for i := m - 1; i >= max(0, m-l.set.Largest); i-- {
		w = append(w, i)
	}
	for i := range min(m, l.set.Smallest) {
		w = append(w, i)
	}
	return w
}

// estimate returns min(r, r²/gap), where gap is the distance to the nearest other Ritz value
// less that value's own residual. If there is no other it returns r.
func (r *ritz) estimate(i int, res float64) float64 {
	gap := math.Inf(1)
	for j, v := range r.value {
		if j != i {
			gap = min(gap, math.Abs(v-r.value[i])-r.res[j])
		}
	}
	if gap <= res || len(r.value) == 1 {
		return res
	}
	return res * res / gap
}

// keep chooses the Ritz pairs that survive a restart, in ascending order: the wanted ones, and
// half as many as there is room for besides, from both ends of the spectrum even if only one is
// wanted. If the other end dominates and is dropped, it must be found again after each
// restart: with 20 vectors and the spectrum of a ResNet that doubles the products.
func (l *lanczos) keep() []int {
	m, room := len(l.v), l.set.MaxBasis-len(l.z)
	lo, hi := min(l.set.Smallest, m), min(l.set.Largest, m)
	extra := max(0, min((room-lo-hi)/2, m-lo-hi-1))
	lo, hi = lo+extra/2, hi+extra-extra/2
	var keep []int
	for i := range m {
		if i < lo || i >= m-hi {
			keep = append(keep, i)
		}
	}
	return keep
}

func (l *lanczos) result() (*Result, error) {
	l.bound()
	at := l.wanted()
	r := &Result{Products: l.products, Converged: l.good, Missing: l.missing, Above: l.above, Rough: l.rough}
	var s [][]float64
	for _, i := range at {
		res := l.now.res[i] + max(l.set.Noise*l.norm, tiny)
		r.Values = append(r.Values, l.now.value[i])
		r.Residuals = append(r.Residuals, res)
		r.Estimates = append(r.Estimates, l.now.estimate(i, res))
		s = append(s, l.now.s[i])
	}
	r.Vectors = slices.Clone(l.v[:min(len(s), len(l.v))])
	for len(r.Vectors) < len(s) { // the largest are also the smallest
		r.Vectors = append(r.Vectors, l.vector())
	}
	combineTo(r.Vectors, l.v, s)
	for _, v := range r.Vectors {
		scale(v, 1/norm(v))
	}
	if l.set.Verify {
		return r.measure(l.a)
	}
	return r, nil
}

// measure sets Measured with one fresh product for each pair, and returns r.
func (r *Result) measure(a Operator) (*Result, error) {
	w := make([]float32, a.Dim())
	for i, v := range r.Vectors {
		if err := a.MulVecTo(w, v); err != nil {
			return nil, err
		}
		r.Products++
		res := residual(w, r.Values[i], v)
		if !finite(res) {
			return nil, ErrNotFinite
		}
		r.Measured = append(r.Measured, res)
	}
	return r, nil
}

// residual returns ‖w − λv‖.
func residual(w []float32, lambda float64, v []float32) float64 {
	parts := make([]float64, (len(w)+block-1)/block)
	inBlocks(len(w), func(b, lo, hi int) {
		for i, x := range w[lo:hi] {
			d := float64(x) - lambda*float64(v[lo+i])
			parts[b] += d * d
		}
	})
	var sum float64
	for _, p := range parts {
		sum += p
	}
	return math.Sqrt(sum)
}
