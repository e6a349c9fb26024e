package nn

import "fmt"

// Transpose makes channels of the steps of a sequence of vectors, and steps of its channels. A dense layer after it mixes steps,
// as in MLP-Mixer (Tolstikhin et al. 2021, Eq. 1). Steps past the end of an example are zeros.
type Transpose struct{}

// Out returns a sequence of C vectors of T numbers.
func (Transpose) Out(in ...Shape) Shape {
	one("transpose", in)
	if in[0].T == 0 || !in[0].vector() {
		panic(fmt.Sprintf("nn: transpose of %v: want a sequence of vectors", in[0]))
	}
	return Seq(in[0].C, in[0].T)
}

// Params returns nil.
func (Transpose) Params(...Shape) []Param { return nil }

func (Transpose) allSteps() {}

func (Transpose) compile(b *binding) rules {
	s := b.in(0).shape
	return b.rearranged(func(y, x []float32, steps int) {
		for t := range steps {
			for c, v := range x[t*s.C : (t+1)*s.C] {
				y[c*s.T+t] = v
			}
		}
	}, func(x, y []float32, steps int) {
		for t := range steps {
			for c := range s.C {
				x[t*s.C+c] += y[c*s.T+t]
			}
		}
	})
}
