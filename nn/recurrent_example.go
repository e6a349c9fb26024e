package nn

// recurrentExample makes the gradients of single examples: for each layer those of its
// matrices and of its biases.
type recurrentExample []*recurrence

// find returns the layer of a block and the block's index in the layer.
func (e recurrentExample) find(block int) (k *recurrence, at int) {
	for _, k := range e {
		n := k.ih.blockCount() + k.hh.blockCount() + len(k.biases)
		if block < n {
			return k, block
		}
		block -= n
	}
	panic("nn: recurrent layer: no such block")
}

func (e recurrentExample) blocks() []int {
	var sizes []int
	for _, k := range e {
		sizes = append(append(sizes, k.ih.blocks()...), k.hh.blocks()...)
		for range k.biases {
			sizes = append(sizes, k.width)
		}
	}
	return sizes
}

func (e recurrentExample) exampleGrad(dst []float32, i, block, _ int) {
	k, at := e.find(block)
	n, recurrent := k.size, k.recurrent.example(adjoints, i)
	ih, hh := k.ih.blockCount(), k.hh.blockCount()
	switch {
	case at < ih:
		k.ih.exampleGrad(dst, at, k.gates.example(adjoints, i), k.width, k.x.example(values, i), k.ih.in, k.steps)
	case at < ih+hh:
		at -= ih
		if k.steps > 1 {
			g, before := k.shifted(recurrent, k.h.example(values, i))
			k.hh.exampleGrad(dst, at, g, k.width, before, n, k.steps-1)
		}
		if t := k.first(i); k.h0.plan != nil && t >= 0 {
			k.hh.exampleGrad(dst, at, recurrent[t*k.width:], k.width, k.initial(k.h0, values, i), n, 1)
		}
	default:
		if at == ih+hh {
			recurrent = k.gates.example(adjoints, i)
		}
		addColumns(dst, recurrent)
	}
}

func (e recurrentExample) places(dst []int, block int) {
	k, at := e.find(block)
	ih, hh := k.ih.blockCount(), k.hh.blockCount()
	switch {
	case at < ih:
		k.ih.places(dst, at)
	case at < ih+hh:
		k.hh.places(dst, at-ih)
	default:
		k.biases[at-ih-hh].places(dst, 0)
	}
}
