package nn

import "breakeven/tensor"

// A packed is a parameter matrix [out, in] of an operation whose products run over a
// block of examples at a time: packed in the orders of the products, with sums of its
// gradient for each block.
type packed struct {
	plan    *Plan
	weight  span
	out, in int
	w, v    packedPanels // of the parameters and of their tangent
	partial []float32    // by block, out×in
}

// packedPanels are the matrix as the products y = x·wᵀ and x̄ = ȳ·w read it.
type packedPanels struct{ forward, data *tensor.Panels }

// newPacked asks for the memory of a matrix, for products with so many blocks.
func newPacked(b *binding, weight span, out, in, blocks int) *packed {
	k := &packed{plan: b.plan, weight: weight, out: out, in: in}
	s := b.plan.settings
	panels := func(p *packedPanels) {
		b.owns(tensor.PanelsBytes(in, out))
		b.later(func() { p.forward = tensor.NewPanels(in, out) })
		if !s.Evaluate {
			b.owns(tensor.PanelsBytes(out, in))
			b.later(func() { p.data = tensor.NewPanels(out, in) })
		}
	}
	panels(&k.w)
	if s.Tangents {
		panels(&k.v)
	}
	if !s.Evaluate {
		b.owns(4 * int64(blocks*out*in))
		b.later(func() { k.partial = make([]float32, blocks*out*in) })
	}
	return k
}

// pack returns the phases that pack the matrix of a flat vector.
func (k *packed) pack(p *packedPanels, from func() vector) []phase {
	matrix := func() tensor.Matrix { return tensor.Rows(k.weight.of(from()), k.in) }
	ps := []phase{{
		tasks: func() int { return p.forward.Count() },
		run:   func(task, _ int) { p.forward.Pack(task, matrix().T()) },
	}}
	if !k.plan.settings.Evaluate {
		ps = append(ps, phase{
			tasks: func() int { return p.data.Count() },
			run:   func(task, _ int) { p.data.Pack(task, matrix()) },
		})
	}
	return ps
}

// sums returns the gradient's sum of a block.
func (k *packed) sums(block int) []float32 {
	return k.partial[block*k.out*k.in : (block+1)*k.out*k.in]
}

// addOuter adds ȳᵀ·x to the sum of a block, for rows that are ldy and ldx numbers apart.
func (k *packed) addOuter(block int, dy []float32, ldy int, x []float32, ldx, rows int) {
	if rows > 0 {
		tensor.Outer(k.sums(block), k.out, k.in, dy, ldy, x, ldx, rows)
	}
}

// finishTasks is how many tasks sum the blocks.
const finishTasks = 8

// finish is a task that sums the blocks, in order, into the gradient.
func (k *packed) finish(task, blocks int) {
	lo, hi := k.out*k.in*task/finishTasks, k.out*k.in*(task+1)/finishTasks
	dst := k.weight.of(k.plan.dst)[lo:hi]
	for block := range blocks {
		sum := k.sums(block)[lo:hi]
		if block == 0 && !k.weight.acc() {
			copy(dst, sum)
		} else {
			tensor.Add(dst, sum)
		}
	}
}

// blockRows is how many rows of the matrix a block of an example's gradient has.
func (k *packed) blockRows() int { return min(k.out, max(1, groupSize/k.in)) }

// blockCount returns how many there are.
func (k *packed) blockCount() int { return (k.out + k.blockRows() - 1) / k.blockRows() }

// blocks returns their sizes.
func (k *packed) blocks() []int {
	var sizes []int
	for row := 0; row < k.out; row += k.blockRows() {
		sizes = append(sizes, min(k.blockRows(), k.out-row)*k.in)
	}
	return sizes
}

// exampleGrad adds ȳᵀ·x for a block of rows of the matrix.
func (k *packed) exampleGrad(dst []float32, block int, dy []float32, ldy int, x []float32, ldx, rows int) {
	if rows > 0 {
		tensor.Outer(dst, len(dst)/k.in, k.in, dy[block*k.blockRows():], ldy, x, ldx, rows)
	}
}

func (k *packed) places(dst []int, block int) { k.weight.places(dst, block*k.blockRows()*k.in) }
