package curvature

import "breakeven/tensor"

// A Span is a range of parameters: Begin up to but without End.
type Span struct{ Begin, End int }

// Blocks makes the diagonal blocks of an operator. They share memory, of two vectors of
// parameters, so that one block at a time may be used.
type Blocks struct {
	o       *Operator
	in, out []float32
}

// Blocks returns what makes blocks of o.
func (o *Operator) Blocks() *Blocks {
	return &Blocks{o, make([]float32, o.Dim()), make([]float32, o.Dim())}
}

// BlockMemory returns the bytes that Blocks take for so many parameters.
func BlockMemory(dim int) int64 { return 2 * 4 * int64(dim) }

// A Block is the part of an operator A in some parameters: PᵀAP, where P puts their numbers into a
// vector of all parameters that is 0 elsewhere. A product with it is one with A.
type Block struct {
	*Blocks
	spans []Span
	dim   int
}

// Of returns the block of the parameters in spans, which do not overlap.
func (b *Blocks) Of(spans []Span) *Block {
	block := &Block{Blocks: b, spans: spans}
	for _, s := range spans {
		block.dim += s.End - s.Begin
	}
	return block
}

// Dim returns the number of parameters of the block.
func (b *Block) Dim() int { return b.dim }

// Examples returns the number of examples that A is the mean of.
func (b *Block) Examples() int { return b.o.Examples() }

// Rough returns the same block for a part of the examples, as Operator.Rough does.
func (b *Block) Rough() (rough *Block, ok bool) {
	o, ok := b.o.Rough()
	return &Block{&Blocks{o, b.in, b.out}, b.spans, b.dim}, ok
}

// MulVecTo sets dst to PᵀAPv.
func (b *Block) MulVecTo(dst, v []float32) error {
	b.scatter(v)
	if err := b.o.MulVecTo(b.out, b.in); err != nil {
		return err
	}
	b.gather(dst)
	return nil
}

// Rounding measures the rounding of a product with the block, as Operator.Rounding does.
func (b *Block) Rounding(v []float32) (float64, error) {
	there, back := make([]float32, b.dim), make([]float32, b.dim)
	if err := b.MulVecTo(there, v); err != nil {
		return 0, err
	}
	if err := b.o.backwards(b.out, b.in); err != nil {
		return 0, err
	}
	b.gather(back)
	tensor.Axpy(back, -1, there)
	return tensor.Norm(back) / tensor.Norm(v), nil
}

// scatter sets in to Pv.
func (b *Block) scatter(v []float32) {
	clear(b.in)
	for _, s := range b.spans {
		v = v[copy(b.in[s.Begin:s.End], v):]
	}
}

// gather sets dst to Pᵀ out.
func (b *Block) gather(dst []float32) {
	for _, s := range b.spans {
		dst = dst[copy(dst, b.out[s.Begin:s.End]):]
	}
}

// AlongOf returns the products of each gradient with v in the parameters of spans.
func (c *Covariance) AlongOf(v []float32, spans []Span) []float64 {
	all := make([]float64, c.L)
	for i, g := range c.gradients {
		for _, s := range spans {
			all[i] += tensor.Dot(g[s.Begin:s.End], v[s.Begin:s.End])
		}
	}
	return all
}

// InnerOf returns the inner products of the parts of the gradients in some parameters, before
// centring, L×L. The error is that of stop.
func (c *Covariance) InnerOf(spans []Span, stop func() error) ([]float64, error) {
	all, errs := make([]float64, c.L*c.L), make([]error, c.L)
	tensor.Parallel(c.L, func(i int) {
		if stop != nil {
			errs[i] = stop()
		}
		for j := 0; j <= i && errs[i] == nil; j++ {
			sum := 0.0
			for _, s := range spans {
				sum += tensor.Dot(c.gradients[i][s.Begin:s.End], c.gradients[j][s.Begin:s.End])
			}
			all[i*c.L+j], all[j*c.L+i] = sum, sum
		}
	})
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}
