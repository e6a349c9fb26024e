package hierarchy

import "math"

// iterated is the truncated system in iterated integrals. With u = −(f − y)/n,
//
//	dI_{a_1…a_k}/dt = u_{a_1} I_{a_2…a_k},  I = 1 for k = 0,
//	K^(r)(x_1,…,x_r; t) = Σ_k Σ_a K_0^(r+k)(x_1,…,x_r, x_{a_1},…,x_{a_k}) I_{a_1…a_k}(t)
//
// for k = 0…p−r, with a_1 the latest time. The I are the signature of the path
// ∫u dt, cut at level p−1. No kernel moves, and test points cost nothing but
// their rows when they are looked at.
type iterated struct {
	*Truncated
	scale  *scales
	offset []int // I with k indices is state[offset[k]:offset[k+1]], k = 1…p−1
	f, u   []float64
}

func newIterated(s *Truncated, sc *scales) *iterated {
	m := &iterated{Truncated: s, scale: sc, offset: make([]int, s.Level()+1)}
	for k := 1; k < s.Level(); k++ {
		m.offset[k+1] = m.offset[k] + power(len(s.y), k)
	}
	m.f, m.u = make([]float64, len(s.y)), make([]float64, len(s.y))
	return m
}

// integrals returns the I with k indices.
func (m *iterated) integrals(state []float64, k int) []float64 {
	return state[m.offset[k]:m.offset[k+1]]
}

// moved adds to dst what the integrals add to K^(r).
func (m *iterated) moved(dst []float64, r int, state []float64) {
	for k := 1; r+k <= m.Level(); k++ {
		v := m.integrals(state, k)
		contractAdd(dst, m.k[r+k-1].Data[:len(dst)*len(v)], v)
	}
}

func (m *iterated) slope(dst []float64, _ float64, state []float64) {
	n := len(m.y)
	copy(m.f, m.k[0].Data)
	m.moved(m.f, 1, state)
	for i, v := range m.f {
		m.u[i] = (m.y[i] - v) / float64(n)
	}
	copy(m.integrals(dst, 1), m.u)
	for k := 2; k < m.Level(); k++ {
		to, from := m.integrals(dst, k), m.integrals(state, k-1)
		for a, v := range m.u {
			scaleTo(to[a*len(from):(a+1)*len(from)], v, from)
		}
	}
}

// size is the error that the integrals' errors make in f and K^(2) of all points.
func (m *iterated) size(e, _ []float64) float64 {
	f, k := make([]float64, m.k[0].Rows), make([]float64, len(m.k[1].Data))
	m.moved(f, 1, e)
	m.moved(k, 2, e)
	return math.Max(m.scale.ratio(largest(f), m.scale.output), m.scale.ratio(largest(k), m.scale.kernel))
}

func (m *iterated) look(state []float64, rows int) ([]float64, *Tensor) {
	n := len(m.y)
	f := append([]float64(nil), m.k[0].Data[:rows]...)
	k := &Tensor{2, rows, n, append([]float64(nil), m.k[1].Data[:rows*n]...)}
	m.moved(f, 1, state)
	m.moved(k.Data, 2, state)
	return f, k
}

func (m *iterated) watch(state []float64) (residual, least float64) {
	return watchTruncated(m, m.scale, m.y, state)
}

// watchTruncated looks at the training points, and lets the scales grow with what
// moves.
func watchTruncated(m motion, s *scales, y, state []float64) (residual, least float64) {
	f, k := m.look(state, len(y))
	s.kernel = max(s.kernel, k.Max())
	s.output = max(s.output, largest(f))
	for i, v := range f {
		residual = max(residual, math.Abs(v-y[i]))
	}
	least, _ = extremes(k)
	return residual, least
}
