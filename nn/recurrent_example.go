package nn

// recurrentExample makes the gradients of single examples: for each layer those of its
// matrices and of its biases.
type recurrentExample []*recurrence

// find returns the layer of a block and the matrix of which it is block number at. It returns no matrix for biases, of
// which it is then number at.
func (e recurrentExample) find(block int) (k *recurrence, matrix *packed, at int) {
	for _, k := range e {
		for _, p := range k.matrices() {
			if block < p.blockCount() {
				return k, p, block
			}
			block -= p.blockCount()
		}
		if block < len(k.biases) {
			return k, nil, block
		}
		block -= len(k.biases)
	}
	panic("nn: recurrent layer: no such block")
}

func (e recurrentExample) blocks() []int {
	var sizes []int
	for _, k := range e {
		for _, p := range k.matrices() {
			sizes = append(sizes, p.blocks()...)
		}
		for range k.biases {
			sizes = append(sizes, k.width)
		}
	}
	return sizes
}

func (e recurrentExample) exampleGrad(dst []float32, i, block, _ int) {
	k, matrix, at := e.find(block)
	n, gates, recurrent := k.size, k.gates.example(adjoints, i), k.recurrent.example(adjoints, i)
	switch matrix {
	case k.ih:
		matrix.exampleGrad(dst, at, gates, k.width, k.x.example(values, i), k.ih.in, k.steps)
	case k.hh:
		if k.steps > 1 {
			g, before := k.shifted(recurrent, k.h.example(values, i))
			matrix.exampleGrad(dst, at, g, k.width, before, n, k.steps-1)
		}
		if t := k.first(i); k.h0.plan != nil && t >= 0 {
			matrix.exampleGrad(dst, at, recurrent[t*k.width:], k.width, k.initial(k.h0, values, i), n, 1)
		}
	case nil:
		if at == 0 {
			recurrent = gates
		}
		addColumns(dst, recurrent)
	default:
		matrix.exampleGrad(dst, at, gates[k.hh.out:], k.width, k.further.example(values, i), n, k.steps)
	}
}

func (e recurrentExample) places(dst []int, block int) {
	k, matrix, at := e.find(block)
	if matrix == nil {
		k.biases[at].places(dst, 0)
		return
	}
	matrix.places(dst, at)
}
