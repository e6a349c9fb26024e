package onnx

// mostHeld is how many numbers the constants have that were computed and are still to be read, with those of parts of rotary
// embeddings.
const mostHeld = 1 << 23

// holds counts the numbers of constants that were computed, or of a part of rotary embeddings.
func (b *builder) holds(v value, sign int64) {
	for _, part := range v.list {
		b.holds(part, sign)
	}
	switch {
	case v.constant != nil && v.constant.made:
		b.held += sign * v.constant.count()
	case v.activation != nil && v.turn != nil:
		b.held += sign * v.turn.count()
	}
	if b.held > mostHeld {
		failf("it computes constants of more than %d numbers at once", mostHeld)
	}
}

// release forgets the constants, and the parts of rotary embeddings, that were read for the last time.
func (b *builder) release(n *node) {
	for _, in := range n.in {
		v := b.values[in]
		if b.rest[in]--; b.rest[in] == 0 && !b.pinned[in] && (v.constant != nil || v.list != nil || v.activation != nil && v.turn != nil) {
			b.holds(v, -1)
			delete(b.values, in)
		}
	}
}
