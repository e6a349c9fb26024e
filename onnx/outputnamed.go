package onnx

import (
	"math"

	"breakeven/nn"
)

// A namedLoss is a loss of each number that package nn has, with the outputs and targets that decide whether a
// function is that one: all that there can be, unless rounding makes another number of it.
type namedLoss struct {
	loss      nn.Loss
	f         numberLoss
	low, high float64   // of the outputs
	targets   []float64 // real numbers, or probabilities
}

// named are those that the mean over outputs is compared with. Where 1 − σ(z) is made of σ(z) it has no digits left
// for large z, and PyTorch bounds its logarithm.
var named = []namedLoss{
	{nn.MSE{}, func(z jet, y float64, _ int) jet { return z.minus(jet{v: y}).power(2) }, -math.MaxFloat32, math.MaxFloat32, append([]float64{0}, probed...)},
	{nn.BinaryCrossEntropy{}, func(z jet, y float64, _ int) jet { return z.softplus().minus(z.scaled(y)) }, -90, 15, probabilities},
}

// likelihood is what the sum over classes of a log-softmax and probabilities is made of.
var likelihood = namedLoss{nn.CrossEntropy{}, func(z jet, y float64, _ int) jet { return z.scaled(-y) }, -math.MaxFloat32, usual, probabilities}

var probabilities = []float64{0, 0.02, 0.3, 0.5, 0.7, 0.98, 1}

// is reports whether a function of a number and its target is the loss, to the rounding of constants in float32. For many
// targets a few outputs are compared, and for a few targets many.
func (l namedLoss) is(f numberLoss) bool {
	few := []float64{-2.9, -0.4, 0.01, 3.1}
	for _, y := range l.targets {
		outputs := few
		if math.Abs(y) <= 1 {
			outputs = append(outputs, probed...)
		}
		for _, z := range outputs {
			if z < l.low || z > l.high {
				continue
			}
			at := jet{v: z, d: 1}
			a, b := f(at, y, 0), l.f(at, y, 0)
			for _, pair := range [][2]float64{{a.v, b.v}, {a.d, b.d}, {a.dd, b.dd}} {
				if !near(pair[0], pair[1]) {
					return false
				}
			}
		}
	}
	return true
}
