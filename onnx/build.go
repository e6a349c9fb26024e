package onnx

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"breakeven/nn"
)

// A builder makes a network of a graph, one node after the other.
type builder struct {
	file    *File
	net     *nn.Network
	values  map[string]value // by the names of the graph
	uses    map[string]int   // how many nodes read them
	taken   map[string]bool  // names of operations of net
	sources map[string]source
	owner   map[*tensor]string // the parameter that an initializer has become
	cut     map[place]*tensor  // parameters that are parts of initializers
	layers  map[string]int     // how many recurrent layers a module has so far
	batch   int64              // the batch that the graph was exported for; −1: any
	notes   []string
	listed  // what a hostile file could have too much of

	rest     map[string]int      // how many nodes are still to read a value
	pinned   map[string]bool     // values that a deferred one reads
	last     []*evaluation       // of deferred values
	held     int64               // numbers of constants that were computed and are still to be read
	padding  string              // the input that the mask is, or is computed from; "": none
	masking  nn.Node             // the mask that attention and pooling read; none: sequences have lengths
	hidden   int64               // the token that the mask hides, if it is computed from the tokens
	biases   [][]float32         // that operations of attention have
	along    string              // a node that works along all steps, whether an example has them or not; "": none
	tables   []*tensor           // weights of embeddings
	turns    []nn.Rotary         // that operations have
	relative [][]int32           // places of learned biases that operations have
	again    map[string][]source // where the file has the numbers of a parameter once more
	stepped  map[nn.Node]nn.Node // the pixels of images as sequences
	shared   map[string]bool     // weights of embeddings that another operation has, too
}

func newBuilder(f *File) *builder {
	return &builder{file: f, net: new(nn.Network), values: map[string]value{}, uses: map[string]int{}, taken: map[string]bool{},
		sources: map[string]source{}, owner: map[*tensor]string{}, cut: map[place]*tensor{}, layers: map[string]int{}, stepped: map[nn.Node]nn.Node{}, again: map[string][]source{}, shared: map[string]bool{}}
}

// A value is a tensor of the graph: a constant, an activation, or what is still to be computed. A
// sequence of tensors is a list.
type value struct {
	constant *tensor
	*activation
	*deferred
	list []value
}

// build makes all operations.
func (b *builder) build(in []nn.Input) error {
	b.start()
	b.notes = append(b.notes, b.file.notes...)
	if err := b.addInputs(in); err != nil {
		return err
	}
	for _, n := range b.file.live {
		if err := b.addNode(n); err != nil {
			return err
		}
	}
	return b.finish()
}

// start notes the constants of the file, and how often each value is read.
func (b *builder) start() {
	for _, t := range b.file.graph.tensors {
		b.values[t.name] = value{constant: t}
	}
	for _, n := range b.file.live {
		for _, in := range n.in {
			b.uses[in]++
		}
	}
	b.rest, b.pinned = maps.Clone(b.uses), map[string]bool{}
}

// addNode makes the operation of one node. The checks of package nn are those of a caller who
// knows what he does: here they say what is wrong with the file.
func (b *builder) addNode(n *node) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = faultOf(r, n.String())
		}
	}()
	if n.main() == "" {
		failf("it has no output")
	}
	v := value{deferred: b.deferring(n)}
	if v.deferred == nil {
		v = operators[n.op](b, n)
	}
	if v.activation != nil {
		for _, x := range v.parts {
			b.checkSize(x)
		}
	}
	if n.out[0] != "" {
		b.values[n.out[0]] = v
		b.holds(v, 1)
	}
	b.release(n)
	return nil
}

// largest is how many numbers an activation of one example may have.
const largest = 1 << 28

func (b *builder) checkSize(x nn.Node) {
	s := x.Shape()
	size := float64(s.C) * float64(s.H) * float64(s.W) * float64(s.Steps())
	if size > largest {
		failf("its output for one example has the shape %v, of more than %d numbers", s, largest)
	}
}

