package nn

import "fmt"

// PixelSteps makes a sequence of the pixels of an image, row by row: step t is pixel t.
type PixelSteps struct{}

// Out returns a sequence of H·W vectors of C numbers.
func (PixelSteps) Out(in ...Shape) Shape {
	one("pixelsteps", in)
	if in[0].T > 0 {
		panic(fmt.Sprintf("nn: pixels of %v as steps: it is a sequence", in[0]))
	}
	return Seq(in[0].H*in[0].W, in[0].C)
}

// Params returns nil.
func (PixelSteps) Params(...Shape) []Param { return nil }

func (PixelSteps) compile(b *binding) rules { return copied(b) }

// copied makes the rules of an operation that gives the numbers of its input another shape.
func copied(b *binding) rules {
	return linearMap(b, 1, func(y, x []float32) { copy(y, x) }, func(x, y []float32) {
		for i, v := range y {
			x[i] += v
		}
	})
}
