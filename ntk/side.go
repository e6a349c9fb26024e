package ntk

import (
	"unsafe"

	"breakeven/tensor"
)

// A block is two sides whose examples are paired.
type block struct {
	one, two *side
	dots     []float64 // products of examples that are vectors: rows of those of one
}

// newBlock pairs sides. Examples that are vectors it multiplies all at once, to
// dots; of a side with itself only what lies on and below the diagonal.
func newBlock(one, two *side, dots []float64) *block {
	b := &block{one: one, two: two}
	if dots != nil {
		b.dots = dots[:one.n*two.n]
		p := tensor.Product64{M: one.n, K: one.size, N: two.n, Lower: one == two}
		p.Mul(b.dots, two.n, one.matrix(), two.matrix().T(), false)
	}
	return b
}

// A side is some examples that follow each other, and what pairs must know of
// each by itself.
type side struct {
	x        []float64 // all examples
	stride   int       // from one to the next
	size     int       // numbers of one
	first, n int
	parts    []part
}

// A part is what an activation or a norm keeps of each position of each example:
// variances or factors, and expansions, nil if it needs none.
type part struct {
	k      []float64
	series []expansion
}

// A partSize says how many positions of an example a part has, and whether it
// needs expansions.
type partSize struct {
	positions int
	series    bool
}

// newSide returns a side of examples with room for its parts.
func newSide(x []float64, stride, size, first, n int, parts []partSize) *side {
	s := &side{x: x, stride: stride, size: size, first: first, n: n, parts: make([]part, len(parts))}
	for i, p := range parts {
		s.parts[i].k = make([]float64, n*p.positions)
		if p.series {
			s.parts[i].series = make([]expansion, n*p.positions)
		}
	}
	return s
}

func (s *side) example(i int) []float64 {
	at := (s.first + i) * s.stride
	return s.x[at : at+s.size]
}

func (s *side) matrix() tensor.Matrix64 {
	return tensor.Rows64(s.x[s.first*s.stride:], s.stride)
}

func (p *part) slice(at, n int) normals {
	s := normals{k: p.k[at : at+n]}
	if p.series != nil {
		s.series = p.series[at : at+n]
	}
	return s
}

// bytes returns the memory of what a side keeps.
func (s *side) bytes() int {
	sum := 0
	for _, p := range s.parts {
		sum += 8 * len(p.k)
		for _, e := range p.series {
			sum += 8*len(e.d) + int(unsafe.Sizeof(e))
		}
	}
	return sum
}