// input returns input k of a node, a constant or an activation; it has one.
func (b *builder) input(n *node, k int) value {
	v := b.raw(n, k)
	switch {
	case v.list != nil:
		failf("its input %q is a sequence of tensors", n.in[k])
	case v.asResponse() != nil:
		v.response.refuse()
	case v.activation != nil && v.laid != nil && !v.laid.inOrder() && !slices.Contains(ordering, n.op):
		*v.activation = *b.settled(n, b.inItsOrder(v.laid)).activation
	case v.deferred != nil && v.mask != "":
		failf("it reads what is computed from the input %q: masks are supported in attention, in the mean, the sum and the maximum over steps, and in places that are counted", v.mask)
	case v.deferred != nil:
		failf("its input %q is as large as the batch, which is supported for masks, places and class tokens only", n.in[k])
	}
	return v
}

// raw returns input k of a node, which may be deferred.
func (b *builder) raw(n *node, k int) value {
	if !n.has(k) {
		failf("it has no input %d", k)
	}
	v, ok := b.values[n.in[k]]
	if !ok {
		failf("it reads %q, which is no main output of its node", n.in[k])
	}
	return v
}

// has reports whether a node has input k.
func (n *node) has(k int) bool { return k < len(n.in) && n.in[k] != "" }

// reads returns input k, which must be an activation.
func (b *builder) reads(n *node, k int) *activation {
	v := b.input(n, k)
	if v.activation == nil {
		failf("its input %q is a constant, which is supported only where it is a weight", n.in[k])
	}
	return v.activation
}

// weight returns input k, which must be a constant of the given shape; −1 is any.
func (b *builder) weight(n *node, k int, dims ...int64) *tensor {
	v := b.input(n, k)
	if v.constant == nil {
		failf("its input %q is computed: only weights that are initializers are supported", n.in[k])
	}
	t := v.constant
	fits := len(t.dims) == len(dims) && !slices.Contains(t.dims, 0)
	for i := range dims {
		fits = fits && (dims[i] < 0 || dims[i] == t.dims[i])
	}
	if !fits {
		failf("its weight %q has the shape %v, and %s is wanted", t.name, t.dims, wanted(dims))
	}
	if t.kind.integer() {
		failf("its weight %q holds integers", t.name)
	}
	if t.of != nil {
		failf("its weight %q is rows of %q: they are supported as the places of a sequence only", t.name, t.of.name)
	}
	return t
}

// wanted writes a shape with any dimension as *.
func wanted(dims []int64) string {
	var texts []string
	for _, d := range dims {
		if d < 0 {
			texts = append(texts, "*")
		} else {
			texts = append(texts, fmt.Sprint(d))
		}
	}
	return "[" + strings.Join(texts, " ") + "]"
}

// finish makes the output the network's.
func (b *builder) finish() (err error) {
	out := b.file.graph.outputs[0]
	defer func() {
		if r := recover(); r != nil {
			err = faultOf(r, fmt.Sprintf("its output %q", out.name))
		}
	}()
	v, ok := b.values[out.name]
	if !ok || v.activation == nil {
		return fmt.Errorf("its output %q does not depend on its input", out.name)
	}
	if v.view != nil && v.moment == nil && slices.Equal(v.dims(), []int64{batchSize}) { // one number for each example
		v = on("C", b.closed(v.activation))
	}
	v = b.classesOfSteps(v)
	if v.laid != nil || v.scores != nil || v.turn != nil || v.view != nil || v.moment != nil && v.moment.stage != normalised {
		return fmt.Errorf("its output %q of shape %s is no vector for each example, and no sequence of vectors", out.name, sized(v.dims()))
	}
	x := b.whole(v.activation)
	if s := x.Shape(); s.H != 1 || s.W != 1 {
		return fmt.Errorf("its output %q is an image of %v: outputs are vectors, or sequences of them", out.name, s)
	}
	if b.holes() {
		if err := b.noteMask(); err != nil {
			return err
		}
	}
	if l := b.file.loss; l != nil && l.outputs > 0 && l.outputs != x.Shape().C {
		return fmt.Errorf("the loss has constants for %d outputs, and the network %d", l.outputs, x.Shape().C)
	}
	if b.net.Dim() == 0 {
		return errors.New("it has no weights: no initializer enters its output")
	}
	b.net.AddOutput("output", x)
	if more := len(b.file.graph.outputs) - 1; more > 0 && b.file.loss == nil {
		b.note(fmt.Sprintf("of the %d outputs the first, %q, is the network's", more+1, out.name))
	}
	return nil
}

func (b *builder) note(text string) {
	if !slices.Contains(b.notes, text) {
		b.notes = append(b.notes, text)
	}
}
