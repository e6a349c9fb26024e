package curvature

import (
	"fmt"
	"math"

	"breakeven/nn"
	"breakeven/rng"
	"breakeven/tensor"
)

// Factors is the block-diagonal matrix that has A ⊗ S for each block of a network (see
// [nn.Block]), and a multiple of the identity for the parameters of no block: for the matrix W
// of a block, with its bias as the last column, the product is S W A (Martens & Grosse 2015).
// It is an operator as H is, and so is its damped inverse.
type Factors struct {
	Blocks []nn.Block
	A, S   [][]float32 // by block: Inputs×Inputs and Out×Out, row-major
	Rest   float32     // of the parameters of no block
	dim    int
	work   [2][]float32
}

// FactorSettings say what Kronecker factors are made of. The zero value is the empirical
// Fisher matrix with expanded rows.
type FactorSettings struct {
	Fisher  nn.Fisher
	Sharing Sharing
	Seed    uint64 // of the random signs of nn.Plan.FisherAdjoints
}

// SignsOf returns the field of random signs of a seed.
func SignsOf(seed uint64) rng.Field { return rng.NewField(seed, "fisher") }

// NewFactors allocates the factors of a network. All are 0.
func NewFactors(net *nn.Network) *Factors {
	f := &Factors{Blocks: net.Blocks(), dim: net.Dim()}
	for _, b := range f.Blocks {
		f.A = append(f.A, make([]float32, b.Inputs*b.Inputs))
		f.S = append(f.S, make([]float32, b.Out*b.Out))
	}
	f.work = matrices(f.Blocks)
	return f
}

// matrices allocates two matrices as large as that of any block.
func matrices(blocks []nn.Block) (work [2][]float32) {
	n := 0
	for _, b := range blocks {
		n = max(n, b.Out*b.Inputs)
	}
	return [2][]float32{make([]float32, n), make([]float32, n)}
}

// FactorsBytes returns the memory of factors.
func FactorsBytes(blocks []nn.Block) (bytes int64) {
	largest := 0
	for _, b := range blocks {
		bytes += 4 * (int64(b.Inputs)*int64(b.Inputs) + int64(b.Out)*int64(b.Out))
		largest = max(largest, b.Out*b.Inputs)
	}
	return bytes + 8*int64(largest)
}

// Factors returns the Kronecker factors on the problem's set, at the parameters of At. The
// problem's Settings must have Factors.
func (p *Problem) Factors(s FactorSettings) (*Factors, error) {
	f, signs := NewFactors(p.net), SignsOf(s.Seed)
	sums := NewFactorSums(f.Blocks)
	sums.Sharing, sums.Reached = s.Sharing, p.set.Graph != nil
	for c, set := range p.chunks {
		p.ready(c)
		for pass := range p.plan.FisherPasses(s.Fisher) {
			p.loaded[p.tape(c)] = -1
			p.plan.FisherAdjoints(s.Fisher, pass, p.scale(), signs, c)
			if err := sums.Add(p.plan, set.N, pass == 0); err != nil {
				return nil, err
			}
		}
	}
	for k := range f.Blocks {
		sums.Put(f, k, 1/max(1, sums.Rows[k]), 1)
	}
	return f, p.stopped()
}

// Add adds the adjoints of all blocks that are on the plan's current tape for n examples, and
// their inputs, unless an earlier pass over the same batch has.
func (f *FactorSums) Add(p *nn.Plan, n int, inputs bool) error {
	for k := range f.blocks {
		if inputs {
			if err := f.AddInputs(p, k, n); err != nil {
				return err
			}
		}
		if err := f.AddAdjoints(p, k, n); err != nil {
			return err
		}
	}
	return nil
}

