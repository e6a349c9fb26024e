package nn

import "fmt"

// A Block is the part of a network's parameters that has Kronecker factors: the matrix W of
// an operation y = W a, Out×Inputs, which it applies to a number of rows of each example. The
// bias is the weight of a last input, which is 1 (Martens & Grosse 2015).
type Block struct {
	Name      string // of the weight, such as "conv1.weight"
	Out       int    // outputs of a row
	Inputs    int    // of a row, with that of the bias
	Weight    int    // offset of W, row-major and without the bias, in the flat parameter vector
	Bias      int    // offset of the bias; -1: there is none
	Rows      int    // most rows of an example: pixels, steps
	FromInput bool   // its inputs depend on those of the network alone: not on parameters, not on dropout
}

// Columns returns the number of columns of W: Inputs without that of the bias.
func (b Block) Columns() int {
	if b.Bias >= 0 {
		return b.Inputs - 1
	}
	return b.Inputs
}

// Blocks returns the blocks of a network, in the order of its operations: dense layers,
// convolutions, graph convolutions, and the two matrices of each recurrent layer, of a GRU that
// resets h first only that of its inputs. Operations that share parameters have none.
func (n *Network) Blocks() []Block {
	var all []Block
	for _, f := range n.lay(Settings{Batch: 1, Factors: true}).blocks {
		all = append(all, f.Block)
	}
	return all
}

// A factored is a block with the rule that writes its inputs. Its adjoints are those of an
// activation, whose examples have one row after the other.
type factored struct {
	Block
	y     arg
	reads []arg // activations whose values the rule reads
	// addInputs adds the inputs of example i, times a scale, to dst, one row after the other,
	// as many as dst has.
	addInputs func(dst []float32, i int, scale float32)
	nodes     []int // whose parameters these are
}

// newFactored returns a block of a node whose parameters have the given numbers; bias −1
// means none.
func newFactored(b *binding, y arg, columns, weight, bias int) factored {
	p := b.node.params[weight]
	f := factored{y: y, nodes: []int{b.id}, Block: Block{Name: p.Name, Out: p.Shape[0], Inputs: columns, Weight: p.Offset, Bias: -1}}
	f.Rows = y.size / f.Out
	f.FromInput = b.plan.net.fromInput(b.node.in[0])
	if bias >= 0 {
		f.Inputs, f.Bias = columns+1, b.node.params[bias].Offset
	}
	return f
}

// fromInput reports whether a node depends on inputs of the network alone.
func (n *Network) fromInput(id int) bool {
	nd := n.nodes[id]
	if _, drops := nd.op.(Dropout); drops || nd.active {
		return false
	}
	for _, in := range nd.in {
		if !n.fromInput(in) {
			return false
		}
	}
	return true
}

// findBlocks collects the blocks of all operations.
func (p *Plan) findBlocks() {
	for _, r := range p.rules {
		for _, f := range r.factors {
			alone := true
			for _, id := range f.nodes {
				alone = alone && !p.sharing.joint[id]
			}
			if alone {
				p.blocks = append(p.blocks, f)
			}
		}
	}
}

// mustFactor returns a block, and panics unless the plan was compiled for factors.
func (p *Plan) mustFactor(block int) *factored {
	if !p.settings.Factors {
		panic("nn: plan was compiled without the rows of Kronecker factors")
	}
	if block < 0 || block >= len(p.blocks) {
		panic(fmt.Sprintf("nn: block %d of %d", block, len(p.blocks)))
	}
	return &p.blocks[block]
}

// BlockRows returns how many rows example i of the current batch has in a block of
// [Network.Blocks]: Rows or, for a sequence, those of its own steps.
func (p *Plan) BlockRows(block, i int) int {
	f := p.mustFactor(block)
	return f.Rows / f.y.shape.Steps() * f.y.steps(i)
}

// BlockInputs sets dst to the inputs of example i of the current batch in a block, after
// Forward: BlockRows rows of Block.Inputs numbers. It may be called for several examples at the
// same time.
func (p *Plan) BlockInputs(dst []float32, block, i int) {
	f := p.mustFactor(block)
	dst = dst[:p.BlockRows(block, i)*f.Inputs]
	clear(dst)
	f.addInputs(dst, i, 1)
}

// BlockAdjoints returns the adjoints of example i in a block, after Adjoints or
// FisherAdjoints: BlockRows rows of Block.Out numbers. The slice is the plan's.
func (p *Plan) BlockAdjoints(block, i int) []float32 {
	f := p.mustFactor(block)
	return f.y.example(adjoints, i)[:p.BlockRows(block, i)*f.Out]
}

// addRow adds a row of inputs, and 1 for the bias, times a scale.
func (f *factored) addRow(dst, x []float32, scale float32) {
	for j, v := range x {
		dst[j] += scale * v
	}
	if f.Bias >= 0 {
		dst[f.Inputs-1] += scale
	}
}

