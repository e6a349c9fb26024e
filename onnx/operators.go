package onnx

import (
	"slices"

	"breakeven/nn"
)

// operators are those that are supported.
var operators map[string]func(*builder, *node) value

func init() {
	operators = map[string]func(*builder, *node) value{
		"Add": sum, "AveragePool": averagePool, "BatchNormalization": batchNorm, "Cast": cast, "Concat": concat,
		"Constant": constant, "Conv": convolution, "Dropout": dropout, "Flatten": flatten,
		"Gather": gather, "Gemm": gemm, "GlobalAveragePool": globalAveragePool, "GlobalMaxPool": globalMaxPool, "Identity": identity,
		"LogSoftmax": logSoftmax, "MatMul": matmul, "MaxPool": maxPool, "ReduceMean": reduceMean, "Reshape": reshape,
		"Shape": shapeOf, "Slice": slice, "Softmax": softmax, "Squeeze": squeeze, "Unsqueeze": unsqueeze,
		"Sub": twoOf, "Mul": twoOf, "Div": twoOf, "Pow": twoOf, "CastLike": castLike,
		"LayerNormalization": wholeNorm, "RMSNormalization": wholeNorm, "InstanceNormalization": instanceNorm, "Split": split, "SplitToSequence": splitToSequence, "SequenceAt": sequenceAt,
		"Transpose": transpose, "Expand": expand, "Where": where, "IsNaN": isNaN, "ReduceMax": reduceMax, "ReduceSum": reduceSum, "ReduceL2": reduceL2, "Pad": pad, "PRelu": prelu,
	}
	for op := range recurrences {
		operators[op] = recurrent
	}
	for op := range functions {
		operators[op] = function
	}
	for op := range choosers {
		if op != "Where" {
			operators[op] = chooser(op)
		}
	}
	for op := range truths {
		operators[op] = chooser(op)
	}
	makePure()
	for op := range pure {
		if _, ok := operators[op]; !ok {
			operators[op] = (*builder).fold
		}
	}
}

// Operators returns the names of the operators that are supported.
func Operators() []string {
	var names []string
	for name := range operators {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// identity is y = x. An initializer under another name is one of its own: exporters save one
// that has the numbers of another in this way.
func identity(b *builder, n *node) value {
	v := b.input(n, 0)
	if v.constant == nil {
		return v
	}
	t := *v.constant
	t.name = n.out[0]
	return value{constant: &t}
}

func dropout(b *builder, n *node) value {
	x, rate := b.reads(n, 0), 0.5
	if n.has(1) {
		v := b.input(n, 1)
		if v.constant == nil || v.constant.count() != 1 {
			failf("its ratio is no constant")
		}
		rate = b.floats(v.constant)[0]
	}
	training := n.has(2) && b.input(n, 2).constant != nil && b.floats(b.input(n, 2).constant)[0] != 0
	if !training || rate == 0 {
		return value{activation: x}
	}
	if x.scores != nil && x.scores.soft && x.scores.drop == 0 {
		s := *x.scores
		s.drop = float64(float32(rate))
		return value{activation: &activation{scores: &s}}
	}
	return x.onView(b.add(n, nn.Dropout{Rate: float64(float32(rate))}, b.closed(x)))
}

// logSoftmax is left out before the output: the loss cross-entropy does not change by it.
func logSoftmax(b *builder, n *node) value {
	x := b.lastOverChannels(n)
	b.note("the log-softmax before the output is left out: the loss makes it itself")
	return value{activation: x}
}

func softmax(b *builder, n *node) value {
	if x := b.reads(n, 0); x.scores != nil {
		return softmaxOf(n, x)
	}
	b.lastOverChannels(n)
	failf("a softmax is supported in attention, and before the output with the loss cross-entropy: export the network without it")
	return value{}
}

// lastOverChannels returns the input of a softmax over channels whose result is the output.
func (b *builder) lastOverChannels(n *node) *activation {
	x := b.reads(n, 0)
	if n.out[0] != b.file.graph.outputs[0].name || x.axis(n.int("axis", -1)) != 'C' {
		failf("it is supported as the output of the network only, over its classes")
	}
	return x
}

// concat joins activations along their channels, or constants.
func concat(b *builder, n *node) value {
	if v, ok := b.withTokens(n); ok {
		return v
	}
	if b.input(n, 0).constant != nil {
		return b.joinedConstants(n)
	}
	first := b.reads(n, 0)
	if v, ok := b.joinedTurns(n); ok {
		return v
	}
	if v, ok := b.joinedSteps(n); ok {
		return v
	}
	if first.laid != nil || first.view != nil {
		return b.joinedParts(n)
	}
	switch axis := first.axis(n.int("axis", 0)); {
	case (axis == 'H' || axis == 'W') && first.isGrid():
		return b.joinedPixels(n, first, axis)
	case axis != 'C':
		failf("activations are joined along their channels, or images along height or width")
	}
	all := &activation{axes: first.axes}
	for k := range n.in {
		x := b.reads(n, k)
		b.settle(x)
		s, f := x.shape(), first.shape()
		if s.C = f.C; s != f || x.axes != first.axes || x.view != nil {
			failf("the shapes %s and %s cannot be joined", sized(first.dims()), sized(x.dims()))
		}
		all.parts = append(all.parts, x.parts...)
	}
	if len(all.parts) > largestJoin {
		failf("it joins more than %d activations", largestJoin)
	}
	return value{activation: all}
}

// largestJoin is how many activations may be joined, one by one.
const largestJoin = 1 << 12
