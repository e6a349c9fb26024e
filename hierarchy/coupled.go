package hierarchy

import "math"

// coupled is the truncated system as the paper writes it, the slow twin of
// iterated: f, K^(2), …, K^(p−1) of all points move,
//
//	dK^(r)/dt (x_1,…,x_r) = −(1/n) Σ_β K^(r+1)(x_1,…,x_r, x_β) (f(x_β) − y_β),
//
// and K^(p) does not.
type coupled struct {
	*Truncated
	scale  *scales
	offset []int     // K^(r) is state[offset[r]:offset[r+1]], r = 1…p−1
	own    []float64 // the scale of each K^(r), at index r
	u      []float64
}

func newCoupled(s *Truncated, sc *scales) *coupled {
	p := s.Level()
	m := &coupled{Truncated: s, scale: sc, offset: make([]int, p+1), own: make([]float64, p+1), u: make([]float64, len(s.y))}
	for r := 1; r < p; r++ {
		m.offset[r+1] = m.offset[r] + len(s.k[r-1].Data)
	}
	// K^(r) moves as far as those above move it while f moves by its scale.
	for r := p; r >= 1; r-- {
		m.own[r] = s.k[r-1].Max()
		if r < p {
			m.own[r] += m.own[r+1] * sc.output
		}
	}
	return m
}

func (m *coupled) kernel(state []float64, r int) []float64 {
	if r == m.Level() {
		return m.k[r-1].Data
	}
	return state[m.offset[r]:m.offset[r+1]]
}

func (m *coupled) start() []float64 {
	var state []float64
	for _, k := range m.k[:m.Level()-1] {
		state = append(state, k.Data...)
	}
	return state
}

func (m *coupled) slope(dst []float64, _ float64, state []float64) {
	for i, y := range m.y {
		m.u[i] = (y - state[i]) / float64(len(m.y))
	}
	clear(dst)
	for r := 1; r < m.Level(); r++ {
		contractAdd(m.kernel(dst, r), m.kernel(state, r+1), m.u)
	}
}

func (m *coupled) size(e, _ []float64) float64 {
	worst := m.scale.ratio(largest(m.kernel(e, 1)), m.scale.output)
	for r := 2; r < m.Level(); r++ {
		scale := m.own[r]
		if r == 2 {
			scale = m.scale.kernel
		}
		worst = math.Max(worst, m.scale.ratio(largest(m.kernel(e, r)), scale))
	}
	return worst
}

func (m *coupled) look(state []float64, rows int) ([]float64, *Tensor) {
	n := len(m.y)
	return append([]float64(nil), state[:rows]...),
		&Tensor{2, rows, n, append([]float64(nil), m.kernel(state, 2)[:rows*n]...)}
}

func (m *coupled) watch(state []float64) (residual, least float64) {
	return watchTruncated(m, m.scale, m.y, state)
}