// factors returns the block of a dense layer on a vector, or on each step of a sequence.
func (k *linear) factors(b *binding) []factored {
	bias := -1
	if k.hasBias {
		bias = 1
	}
	f := newFactored(b, k.y, k.in, 0, bias)
	f.reads = []arg{k.x}
	f.addInputs = func(dst []float32, i int, scale float32) {
		x := k.x.example(values, i)
		for t := range min(k.steps, (len(dst)+f.Inputs-1)/f.Inputs) {
			f.addRow(dst[t*f.Inputs:], x[t*k.in:(t+1)*k.in], scale)
		}
	}
	return []factored{f}
}

// factors returns the block of a dense layer on a sparse input.
func (k *sparse) factors(b *binding) []factored {
	bias := -1
	if k.hasBias {
		bias = 1
	}
	f := newFactored(b, k.y, k.in, 0, bias)
	f.addInputs = func(dst []float32, i int, scale float32) {
		index, value := k.matrix().Row(i)
		for e, j := range index {
			dst[j] += scale * value[e]
		}
		f.addRow(dst, nil, scale)
	}
	return []factored{f}
}

// factors returns the block of a convolution. A row is the patch under the window at one
// pixel of the output, with zeros where the window leaves the image.
func (k *convolution) factors(b *binding) []factored {
	bias := -1
	if k.hasBias {
		bias = 1
	}
	f := newFactored(b, k.y, k.shape.C*k.shape.K*k.shape.K, 0, bias)
	f.reads = []arg{k.x}
	patch := f.Inputs * k.shape.OH() * k.shape.OW()
	f.addInputs = func(dst []float32, i int, scale float32) {
		x, size := k.x.example(values, i), k.x.size/k.images
		for at := 0; len(dst) > 0; at++ {
			n := min(patch, len(dst))
			k.addPatches(&f, dst[:n], x[at*size:(at+1)*size], scale)
			dst = dst[n:]
		}
	}
	return []factored{f}
}

// addPatches adds the patches of one image, with their numbers in the order of the weight:
// by channel, then by place in the window.
func (k *convolution) addPatches(f *factored, dst, x []float32, scale float32) {
	g := k.shape
	for pixel := range len(dst) / f.Inputs {
		d := dst[pixel*f.Inputs:][:f.Inputs]
		f.addRow(d, nil, scale)
		top, left := pixel/g.OW()*g.Stride-g.Pad, pixel%g.OW()*g.Stride-g.Pad
		for tap := range g.K * g.K {
			r, c := top+tap/g.K, left+tap%g.K
			if r < 0 || r >= g.H || c < 0 || c >= g.W {
				continue
			}
			for channel, v := range x[(r*g.W+c)*g.C:][:g.C] {
				d[channel*g.K*g.K+tap] += scale * v
			}
		}
	}
}

// factors returns the two blocks of a recurrent layer, whose rows are the steps. If the recurrent matrix is that of
// two products it has no block.
func (k *recurrence) factors(b *binding) []factored {
	biases := [2]int{-1, -1}
	for n := range k.biases {
		biases[n] = k.param + 2 + n
	}
	ih := newFactored(b, k.gates, k.x.shape.C, k.param, biases[0])
	ih.FromInput = ih.FromInput && k.x.id == b.node.in[0]
	ih.reads = []arg{k.x}
	ih.addInputs = func(dst []float32, i int, scale float32) {
		x, n := k.x.example(values, i), k.x.shape.C
		for t := range k.gates.steps(i) {
			ih.addRow(dst[t*ih.Inputs:], x[t*n:(t+1)*n], scale)
		}
	}
	if k.apart != nil {
		return []factored{ih}
	}
	hh := newFactored(b, k.recurrent, k.size, k.param+1, biases[1])
	hh.FromInput, hh.reads = false, []arg{k.h}
	hh.addInputs = func(dst []float32, i int, scale float32) {
		h := k.h.example(values, i)
		for t := range k.gates.steps(i) {
			var before []float32
			switch {
			case k.follows(i, t):
				before = h[k.before(t)*k.size:][:k.size]
			case k.h0.plan != nil:
				before = k.initial(k.h0, values, i)
			}
			hh.addRow(dst[t*hh.Inputs:], before, scale)
		}
	}
	return []factored{ih, hh}
}

// factors makes one block of a propagation without restart and of a dense layer that nothing
// else reads: P (X W) + b is (P X) W + b. The dense layer has no block of its own then.
func (k *propagate) factors(b *binding) []factored {
	in := b.node.in[0]
	dense := b.plan.rules[in].factors
	if k.Restart > 0 || len(dense) != 1 || b.plan.net.nodes[in].uses != 1 || b.plan.isOutput(in) {
		return nil
	}
	if _, ok := b.plan.net.nodes[in].op.(Linear); !ok {
		return nil
	}
	inner := dense[0]
	b.plan.rules[in].factors = nil
	f := inner
	f.y, f.nodes = k.y, []int{in, b.id}
	own := k.Bias != "" && inner.Bias < 0
	if own {
		f.Inputs, f.Bias = f.Inputs+1, b.node.params[0].Offset
	}
	f.addInputs = func(dst []float32, i int, scale float32) {
		index, value := k.matrix().Row(i)
		for e, j := range index {
			inner.addInputs(dst, int(j), scale*value[e])
		}
		if own {
			f.addRow(dst, nil, scale)
		}
	}
	return []factored{f}
}
