package ntk

import (
	"math"
	"sync"

	"gonum.org/v1/gonum/integrate/quad"
)

// pieces cut the line where a function and its slope need it: between two ends
// each is a polynomial but for rounding.
type pieces struct {
	f, slope   func(float64) float64
	resolution [2]float64 // of f and slope, to which polynomials must follow
	mu         sync.Mutex
	roots      map[int][]end
}

// An end of a piece. It is sharp if no polynomial follows on both sides: at a kink
// of the function or of its slope.
type end struct {
	at    float64
	sharp bool
}

const (
	nodes      = 16    // of Gauss-Legendre on each panel
	sharpest   = 1e-13 // kinks are found to this, relative for x above 1
	suspicious = 1e-8  // pieces shorter than this lie at a kink
	mostPieces = 5000  // of a root: no pieces make noise smooth
)

// legendreX and legendreW are nodes on (−1, 1) and their weights; legendreLast
// takes values at the nodes to the last two coefficients of a Legendre series.
var (
	legendreX, legendreW = func() (x, w []float64) {
		x, w = make([]float64, nodes), make([]float64, nodes)
		quad.Legendre{}.FixedLocations(x, w, -1, 1)
		return x, w
	}()
	legendreLast = func() (rows [2][nodes]float64) {
		for i, x := range legendreX {
			p, last := 1.0, 0.0
			for n := range nodes {
				if n >= nodes-2 {
					rows[n-nodes+2][i] = legendreW[i] * p * (float64(n) + 0.5)
				}
				p, last = (float64(2*n+1)*x*p-float64(n)*last)/float64(n+1), p
			}
		}
		return rows
	}()
)

// within returns the ends of pieces in [−limit, limit], these two included.
func (p *pieces) within(limit float64) []end {
	last := 0
	for math.Ldexp(1, last) < limit {
		last++
	}
	ends := []end{{at: -limit}}
	for i := -last - 1; i <= last; i++ {
		for _, e := range p.root(i) {
			if e.at > ends[len(ends)-1].at && e.at < limit {
				ends = append(ends, e)
			}
		}
	}
	return append(ends, end{at: limit})
}

// root returns the ends in an interval of a fixed grid, so that they do not depend
// on how far somebody integrates: [0, 1] for 0, [2ⁱ⁻¹, 2ⁱ] for i > 0, and their
// mirror images for −1, −2, ….
func (p *pieces) root(i int) []end {
	p.mu.Lock()
	defer p.mu.Unlock()
	r, ok := p.roots[i]
	if !ok {
		a, b := math.Ldexp(1, i-1), math.Ldexp(1, i)
		switch {
		case i == 0:
			a = 0
		case i == -1:
			a, b = -1, 0
		case i < 0:
			a, b = -math.Ldexp(1, -i-1), -math.Ldexp(1, -i-2)
		}
		r = p.cut(a, b)
		p.roots[i] = r
	}
	return r
}

// cut returns the ends in [a, b]: it halves what no polynomial follows. Where the
// halves become very short there is a kink, and what lies on either side of it is
// cut again by itself.
func (p *pieces) cut(a, b float64) []end {
	var size [2]float64
	for i := range 65 {
		for _, x := range []float64{a + (b-a)*float64(i)/64, float64(i-32) / 32} {
			size[0], size[1] = max(size[0], math.Abs(p.f(x))), max(size[1], math.Abs(p.slope(x)))
		}
	}
	left := mostPieces
	ends := []float64{a}
	for _, k := range append(kinks(p.halve([]float64{a}, b, size, &left)), b) {
		ends = p.halve(ends, k, size, &left)
	}
	if left < 0 {
		return []end{{at: a}, {at: b}}
	}
	list := make([]end, len(ends))
	for i, x := range ends {
		width := b - a
		if i > 0 {
			width = min(width, x-ends[i-1])
		}
		if i+1 < len(ends) {
			width = min(width, ends[i+1]-x)
		}
		list[i] = end{x, !p.smooth(x-width/8, x+width/8, size)}
	}
	return list
}

// halve appends to ends the upper ends of pieces from the last of them to b.
func (p *pieces) halve(ends []float64, b float64, size [2]float64, left *int) []float64 {
	a := ends[len(ends)-1]
	*left--
	if *left < 0 || p.smooth(a, b, size) || b-a <= sharpest*max(1, math.Abs(a)) {
		return append(ends, b)
	}
	return p.halve(p.halve(ends, a+(b-a)/2, size, left), b, size, left)
}

// kinks returns the middle of the shortest piece wherever some are very short.
func kinks(ends []float64) []float64 {
	var list []float64
	shortest := math.Inf(1) // of those that lie together
	for i := 1; i < len(ends); i++ {
		width := ends[i] - ends[i-1]
		if width > suspicious*max(1, math.Abs(ends[i])) {
			shortest = math.Inf(1)
			continue
		}
		middle := ends[i-1] + width/2
		switch {
		case math.IsInf(shortest, 1):
			list, shortest = append(list, middle), width
		case width < shortest:
			list[len(list)-1], shortest = middle, width
		}
	}
	return list
}

// smooth reports whether Legendre series of f and its slope end on [a, b],
// relative to their sizes there and within ±1.
func (p *pieces) smooth(a, b float64, size [2]float64) bool {
	for k, f := range []func(float64) float64{p.f, p.slope} {
		var last [2]float64
		for i, x := range legendreX {
			y := f(a + (b-a)*(1+x)/2)
			last[0] += legendreLast[0][i] * y
			last[1] += legendreLast[1][i] * y
		}
		if !(math.Abs(last[0])+math.Abs(last[1]) <= p.resolution[k]*size[k]) && size[k] > 0 {
			return false
		}
	}
	return true
}

// jump returns an end at which f jumps, if there is one.
func (p *pieces) jump(ends []end) (x float64, ok bool) {
	size := 0.0
	for _, e := range ends {
		size = max(size, math.Abs(p.f(e.at)))
	}
	for _, e := range ends {
		step := 4 * sharpest * max(1, math.Abs(e.at))
		near := math.Abs(p.f(e.at+step) - p.f(e.at-step))
		if near > 1e-3*size && near > math.Abs(p.f(e.at+1e3*step)-p.f(e.at-1e3*step))/2 {
			return e.at, true
		}
	}
	return 0, false
}
