package curvature

import "breakeven/tensor"

// An Operator is H or G of a Problem.
type Operator struct {
	p        *Problem
	product  func(dst []float32, scale float64, acc bool)
	chunks   []Set // those that it is the mean of: the problem's first ones
	part     int   // examples of a single chunk, if it is not whole
	plain    bool  // without λI
	Products int   // done so far
}

// Hessian returns H, the Hessian of the mean loss.
func (p *Problem) Hessian() *Operator {
	return &Operator{p: p, product: p.plan.HessVec, chunks: p.chunks}
}

// GaussNewton returns G, the Gauss-Newton matrix of the mean loss.
func (p *Problem) GaussNewton() *Operator {
	return &Operator{p: p, product: p.plan.GaussNewtonVec, chunks: p.chunks}
}

// leastRough is the least number of rows of the output, such as the characters that a sequence predicts, of a rough operator.
const leastRough = 32

// Rough returns the same matrix for a part of the examples, an approximation of o with
// cheaper products: for an eighth of the chunks, but at least one, if there are four or
// more, else for an eighth of the examples or as many as have leastRough rows, if single examples
// have a Hessian. It reports whether these are a quarter of the examples or less.
func (o *Operator) Rough() (rough *Operator, ok bool) {
	chunks, examples := len(o.chunks), o.Examples()
	rough = &Operator{p: o.p, product: o.product, chunks: o.chunks[:max(1, chunks/8)], plain: o.plain}
	if chunks >= 4 || !o.p.PerExample() {
		return rough, chunks >= 4
	}
	rows := o.p.net.Output().Steps()
	least := (leastRough + rows - 1) / rows
	rough.part = min(max(least, examples/8), o.chunks[0].N)
	return rough, examples >= 4*least
}

// Examples returns the number of examples that the operator is the mean of.
func (o *Operator) Examples() int {
	if o.part > 0 {
		return o.part
	}
	n := 0
	for _, c := range o.chunks {
		n += c.Len()
	}
	return n
}

// weight returns the sum of the weights of these examples.
func (o *Operator) weight() float64 {
	if o.part > 0 {
		return o.p.net.Weight(o.chunks[0].Slice(0, o.part))
	}
	sum := 0.0
	for _, c := range o.chunks {
		sum += o.p.net.Weight(c)
	}
	return sum
}

// Dim returns the number of parameters.
func (o *Operator) Dim() int { return o.p.net.Dim() }

// MulVecTo sets dst to the product with v, which is not dst. It returns the error that stopped the problem.
func (o *Operator) MulVecTo(dst, v []float32) error {
	o.Products++
	o.p.plan.SetTangent(v)
	for c := range o.chunks {
		o.p.ready(c)
		if o.part > 0 {
			o.p.plan.First(o.part, func() { o.product(dst, o.p.scale(), false) })
		} else {
			o.product(dst, o.p.scale(), c > 0)
		}
		if err := o.p.stopped(); err != nil {
			return err
		}
	}
	if o.Examples() < o.p.set.Len() {
		tensor.Scale(dst, float32(o.p.weight/o.weight()))
	}
	o.decayed(dst, v)
	return nil
}
