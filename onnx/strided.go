package onnx

// strided is a Gather that picks all numbers of an activation in their order: the newer exporter writes a reshape so
// where PyTorch has it as_strided. ok is false if it is none.
func (b *builder) strided(n *node, x *activation, index value) (v value, ok bool) {
	dims := x.dims()
	if len(dims) != 1 || dims[0] < batchSize || n.int("axis", 0) != 0 || index.deferred != nil && index.mask != "" {
		return v, false
	}
	examples, at := b.someExamples(), (*array)(nil)
	switch {
	case index.deferred != nil:
		at = b.evaluation(examples, nil).deferred(index.deferred)
	case index.constant != nil && index.constant.kind.integer() && b.batch > 0:
		at = b.array(index.constant)
	default:
		return v, false
	}
	if int64(at.size()) != dims[0]/batchSize*examples || len(at.dims) == 0 || at.dims[0] != examples {
		return v, false
	}
	for i, k := range at.whole() {
		if int64(i) != k {
			return v, false
		}
	}
	return b.reshaped(n, x, append([]int64{batchSize}, at.dims[1:]...))
}
