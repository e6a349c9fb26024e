package onnx

import "breakeven/nn"

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

// weightedLoss is a loss times the weight of the label.
type weightedLoss struct {
	nn.Loss
	weights []float64
}

// Value returns the loss.
func (l weightedLoss) Value(r nn.Row) float64 { return l.weights[r.Label] * l.Loss.Value(r) }

// Adjoint is that of the loss, times the weight.
func (l weightedLoss) Adjoint(dst []float32, r nn.Row, scale float64) {
	l.Loss.Adjoint(dst, r, scale*l.weights[r.Label])
}

// Hessian is that of the loss, times the weight.
func (l weightedLoss) Hessian(dst, tangent []float32, r nn.Row, scale float64) {
	l.Loss.Hessian(dst, tangent, r, scale*l.weights[r.Label])
}

// Targets returns labels alone.
func (l weightedLoss) Targets(outputs int) (classes, width int) { return outputs, 0 }
