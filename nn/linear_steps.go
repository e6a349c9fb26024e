package nn

import "breakeven/tensor"

// sequenceUnits makes the gradients of single examples of a dense layer on the steps of a
// sequence: sums of as many products as there are steps. A block is a number of units, and the
// last one the bias.
type sequenceUnits struct{ layer *linear }

// blockSize is about how many weights a block has.
const blockSize = 1 << 15

func (k sequenceUnits) unitsInBlock() int { return min(k.layer.out, max(1, blockSize/k.layer.in)) }

// extent returns the units of a block.
func (k sequenceUnits) extent(block int) (lo, hi int) {
	per := k.unitsInBlock()
	return min(k.layer.out, block*per), min(k.layer.out, (block+1)*per)
}

func (k sequenceUnits) blocks() []int {
	var sizes []int
	for lo, hi := k.extent(0); lo < hi; lo, hi = k.extent(len(sizes)) {
		sizes = append(sizes, (hi-lo)*k.layer.in)
	}
	if k.layer.hasBias {
		sizes = append(sizes, k.layer.out)
	}
	return sizes
}

func (k sequenceUnits) exampleGrad(dst []float32, i, block, _ int) {
	lo, hi := k.extent(block)
	dy := k.layer.y.example(adjoints, i)
	if lo == hi {
		addColumns(dst[:k.layer.out], dy)
		return
	}
	tensor.Outer(dst, hi-lo, k.layer.in, dy[lo:], k.layer.out, k.layer.x.example(values, i), k.layer.in, k.layer.steps)
}

func (k sequenceUnits) places(dst []int, block int) {
	lo, hi := k.extent(block)
	if lo == hi {
		k.layer.bias.places(dst, 0)
		return
	}
	k.layer.weight.places(dst, lo*k.layer.in)
}
