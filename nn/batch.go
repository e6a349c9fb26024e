package nn

import (
	"slices"

	"breakeven/tensor"
)

// A Batch is a number of examples: the inputs of a network, and the targets of its
// outputs.
type Batch struct {
	N      int      // examples
	In     []Values // by input, in the order of [Network.Inputs]
	Target []Target // by output, in the order of [Network.Outputs]; outputs beyond its end have no loss
	First  int      // index of its first example in the whole set, which decides the masks of dropout

	// Graph has edges among the N examples, its nodes; nil if there is none. It couples
	// them, so that all take part in every pass. Nodes are those that count: the others
	// have weight 0. Nil means all.
	Graph *Graph
	Nodes []int32
}

// Values are one input of all examples of a batch: float or integer numbers, one example
// after the other, each in PyTorch's layout: [C, H, W], or as a sequence [T, C] or
// [T, C, H, W].
type Values struct {
	F []float32
	I []int32
	// Steps is the length of each example's sequence; steps beyond it are ignored. Nil
	// means that all sequences have the length that the input's shape says.
	Steps []int32
	// Sparse has a row for each example, in place of F, if the input is sparse. It is not
	// copied.
	Sparse *tensor.CSR
}

// Ignored is the label of a row that is left out of the loss.
const Ignored int32 = -100

// A Target is what one output should be. An output has one row for each example, or one
// for each step of its sequence, and a row has either a label or a vector.
type Target struct {
	Labels []int32 // one for each row
	Vector []float32
	// Weight is the weight of each row, or of each example for all of its rows. Nil
	// means 1. A row is left out of the loss if its weight is 0, if its label is
	// Ignored, or if it is past the end of its sequence.
	Weight []float32
	// Padded means that rows past the end of their sequence count as well. Their outputs are what
	// the network makes of the padding: after an LSTM, whose h is zero there, what it makes of zeros.
	Padded bool
}

// Labelled returns a batch for a network of one input and one output.
func Labelled(x []float32, labels []int32) Batch {
	return Batch{N: len(labels), In: []Values{{F: x}}, Target: []Target{{Labels: labels}}}
}

// Len returns the number of examples that count: N, or on a graph the number of Nodes.
func (b Batch) Len() int {
	if b.Nodes != nil {
		return len(b.Nodes)
	}
	return b.N
}

// Slice returns the examples lo … hi-1 of those that count, without copying them. On a graph
// the others stay in the batch and count no more.
func (b Batch) Slice(lo, hi int) Batch {
	if b.Graph != nil {
		s := b
		s.Nodes = b.counted()[lo:hi]
		return s
	}
	s := Batch{N: hi - lo, First: b.First + lo, In: make([]Values, len(b.In)), Target: make([]Target, len(b.Target))}
	for k, v := range b.In {
		s.In[k] = Values{part(v.F, b.N, lo, hi), part(v.I, b.N, lo, hi), part(v.Steps, b.N, lo, hi), nil}
		if v.Sparse != nil {
			s.In[k].Sparse = v.Sparse.Slice(lo, hi)
		}
	}
	for k, t := range b.Target {
		s.Target[k] = Target{part(t.Labels, b.N, lo, hi), part(t.Vector, b.N, lo, hi), part(t.Weight, b.N, lo, hi), t.Padded}
	}
	return s
}

// counted returns Nodes, or all of them for nil.
func (b Batch) counted() []int32 {
	if b.Nodes != nil {
		return b.Nodes
	}
	all := make([]int32, b.N)
	for i := range all {
		all[i] = int32(i)
	}
	return all
}

// Reversed returns a copy with the examples in the opposite order.
func (b Batch) Reversed() Batch {
	r := Batch{N: b.N, First: b.First, In: make([]Values, len(b.In)), Target: make([]Target, len(b.Target))}
	for k, v := range b.In {
		r.In[k] = Values{reversed(v.F, b.N), reversed(v.I, b.N), reversed(v.Steps, b.N), nil}
		if v.Sparse != nil {
			r.In[k].Sparse = v.Sparse.Reversed(false)
		}
	}
	for k, t := range b.Target {
		r.Target[k] = Target{reversed(t.Labels, b.N), reversed(t.Vector, b.N), reversed(t.Weight, b.N), t.Padded}
	}
	if b.Graph != nil {
		r.Graph = NewGraph(b.Graph.adjacency.Reversed(true))
	}
	if b.Nodes != nil {
		r.Nodes = slices.Clone(b.Nodes)
		for i, node := range r.Nodes {
			r.Nodes[i] = int32(b.N) - 1 - node
		}
	}
	return r
}

// reversed returns x, which holds n examples, with these in the opposite order.
func reversed[T any](x []T, n int) []T {
	if len(x) == 0 {
		return nil
	}
	r := make([]T, 0, len(x))
	for i := n - 1; i >= 0; i-- {
		r = append(r, part(x, n, i, i+1)...)
	}
	return r
}

// part returns the part of x, which holds n examples, for those from lo to hi-1.
func part[T any](x []T, n, lo, hi int) []T {
	if len(x) == 0 {
		return nil
	}
	size := len(x) / n
	return x[lo*size : hi*size]
}
