package onnx

// cutter returns the shape of what a node cuts, an activation or a constant, and a function that takes a part of it along an axis.
func (b *builder) cutter(n *node) (dims []int64, take func(axis int, lo, hi int64) value) {
	x := b.input(n, 0)
	if x.constant != nil {
		a := b.array(x.constant)
		return a.dims, func(axis int, lo, hi int64) value {
			return value{constant: a.between(axis, lo, hi).tensor(n.main())}
		}
	}
	l := b.layoutOf(x.activation)
	return l.dims(), func(axis int, lo, hi int64) value {
		return b.part(n, &activation{laid: l}, int64(axis), lo, hi, true)
	}
}

// split cuts an activation or a constant into several along an axis.
func split(b *builder, n *node) value {
	dims, take := b.cutter(n)
	at := within(n.int("axis", 0), len(dims))
	size, count := dims[at], int64(len(n.out))
	parts := b.integers(n, 1, "split", nil)
	for k := int64(0); len(parts) < len(n.out) && !n.has(1); k++ {
		each := (size + count - 1) / count
		parts = append(parts, min(each, size-k*each))
	}
	if len(parts) != len(n.out) {
		failf("it has %d outputs, and sizes for %d", len(n.out), len(parts))
	}
	var first value
	lo := int64(0)
	for k, s := range parts {
		if s < 1 || s > size-lo {
			failf("it cuts an axis of %d into %v", size, parts)
		}
		v := take(at, lo, lo+s)
		if lo += s; k == 0 {
			first = v
			continue
		}
		b.values[n.out[k]] = v
		b.holds(v, 1)
	}
	return first
}
