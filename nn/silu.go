package nn

import "breakeven/tensor"

// SiLU is y = x/(1 + exp(−x)) (Hendrycks and Gimpel 2016), which is also called swish.
type SiLU struct{}

// Out returns the input's shape.
func (SiLU) Out(in ...Shape) Shape { one("silu", in); return in[0] }

// Params returns nil.
func (SiLU) Params(...Shape) []Param { return nil }

func (SiLU) compile(b *binding) rules {
	return elementwise(b, func(y, x []float32) {
		tensor.Sigmoid(y, x)
		tensor.Mul(y, y, x)
	}, func(d, x, _ []float32) {
		tensor.Sigmoid(d, x)
		for i, s := range d {
			d[i] = s * (1 + x[i]*(1-s))
		}
	}, func(d, x, _ []float32) {
		tensor.Sigmoid(d, x)
		for i, s := range d {
			d[i] = s * (1 - s) * (2 + x[i]*(1-2*s))
		}
	}, b.in(0), b.out())
}