// Put sets the factors of a block to the sums times two scales.
func (f *FactorSums) Put(dst *Factors, block int, a, s float64) {
	put := func(dst []float32, src []float64, n int, scale float64) {
		for i := range n {
			for j := range i + 1 {
				v := float32(scale * src[i*n+j])
				dst[i*n+j], dst[j*n+i] = v, v
			}
		}
	}
	put(dst.A[block], f.A[block], f.blocks[block].Inputs, a)
	put(dst.S[block], f.S[block], f.blocks[block].Out, s)
}

// Dim returns the number of parameters.
func (f *Factors) Dim() int { return f.dim }

// MulVecTo sets dst to the product with v, which may be dst. The error is always nil.
func (f *Factors) MulVecTo(dst, v []float32) error {
	over(f.Blocks, dst, v, f.Rest, f.work, func(k int, w, other []float32) {
		b := f.Blocks[k]
		rotate(w, w, other, tensor.Rows(f.S[k], b.Out), tensor.Rows(f.A[k], b.Inputs), b)
	})
	return nil
}

// A Damping is what is added to factors before they are inverted: √ε to both diagonals or, if
// it is Corrected, π√ε to that of A and √ε/π to that of S with π² the mean eigenvalue of A over
// that of S (Martens & Grosse 2015, Sec. 6.3).
type Damping struct {
	Epsilon   float64
	Corrected bool
}

// Shifts returns what is added to the diagonals of the factors of a block.
func (d Damping) Shifts(f *Factors, block int) (a, s float64) {
	root := math.Sqrt(d.Epsilon)
	if !d.Corrected {
		return root, root
	}
	b := f.Blocks[block]
	ofA, ofS := trace(f.A[block], b.Inputs)/float64(b.Inputs), trace(f.S[block], b.Out)/float64(b.Out)
	if !(ofA > 0) || !(ofS > 0) || math.IsInf(ofA/ofS, 1) {
		return root, root
	}
	pi := math.Sqrt(ofA / ofS)
	return root * pi, root / pi
}

func trace(x []float32, n int) (sum float64) {
	for i := range n {
		sum += float64(x[i*n+i])
	}
	return sum
}

// Inverse returns the inverse of the damped factors. What belongs to no block it leaves as it
// is. The error is that of stop, or says which block has no inverse.
func (f *Factors) Inverse(d Damping, stop func() error) (*Factors, error) {
	inverse, n := &Factors{Blocks: f.Blocks, Rest: 1, dim: f.dim, work: matrices(f.Blocks)}, 0
	for _, b := range f.Blocks {
		inverse.A = append(inverse.A, make([]float32, b.Inputs*b.Inputs))
		inverse.S = append(inverse.S, make([]float32, b.Out*b.Out))
		n = max(n, b.Inputs, b.Out)
	}
	v := NewInverter(n)
	v.Stop = stop
	for k := range f.Blocks {
		if err := f.InvertInputs(inverse, k, d, v); err != nil {
			return nil, err
		}
		if err := f.InvertAdjoints(inverse, k, d, v); err != nil {
			return nil, err
		}
	}
	return inverse, nil
}

// InvertInputs sets A of a block of dst to the inverse of the damped A.
func (f *Factors) InvertInputs(dst *Factors, block int, d Damping, v *Inverter) error {
	a, _ := d.Shifts(f, block)
	return d.explain(v.Invert(dst.A[block], f.A[block], f.Blocks[block].Inputs, a), "inputs", f.Blocks[block])
}

// InvertAdjoints sets S of a block of dst to the inverse of the damped S.
func (f *Factors) InvertAdjoints(dst *Factors, block int, d Damping, v *Inverter) error {
	_, s := d.Shifts(f, block)
	return d.explain(v.Invert(dst.S[block], f.S[block], f.Blocks[block].Out, s), "adjoints", f.Blocks[block])
}

// explain says which factor has no inverse.
func (d Damping) explain(err error, of string, b nn.Block) error {
	if !isFactorError(err) {
		return err
	}
	return fmt.Errorf("the Kronecker factor of the %s of %s has no inverse: it is %w with a damping of %v; use a larger one", of, b.Name, err, d.Epsilon)
}
