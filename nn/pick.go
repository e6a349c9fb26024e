package nn

import "fmt"

// Pick takes channels of each pixel or step, in any order and each as often as it is named: channel c of the result is
// channel Channels[c] of the input. Heads of attention that share their keys and values are picked so (Ainslie et al. 2023).
type Pick struct{ Channels []int32 }

// Out returns the shape with as many channels as are picked.
func (p Pick) Out(in ...Shape) Shape {
	one("pick", in)
	out := in[0]
	out.C = len(p.Channels)
	for _, c := range p.Channels {
		if c < 0 || int(c) >= in[0].C {
			panic(fmt.Sprintf("nn: pick of channel %d of %v", c, in[0]))
		}
	}
	if out.C == 0 {
		panic("nn: pick of no channels")
	}
	return out
}

// Params returns nil.
func (Pick) Params(...Shape) []Param { return nil }

func (p Pick) compile(b *binding) rules {
	return linearMap(b, b.out().size/len(p.Channels), func(y, x []float32) {
		for c, from := range p.Channels {
			y[c] = x[from]
		}
	}, func(x, y []float32) {
		for c, from := range p.Channels {
			x[from] += y[c]
		}
	})
}
