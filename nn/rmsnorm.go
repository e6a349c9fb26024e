package nn

import "fmt"

// RMSNorm divides each pixel, or each step, by the root of the mean of its squares, y = γx/√(⟨x²⟩ + Eps), with a weight γ
// for each channel (Zhang & Sennrich 2019). It is layer norm that leaves the mean where it is.
type RMSNorm struct {
	Eps      float64
	NoWeight bool // leaves out γ
}

// Out returns the input's shape.
func (n RMSNorm) Out(in ...Shape) Shape {
	one("rmsnorm", in)
	if !(n.Eps >= 0) {
		panic(fmt.Sprintf("nn: rmsnorm with ε %v: want 0 or more", n.Eps))
	}
	return in[0]
}

// Params returns weight (γ), unless it has none.
func (n RMSNorm) Params(in ...Shape) []Param {
	if n.NoWeight {
		return nil
	}
	return []Param{{Name: "weight", Shape: []int{in[0].C}, Fill: 1}}
}

func (n RMSNorm) compile(b *binding) rules {
	if n.NoWeight {
		return compilePlainNorm(b, b.in(0).shape.C, n.Eps, false)
	}
	return compileAffineNorm(b, b.scaleOnly(b.in(0).shape.C), n.Eps, false)
}
