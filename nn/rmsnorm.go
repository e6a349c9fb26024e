package nn

import "fmt"

// RMSNorm divides each pixel, or each step, by the root of the mean of its squares, y = γx/√(⟨x²⟩ + Eps), with a weight γ
// for each channel (Zhang & Sennrich 2019). It is layer norm that leaves the mean where it is.
type RMSNorm struct {
	Eps      float64
	NoWeight bool // leaves out γ
	// Group is how many channels that follow each other are normalised together, as the numbers of a head are. Groups share
	// γ, of so many numbers. 0 means all channels.
	Group int
}

// Out returns the input's shape.
func (n RMSNorm) Out(in ...Shape) Shape {
	one("rmsnorm", in)
	if !(n.Eps >= 0) {
		panic(fmt.Sprintf("nn: rmsnorm with ε %v: want 0 or more", n.Eps))
	}
	checkGroup(n.Group, in[0])
	return in[0]
}

// Params returns weight (γ), unless it has none.
func (n RMSNorm) Params(in ...Shape) []Param {
	if n.NoWeight {
		return nil
	}
	return []Param{{Name: "weight", Shape: []int{groupOf(n.Group, in[0])}, Fill: 1}}
}

func (n RMSNorm) compile(b *binding) rules {
	group := groupOf(n.Group, b.in(0).shape)
	if n.NoWeight {
		return compilePlainNorm(b, group, n.Eps, false)
	}
	return compileAffineNorm(b, b.scaleOnly(group), n.Eps, false)
}
