package nn

import (
	"fmt"

	"breakeven/tensor"
)

// Residual is the sum of two inputs of the same shape: a block and its shortcut. It works
// in place, in the first input's buffers, if nothing else reads that input.
type Residual struct{}

// Out returns the inputs' shape.
func (Residual) Out(in ...Shape) Shape {
	if len(in) != 2 || in[0] != in[1] {
		panic(fmt.Sprintf("nn: residual of shapes %v", in))
	}
	return in[0]
}

// Params returns nil.
func (Residual) Params(...Shape) []Param { return nil }

func (Residual) effects(Settings) effects {
	return effects{inPlace: everyLane, releases: true, fusesReLU: true}
}

// residual is a compiled Residual. A ReLU that follows in place is fused into it.
type residual struct {
	plan    *Plan
	x       [2]arg
	acc     [2]bool
	y       arg
	inPlace bool // y is in the buffers of the first input
	fusion
}

func (Residual) compile(b *binding) rules {
	k := &residual{plan: b.plan, y: b.out(), inPlace: b.fusion().inPlace(b.id), fusion: b.fusion()}
	for i := range k.x {
		k.x[i], k.acc[i] = b.in(i), b.accumulates(i)
	}
	r := rules{forward: []phase{b.local(k.forward)}}
	r.keeps = func(l lane) []arg {
		if l == values && k.relu && k.plan.readsOutput(k.y.id) {
			return []arg{k.y}
		}
		return nil
	}
	if k.y.active {
		r.tangent = []phase{b.local(k.tangent)}
		r.adjoint = func(l lane) []phase { return []phase{b.local(k.adjoint(l))} }
	}
	return r
}

func (k *residual) forward(lo, hi, _, _ int) {
	y, u, v := k.y.rows(values, lo, hi), k.x[0].rows(values, lo, hi), k.x[1].rows(values, lo, hi)
	if k.relu {
		tensor.SumReLU(y, u, v)
	} else {
		tensor.Sum(y, u, v)
	}
}

func (k *residual) tangent(lo, hi, _, _ int) {
	d := k.y.rows(tangents, lo, hi)
	var y []float32
	if k.relu && k.masksTangents {
		y = k.y.rows(values, lo, hi)
	}
	for i := 0; i < len(d); i += tileSize {
		j := min(i+tileSize, len(d))
		switch {
		case !k.x[1].active:
			copy(d[i:j], k.x[0].rows(tangents, lo, hi)[i:j])
		case !k.x[0].active:
			copy(d[i:j], k.x[1].rows(tangents, lo, hi)[i:j])
		default:
			tensor.Sum(d[i:j], k.x[0].rows(tangents, lo, hi)[i:j], k.x[1].rows(tangents, lo, hi)[i:j])
		}
		if y != nil {
			tensor.Mask(d[i:j], y[i:j], d[i:j])
		}
	}
}

func (k *residual) adjoint(l lane) func(lo, hi, shard, worker int) {
	return func(lo, hi, _, _ int) {
		d := k.y.rows(l, lo, hi)
		var y []float32
		if k.relu && k.masksAdjoints {
			y = k.y.rows(values, lo, hi)
		}
		for i := 0; i < len(d); i += tileSize {
			j := min(i+tileSize, len(d))
			if y != nil {
				tensor.Mask(d[i:j], y[i:j], d[i:j])
			}
			for n, x := range k.x {
				switch {
				case !x.active || n == 0 && k.inPlace:
				case k.acc[n]:
					tensor.Add(x.rows(l, lo, hi)[i:j], d[i:j])
				default:
					copy(x.rows(l, lo, hi)[i:j], d[i:j])
				}
			}
		}
	}
}
