package nn

import (
	"cmp"
	"fmt"
	"slices"
)

// Settings say what a plan can do.
type Settings struct {
	// Batch is the largest number of examples in a batch.
	Batch int
	// Loss is the loss on the network's outputs. Nil means CrossEntropy.
	Loss Loss
	// Losses are the losses of outputs that have another one, by name.
	Losses map[string]Loss
	// Inference makes batch norm use its running statistics.
	Inference bool
	// Dropout turns dropout on, as in training, with the masks of SetMasks. Otherwise
	// dropout changes nothing.
	Dropout bool
	// Evaluate leaves out all derivatives and their memory: only Forward works.
	Evaluate bool
	// Adjoints adds the memory for the adjoints that functions of single examples read:
	// ExampleGradient, ExampleGram, OutputGram.
	Adjoints bool
	// Tangents adds the memory for tangents, and for the adjoints that second-order
	// functions read: JacVec, HessVec, GaussNewtonVec, ExampleSlopes, ExampleCurvatures.
	Tangents bool
	// Factors adds the memory for what the rows of Kronecker factors read: BlockInputs,
	// BlockAdjoints.
	Factors bool
	// Tapes is how many batches the plan can hold at a time, with their values and
	// adjoints. Zero means 1.
	Tapes int
	// Last is the largest number of examples on the last of several tapes. Zero means
	// Batch.
	Last int
	// Curved is the largest number of examples in a batch whose adjoints or tangents are
	// needed. Larger ones have values and a Gradient only. Zero means Batch.
	Curved int
}

// keeps reports whether adjoints are kept.
func (s Settings) keeps() bool { return s.Adjoints || s.Tangents || s.Factors }

// A Plan is a network compiled for batches of up to Settings.Batch examples.
type Plan struct {
	net      *Network
	settings Settings
	shard    int // most examples in a shard
	strip    int // examples that local phases work on at a time
	rules    []rules
	masks    masks
	fusions  []fusion // by node
	sharing  sharing
	blocks   []factored // see Network.Blocks
	couples  bool       // an operation couples the examples of a batch
	onGraph  bool       // an operation reads the graph of a batch

	outs     []int // nodes of the outputs
	heads    []head
	lossWork int         // numbers in all outputs of an example
	lossRows int         // most rows of an output
	lossTask func(i int) // the current one of lossTasks
	eachLoss []step      // calls it for all examples
	lossTasks

	theta, v   vector    // current parameters and their tangent
	params     int       // number of the current parameters, counted by SetParams
	sets       int       // how often SetParams was called
	reading    []Values  // inputs of the batch that is being read
	scale      float64   // of the losses, in the current pass
	weight     []float64 // of the losses of single examples, in place of scale
	dst        vector    // of the parameters' gradients; own is nil if they are not wanted
	acc        bool      // add to dst instead of overwriting
	curvatures []float64 // the result of ExampleCurvatures
	unread     []Param   // parameters that no operation has
	state      []float32 // running statistics

	tapes     []*tape
	cur       *tape
	tangents  [][]float32 // by node
	kept      [4][]bool   // by lane and node: stays on the tape
	gradsKept []bool      // nodes that keep the gradients of single examples instead of adjoints
	slots     [4][]slot   // by lane and node, if it is not kept
	whole     []float32   // memory of slots for the whole batch
	strips    [][]float32 // memory of slots for a strip, by worker
	worker    []int       // by shard, the worker that computes it
	need      layout
	workers   int         // of the current pass: it decides how work is cut, and how much scratch there is
	scratch   [][]float32 // by worker
	gram      *gram       // the last one, whose memory may be used again
	stopper   stopper

	fisherRoot   []float64 // of a row: see curvatureRoot
	fisherColumn []float32

	packPass, packTangentPass, forwardPass, tangentPass []step
	secondPass, alongPass                               []step
	adjointPass, gradientPass                           [4][]step // by lane: adjoints, cotangents
}

