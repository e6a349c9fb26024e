package nn

// blocks returns one block for the weights, and one for the bias.
func (k *depthwise) blocks() []int {
	if k.hasBias {
		return []int{k.taps * k.c, k.c}
	}
	return []int{k.taps * k.c}
}

func (k *depthwise) exampleGrad(dst []float32, i, block, _ int) {
	dy := k.y.example(adjoints, i)
	if block == 1 {
		addColumns(dst[:k.c], dy)
		return
	}
	k.addWeights(dst, k.x.example(values, i), dy, i, i+1)
}

func (k *depthwise) places(dst []int, block int) {
	if block == 1 {
		k.bias.places(dst, 0)
		return
	}
	for at := range dst { // they are in the order of taps
		dst[at] = k.weight.place(at%k.c*k.taps + at/k.c)
	}
}
