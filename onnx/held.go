package onnx

// mostHeld is how many numbers the constants have that were computed and are still to be read.
const mostHeld = 1 << 23

// holds counts the numbers of a constant that was computed.
func (b *builder) holds(v value, sign int64) {
	if v.constant == nil || !v.constant.made {
		return
	}
	if b.held += sign * v.constant.count(); b.held > mostHeld {
		failf("it computes constants of more than %d numbers at once", mostHeld)
	}
}

// release forgets the constants that were read for the last time.
func (b *builder) release(n *node) {
	for _, in := range n.in {
		if b.rest[in]--; b.rest[in] == 0 && !b.pinned[in] && b.values[in].constant != nil {
			b.holds(b.values[in], -1)
			delete(b.values, in)
		}
	}
}
