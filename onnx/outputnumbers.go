package onnx

import "breakeven/nn"

// outputLoss is the mean or the sum over the outputs of a function of each and its target, with its derivatives in
// float64. Where the function is concave the Gauss-Newton product takes 0 for its second derivative.
type outputLoss struct {
	f    numberLoss
	mean bool
}

// Name returns the prefix of all names of such losses.
func (outputLoss) Name() string { return OutputPrefix }

// Targets returns a number for each output.
func (outputLoss) Targets(outputs int) (classes, width int) { return 0, outputs }

// share is what the function of one output counts for.
func (l outputLoss) share(r nn.Row) float64 {
	if l.mean {
		return 1 / float64(len(r.Z))
	}
	return 1
}

// at is the function of output c.
func (l outputLoss) at(r nn.Row, c int) jet {
	return l.f(jet{v: float64(r.Z[c]), d: 1}, float64(r.Vector[c]), c)
}

// Value returns the loss.
func (l outputLoss) Value(r nn.Row) float64 {
	sum := 0.0
	for c := range r.Z {
		sum += l.at(r, c).v
	}
	return sum * l.share(r)
}

// Adjoint is scale·f′.
func (l outputLoss) Adjoint(dst []float32, r nn.Row, scale float64) {
	for c := range r.Z {
		dst[c] = float32(scale * l.share(r) * l.at(r, c).d)
	}
}

// Hessian is scale·f″·ż.
func (l outputLoss) Hessian(dst, tangent []float32, r nn.Row, scale float64) {
	for c, t := range tangent {
		dst[c] = float32(scale * l.share(r) * l.at(r, c).dd * float64(t))
	}
}

// GaussNewton is scale·max(f″, 0)·ż.
func (l outputLoss) GaussNewton(dst, tangent []float32, r nn.Row, scale float64) {
	for c, t := range tangent {
		dst[c] = float32(scale * l.share(r) * max(0, l.at(r, c).dd) * float64(t))
	}
}
