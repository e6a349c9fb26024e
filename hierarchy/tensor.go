package hierarchy

import (
	"fmt"
	"math"
)

// A Tensor is K^(r) of order r = 1, 2, …: Rows × N × … × N numbers, the last
// index running fastest. The first index counts the training points and then
// the test points, all others the N training points. K^(1) = f is a vector.
type Tensor struct {
	Order, Rows, N int
	Data           []float64
}

// NewTensor returns a tensor of zeros.
func NewTensor(order, rows, n int) *Tensor {
	if order < 1 || n < 1 || rows < n {
		panic(fmt.Sprintf("hierarchy: tensor of order %d, %d rows and %d training points", order, rows, n))
	}
	return &Tensor{order, rows, n, make([]float64, rows*power(n, order-1))}
}

// power returns n^k.
func power(n, k int) int {
	p := 1
	for range k {
		if p > math.MaxInt/n {
			panic(fmt.Sprintf("hierarchy: %d to the power of %d is beyond all integers", n, k))
		}
		p *= n
	}
	return p
}

// At returns one entry; it takes as many indices as the order.
func (t *Tensor) At(index ...int) float64 {
	if len(index) != t.Order {
		panic(fmt.Sprintf("hierarchy: %d indices for a tensor of order %d", len(index), t.Order))
	}
	at := 0
	for k, i := range index {
		if i < 0 || k == 0 && i >= t.Rows || k > 0 && i >= t.N {
			panic(fmt.Sprintf("hierarchy: index %v of a tensor of %d rows and %d training points", index, t.Rows, t.N))
		}
		at = at*t.N + i
	}
	return t.Data[at]
}

// Row returns all entries whose first index is i, in the tensor's own memory.
func (t *Tensor) Row(i int) []float64 {
	stride := power(t.N, t.Order-1)
	return t.Data[i*stride : (i+1)*stride]
}

// Max returns the largest magnitude.
func (t *Tensor) Max() float64 { return largest(t.Data) }

// Contract returns Σ_β K^(r)(…, x_β) v_β, of order r−1. With v = −(f − y)/n it
// is the derivative of K^(r−1) along gradient flow.
func (t *Tensor) Contract(v []float64) *Tensor {
	if t.Order < 2 || len(v) != t.N {
		panic(fmt.Sprintf("hierarchy: contraction of order %d, %d points, with %d numbers", t.Order, t.N, len(v)))
	}
	c := NewTensor(t.Order-1, t.Rows, t.N)
	contract(c.Data, t.Data, v)
	return c
}

// contract sets dst[i] to the product of the i-th stretch of k with v.
func contract(dst, k, v []float64) {
	for i := range dst {
		dst[i] = dot(k[i*len(v):(i+1)*len(v)], v)
	}
}

// largest returns the largest magnitude, NaN if there is one.
func largest(x []float64) float64 {
	var m float64
	for _, v := range x {
		m = max(m, math.Abs(v))
	}
	return m
}
