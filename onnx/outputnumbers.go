package onnx

import "breakeven/nn"

// outputLoss is the mean or the sum over the outputs of a function of each and its target, with its derivatives in
// float64. Where the function is concave the Gauss-Newton product takes 0 for its second derivative.
type outputLoss struct {
	f    func(z jet, y float64) jet
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
	return l.f(jet{v: float64(r.Z[c]), d: 1}, float64(r.Vector[c]))
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

// timesLoss is a loss times a positive number.
type timesLoss struct {
	nn.Loss
	by float64
}

// times returns a loss times a number. It fails unless that is positive.
func times(l nn.Loss, by float64) nn.Loss {
	switch {
	case by == 1:
		return l
	case !(by > 0):
		failf("it is the %s times %v, which would be maximised", l.Name(), by)
	}
	return timesLoss{l, by}
}

// Value returns the loss.
func (l timesLoss) Value(r nn.Row) float64 { return l.by * l.Loss.Value(r) }

// Adjoint is that of the loss, times the number.
func (l timesLoss) Adjoint(dst []float32, r nn.Row, scale float64) {
	l.Loss.Adjoint(dst, r, scale*l.by)
}

// Hessian is that of the loss, times the number.
func (l timesLoss) Hessian(dst, tangent []float32, r nn.Row, scale float64) {
	l.Loss.Hessian(dst, tangent, r, scale*l.by)
}
