package nn

// A Batch is a number of examples: what goes into a network, and what should come
// out.
type Batch struct {
	N      int      // examples
	In     []Values // by input, in the order of [Network.Inputs]
	Target []Target // by output, in the order of [Network.Outputs]; the outputs past its end have no loss
	First  int      // the number of its first example in the set that it is a part of, which masks of dropout go by
}

// Values are what the examples of a batch have for one input: numbers or integers,
// one example after the other, each in PyTorch's layout: [C, H, W], a sequence
// [T, C] or [T, C, H, W].
type Values struct {
	F []float32
	I []int32
	// Steps is the length of each example's sequence; what lies past it counts for
	// nothing. Nil: all are as long as the input's shape says.
	Steps []int32
}

// Ignored is the label of a row that counts for nothing.
const Ignored int32 = -100

// A Target is what one output should be: of each row of outputs, of which an example
// has one, or as many as its sequence has steps, either a label or a vector.
type Target struct {
	Labels []int32 // one for each row
	Vector []float32
	// Weight is what a row counts: one for each row, or one for all rows of an example.
	// Nil: 1. A row of weight 0, with the label Ignored, or past the end of its
	// sequence counts for nothing.
	Weight []float32
}

// Labelled returns a batch for a network of one input and one output.
func Labelled(x []float32, labels []int32) Batch {
	return Batch{N: len(labels), In: []Values{{F: x}}, Target: []Target{{Labels: labels}}}
}

// Len returns the number of examples N.
func (b Batch) Len() int { return b.N }

// Slice returns examples lo … hi-1, without copying them.
func (b Batch) Slice(lo, hi int) Batch {
	s := Batch{N: hi - lo, First: b.First + lo, In: make([]Values, len(b.In)), Target: make([]Target, len(b.Target))}
	for k, v := range b.In {
		s.In[k] = Values{part(v.F, b.N, lo, hi), part(v.I, b.N, lo, hi), part(v.Steps, b.N, lo, hi)}
	}
	for k, t := range b.Target {
		s.Target[k] = Target{part(t.Labels, b.N, lo, hi), part(t.Vector, b.N, lo, hi), part(t.Weight, b.N, lo, hi)}
	}
	return s
}

// part returns what n examples have of x, those from lo to hi-1.
func part[T any](x []T, n, lo, hi int) []T {
	if len(x) == 0 {
		return nil
	}
	size := len(x) / n
	return x[lo*size : hi*size]
}
