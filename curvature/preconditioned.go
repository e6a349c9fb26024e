package curvature

import (
	"math"

	"breakeven/spectrum"
	"breakeven/tensor"
)

// A Preconditioner is what a step multiplies gradients by, held as it is at one step:
// θ ← θ − η·(D(C g + λθ) + μθ), or the same with momentum.
type Preconditioner struct {
	C         Rooted    // the inverse of Kronecker factors; nil: I
	D         []float32 // a diagonal, such as Adam's; nil: I
	Decay     float64   // λ of weight decay in the gradient
	Decoupled float64   // μ of weight decay beside it
}

// A Rooted is a symmetric positive definite matrix that has a root.
type Rooted interface {
	MulVecTo(dst, v []float32) error
	Root() (*Root, error)
}

// Plain reports whether the preconditioner changes nothing.
func (p Preconditioner) Plain() bool {
	return p.C == nil && p.D == nil && p.Decay == 0 && p.Decoupled == 0
}

// CurvatureBytes returns the memory that Preconditioner.Curvature takes for that many parameters,
// without the root.
func CurvatureBytes(dim int) int64 { return 8 * int64(dim) }

// Curvature returns an operator with the eigenvalues of D(CH + λI) + μI, the matrix by which a
// step of gradient descent changes θ on a quadratic loss with the Hessian h, and whether it is
// symmetric: D^½ H D^½ + λD + μI, or Bᵀ H B + (λ+μ)I with B Bᵀ = C. With both C and D the matrix
// D^½ C H D^½ + λD + μI is symmetric only by chance. The error is that of [Rooted.Root].
func (p Preconditioner) Curvature(h spectrum.Operator) (op spectrum.Operator, symmetric bool, err error) {
	o := &preconditioned{Preconditioner: p, h: h, x: make([]float32, h.Dim())}
	if p.D != nil {
		o.half = make([]float32, len(p.D))
		for i, v := range p.D {
			o.half[i] = float32(math.Sqrt(float64(v)))
		}
	}
	if p.C != nil && p.D == nil {
		if o.root, err = p.C.Root(); err != nil {
			return nil, false, err
		}
	}
	return o, p.C == nil || p.D == nil, nil
}

// preconditioned is the operator of Curvature.
type preconditioned struct {
	Preconditioner
	h       spectrum.Operator
	root    *Root
	half, x []float32 // D^½, and scratch
}

func (o *preconditioned) Dim() int { return o.h.Dim() }

func (o *preconditioned) MulVecTo(dst, v []float32) error {
	copy(o.x, v)
	if o.half != nil {
		tensor.Mul(o.x, v, o.half)
	}
	if o.root != nil {
		o.root.MulVecTo(o.x, o.x)
	}
	if err := o.h.MulVecTo(dst, o.x); err != nil {
		return err
	}
	switch {
	case o.root != nil:
		o.root.TransMulVecTo(dst, dst)
	case o.C != nil:
		if err := o.C.MulVecTo(dst, dst); err != nil {
			return err
		}
	}
	if o.half != nil {
		tensor.Mul(dst, dst, o.half)
	}
	if o.Decay != 0 {
		if o.D != nil {
			tensor.Mul(o.x, v, o.D)
			tensor.Axpy(dst, float32(o.Decay), o.x)
		} else {
			tensor.Axpy(dst, float32(o.Decay), v)
		}
	}
	if o.Decoupled != 0 {
		tensor.Axpy(dst, float32(o.Decoupled), v)
	}
	return nil
}