// Compile makes a plan and allocates its memory.
func (n *Network) Compile(s Settings) *Plan {
	p := n.lay(s)
	p.allocate()
	return p
}

// Memory returns the bytes that a plan with these settings needs.
func (n *Network) Memory(s Settings) int64 {
	p := n.lay(s)
	return p.Bytes()
}

func (n *Network) lay(s Settings) *Plan {
	if n.err != nil {
		panic("nn: " + n.err.Error())
	}
	if s.Batch < 1 {
		panic(fmt.Sprintf("nn: batch of %d examples", s.Batch))
	}
	if len(n.nodes) == len(n.inputs) || len(n.inputs) == 0 {
		panic(fmt.Sprintf("nn: network of %d inputs and %d operations", len(n.inputs), len(n.nodes)-len(n.inputs)))
	}
	for _, o := range n.Outputs() {
		if !o.Shape.vector() {
			panic(fmt.Sprintf("nn: output %s is %v: want a vector, or a sequence of vectors", o.Name, o.Shape))
		}
	}
	if s.Evaluate && s.keeps() {
		panic("nn: plan for evaluation with derivatives")
	}
	if s = n.settings(s); s.Loss == nil {
		s.Loss = CrossEntropy{}
	}
	s.Tapes, s.Last, s.Curved = max(1, s.Tapes), cmp.Or(s.Last, s.Batch), cmp.Or(s.Curved, s.Batch)
	if s.Tapes == 1 {
		s.Last = s.Batch
	}
	if s.Last > s.Batch || s.Curved > s.Batch {
		panic(fmt.Sprintf("nn: %d examples on the last tape, and the adjoints of %d, of a plan for %d", s.Last, s.Curved, s.Batch))
	}
	p := &Plan{
		net: n, settings: s, outs: n.outs(), fusions: n.fusions(s), sharing: n.sharing(), couples: n.couples(s), onGraph: n.OnGraph(), rules: make([]rules, len(n.nodes)),
		shard: min(examplesOf(n, 1<<18, 16), inFewShards(s.Batch)),
	}
	p.strip = min(examplesOf(n, 1<<16, 16), p.shard)
	for id, nd := range n.nodes {
		if nd.op != nil {
			p.rules[id] = p.compile(id, nd)
		}
	}
	p.findUnread()
	p.makeHeads()
	p.findBlocks()
	p.findKept()
	p.assemble()
	return p
}

// compile makes the rules of a node. One that depends on no parameter only has values, as in a plan for evaluation.
func (p *Plan) compile(id int, nd node) rules {
	own := p.settings
	if !nd.active {
		p.settings.Evaluate, p.settings.Adjoints, p.settings.Tangents, p.settings.Factors = true, false, false, false
	}
	r := nd.op.compile(&binding{plan: p, id: id, node: nd})
	p.settings = own
	switch {
	case !nd.active:
		r = rules{pack: r.pack, prepare: r.prepare, forward: r.forward, batchState: r.batchState}
	case len(nd.params) > 0 && !p.net.learns(nd):
		r.gradient, r.example, r.factors, r.rereads = nil, nil, nil, false
	}
	return r
}

// examplesOf returns how many examples, from 1 to most, have about size numbers in the
// largest activation. It depends on the network alone, so that shards are the same on every
// machine.
func examplesOf(n *Network, size, most int) int {
	largest := 1
	for _, nd := range n.nodes {
		largest = max(largest, nd.shape.Size())
	}
	return min(most, max(1, size/largest))
}

// root returns the node whose buffers hold a node's activations.
func (p *Plan) root(l lane, id int) int { return p.fusions[id].root[l] }

// isOutput reports whether a node is an output of the network.
func (p *Plan) isOutput(id int) bool { return slices.Contains(p.outs, id) }

// readsOutput reports whether an operation into which a ReLU is fused reads its own values
// after they were written.
func (p *Plan) readsOutput(id int) bool {
	f := p.fusions[id]
	return f.masksAdjoints || p.settings.Tangents && f.masksTangents
}
