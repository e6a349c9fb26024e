package nn

import "breakeven/tensor"

// ELU is y = x for x > 0, else exp(x) − 1 (Clevert et al. 2016). Its second derivative jumps
// at 0; there it is that of the left side.
type ELU struct{}

// Out returns the input's shape.
func (ELU) Out(in ...Shape) Shape { one("elu", in); return in[0] }

// Params returns nil.
func (ELU) Params(...Shape) []Param { return nil }

func (ELU) effects(Settings) effects { return effects{kinked: true} }

func (ELU) compile(b *binding) rules {
	return elementwise(b, tensor.ELU, func(d, _, y []float32) { tensor.ELUDeriv(d, y) },
		func(d, _, y []float32) { tensor.ELUDeriv2(d, y) }, b.in(0), b.out())
}
