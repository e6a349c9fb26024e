package curvature

import (
	"breakeven/nn"
	"breakeven/tensor"
)

// Rounding measures the rounding of products with o: the norm of the difference between Av and
// the same product with the examples of each chunk in the opposite order, relative to ‖v‖, for
// each vector. The sums over examples are rounded in another way then, and under batch norm so
// are the values of each example. For an eigenvector this adds to the residual of its
// eigenvalue: what a residual is, it is of a product that has this error itself. It costs two
// products and a gradient for each vector.
func (o *Operator) Rounding(vectors ...[]float32) ([]float64, error) {
	there, back := make([]float32, o.Dim()), make([]float32, o.Dim())
	var all []float64
	for _, v := range vectors {
		if err := o.MulVecTo(there, v); err != nil {
			return nil, err
		}
		if err := o.backwards(back, v); err != nil {
			return nil, err
		}
		tensor.Axpy(back, -1, there)
		all = append(all, tensor.Norm(back)/tensor.Norm(v))
	}
	return all, nil
}

// backwards is MulVecTo with the examples of each chunk in the opposite order.
func (o *Operator) backwards(dst, v []float32) error {
	o.Products++
	for c, set := range o.chunks {
		reversed := set.Reversed()
		o.p.batch(reversed)
		o.p.plan.Adjoints(nil, o.p.scale(), false)
		o.p.plan.SetTangent(v)
		o.product(dst, o.p.scale(), c > 0)
		if err := o.p.stopped(); err != nil {
			return err
		}
	}
	o.decayed(dst, v)
	return nil
}

// RoundingMemory returns the bytes that Rounding takes for chunks of n examples.
func RoundingMemory(net *nn.Network, n int) int64 {
	size := 0
	for _, in := range net.Inputs() {
		size += in.Shape.Size()
	}
	return 4 * (2*int64(net.Dim()) + int64(n)*int64(size))
}
