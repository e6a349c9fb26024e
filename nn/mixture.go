package nn

import (
	"fmt"
	"math"
)

// MixtureDensity is the negative log-likelihood, in nats, of a target y under a mixture of
// normal distributions whose parameters are the outputs (Bishop 1994):
//
//	loss = −log(Floor + Σ_k π_k Π_b N(y_b; μ_kb, L_kb L_kbᵀ))
//
// The numbers of y are cut into blocks, which are independent within a component. A row of
// outputs holds, one after the other,
//
//   - K numbers whose softmax is π,
//   - for each block of n numbers the means of all components, K·n numbers,
//   - for each block the Cholesky factors L of all components, K·n(n+1)/2 numbers in the
//     order of TensorFlow's fill_triangular: for n = 3, a₀ … a₅ are the rows (a₃), (a₅, a₄),
//     (a₂, a₁, a₀). The diagonal is the softplus of its numbers.
//
// The Hessian in the outputs is indefinite. In its place the Gauss-Newton product uses the
// Fisher information of the complete data, which are y and the component that it comes from:
// diag(π) − ππᵀ for π, and for each component π_k times that of its normal distribution. It
// is the Fisher information of the mixture plus that of the unseen component (Orchard &
// Woodbury 1972), so an upper bound of it, and does not depend on y.
type MixtureDensity struct {
	Components int   // K
	Blocks     []int // how many numbers each block has
	// Floor is added to the density, so that no row costs more than −log Floor. 0: none is.
	Floor float64
}

// The largest mixtures, so that the rules allocate nothing.
const (
	mostComponents = 32
	mostInNormal   = 8
)

// Name returns "mixture-density".
func (MixtureDensity) Name() string { return "mixture-density" }

// Width returns how many numbers a target has.
func (m MixtureDensity) Width() int {
	width := 0
	for _, n := range m.Blocks {
		width += n
	}
	return width
}

// Outputs returns how many outputs a row has.
func (m MixtureDensity) Outputs() int {
	n := 1
	for _, b := range m.Blocks {
		n += b + b*(b+1)/2
	}
	return m.Components * n
}

// Targets returns vectors of Width numbers for rows of Outputs outputs. It panics if the
// mixture has more than 32 components, or a block of more than 8 numbers.
func (m MixtureDensity) Targets(outputs int) (classes, width int) {
	if m.Components < 1 || m.Components > mostComponents || !(m.Floor >= 0) {
		panic(fmt.Sprintf("nn: %+v", m))
	}
	for _, n := range m.Blocks {
		if n < 1 || n > mostInNormal {
			panic(fmt.Sprintf("nn: %+v", m))
		}
	}
	if outputs != m.Outputs() {
		return 0, 0
	}
	return 0, m.Width()
}

// A place says where a block of a component stands: n numbers of the target, as many means,
// and n(n+1)/2 numbers of its factor.
type mixturePlace struct{ n, target, mean, factor int }

// place returns that of block b of component k.
func (m MixtureDensity) place(b, k int) mixturePlace {
	p := mixturePlace{n: m.Blocks[b], mean: m.Components, factor: m.Components * (1 + m.Width())}
	for _, n := range m.Blocks[:b] {
		p.target += n
		p.mean += m.Components * n
		p.factor += m.Components * n * (n + 1) / 2
	}
	p.mean += k * p.n
	p.factor += k * p.n * (p.n + 1) / 2
	return p
}

// entry returns where L[i][j] stands in the row, for j ≤ i: filling row by row begins with
// the last n(n+1)/2 − n numbers and goes on with all of them from the end.
func (p mixturePlace) entry(i, j int) int {
	at, size := i*p.n+j, p.n*(p.n+1)/2
	if tail := size - p.n; at >= tail {
		return p.factor + size - 1 - (at - tail)
	}
	return p.factor + p.n + at
}

// A Normal is one component of a mixture: its weight, and its normal distribution with
// covariance L Lᵀ. L has a row for each number of the target and is 0 between blocks.
type Normal struct {
	LogWeight float64
	Mean      []float64
	L         [][]float64
}

// Decode returns the components of a row of outputs. They are written to dst, which an earlier
// call for the same mixture has returned, or to new memory if it is nil.
func (m MixtureDensity) Decode(dst []Normal, z []float32) []Normal {
	if dst == nil {
		dst = m.normals()
	}
	var logits [mostComponents]float64
	log := m.logWeights(&logits, z)
	for k := range dst {
		c := &dst[k]
		c.LogWeight = log[k]
		for b := range m.Blocks {
			var x normalBlock
			p := m.place(b, k)
			x.read(p, z)
			for i := range p.n {
				c.Mean[p.target+i] = float64(z[p.mean+i])
				copy(c.L[p.target+i][p.target:], x.l[i][:i+1])
			}
		}
	}
	return dst
}

// normals returns components that are zero.
func (m MixtureDensity) normals() []Normal {
	all, width := make([]Normal, m.Components), m.Width()
	for k := range all {
		all[k] = Normal{Mean: make([]float64, width), L: make([][]float64, width)}
		for i := range all[k].L {
			all[k].L[i] = make([]float64, width)
		}
	}
	return all
}

// Means returns the means of the first block of component k, as they stand in a row of outputs.
func (m MixtureDensity) Means(z []float32, k int) []float32 {
	p := m.place(0, k)
	return z[p.mean : p.mean+p.n]
}

// logWeights returns log π, in dst.
func (m MixtureDensity) logWeights(dst *[mostComponents]float64, z []float32) []float64 {
	log := dst[:m.Components]
	for k := range log {
		log[k] = float64(z[k])
	}
	sum := logSum(log)
	for k := range log {
		log[k] -= sum
	}
	return log
}

// logSum is log Σ exp(x). It is NaN if a number is.
func logSum(x []float64) float64 {
	top := math.Inf(-1)
	for _, v := range x {
		top = max(top, v)
	}
	if math.IsInf(top, 0) {
		return top
	}
	sum := 0.0
	for _, v := range x {
		sum += math.Exp(v - top)
	}
	return top + math.Log(sum)
}
