package onnx

import "strconv"

// int returns an attribute of a node, or another number if it has none.
func (n *node) int(name string, other int64) int64 {
	if a, ok := n.attributes[name]; ok {
		return a.i
	}
	return other
}

// float returns an attribute as the decimal number that it was written from.
func (n *node) float(name string, other float64) float64 {
	a, ok := n.attributes[name]
	if !ok {
		return other
	}
	x, _ := strconv.ParseFloat(strconv.FormatFloat(float64(a.f), 'g', -1, 32), 64)
	return x
}

func (n *node) text(name, other string) string {
	if a, ok := n.attributes[name]; ok {
		return a.s
	}
	return other
}

func (n *node) strings(name string) []string {
	if a, ok := n.attributes[name]; ok {
		return a.strings
	}
	return nil
}

func (n *node) ints(name string, other []int64) []int64 {
	if a, ok := n.attributes[name]; ok {
		return a.ints
	}
	return other
}

// integers returns input k of a node, a constant of integers, or the attribute that it was in
// older opsets, or another list if there is neither.
func (b *builder) integers(n *node, k int, name string, other []int64) []int64 {
	if !n.has(k) {
		return n.ints(name, other)
	}
	v := b.input(n, k)
	if v.constant == nil {
		failf("its input %q is computed: only a constant is supported there", n.in[k])
	}
	return b.ints(v.constant)
}

func (b *builder) ints(t *tensor) []int64 {
	x, err := t.ints(b.file.folder)
	if err != nil {
		panic(fault{err})
	}
	return x
}

func (b *builder) floats(t *tensor) []float64 {
	x, err := t.floats(b.file.folder)
	if err != nil {
		panic(fault{err})
	}
	return x
}
