package nn

import "math"

// ELU is y = x for x > 0, else exp(x) − 1 (Clevert et al. 2016). Its second derivative jumps
// at 0; there it is that of the left side.
type ELU struct{}

// Out returns the input's shape.
func (ELU) Out(in ...Shape) Shape { one("elu", in); return in[0] }

// Params returns nil.
func (ELU) Params(...Shape) []Param { return nil }

func (ELU) effects(Settings) effects { return effects{kinked: true} }

func (ELU) compile(b *binding) rules {
	value := func(y, x []float32) {
		for i, v := range x {
			if y[i] = v; !(v > 0) {
				y[i] = float32(math.Expm1(float64(v)))
			}
		}
	}
	derivative := func(right float32) func(d, x, y []float32) {
		return func(d, x, y []float32) {
			for i, v := range x {
				if d[i] = right; !(v > 0) {
					d[i] = y[i] + 1
				}
			}
		}
	}
	return elementwise(b, value, derivative(1), derivative(0), b.in(0), b.out())
}
