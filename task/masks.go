package task

import (
	"fmt"
	"slices"

	"breakeven/model"
	"breakeven/nn"
	"breakeven/run"
)

// A mask says which steps of examples attention sees.
type mask struct {
	name  string
	seen  []float32 // 1 or 0 for each step of an example or, of pairs, for each key of each query
	steps int
	pairs bool
}

// readMask reads the mask of n examples.
func (r *reader) readMask(name string, reads model.GraphInput, n, steps int) (*mask, error) {
	m, shape := &mask{name: name, steps: steps, pairs: reads.Pairs}, []int{n, steps}
	if c, _ := r.column(name); m.pairs {
		if shape = []int{n, steps, steps}; len(c.Shape) == 4 {
			shape = []int{n, 1, steps, steps}
		}
	}
	a, err := r.wholeNumbers(name, shape)
	if err != nil {
		return nil, err
	}
	for row := range slices.Chunk(a, steps) {
		if slices.ContainsFunc(row, func(x int32) bool { return x != 0 && x != 1 }) || !m.pairs && !slices.Contains(row, 1) {
			return nil, fmt.Errorf("%s of example %d is %v; want 1 for each step that counts, of which there is one, and 0 for the others", name, len(m.seen)/(len(a)/n), row)
		}
		for _, x := range row {
			m.seen = append(m.seen, float32(x))
		}
	}
	return m, nil
}

// lengths returns those of sequences, if the mask hides nothing but what follows their end.
func (m *mask) lengths() (lengths []int32, ok bool) {
	for row := range slices.Chunk(m.seen, m.steps) {
		n := slices.Index(append(row[:len(row):len(row)], 0), 0)
		if m.pairs || slices.Contains(row[n:], 1) {
			return nil, false
		}
		lengths = append(lengths, int32(n))
	}
	return lengths, true
}

// network returns the network of a spec for the examples, and gives these the lengths that masks say or, if some have holes or
// the network reads its mask for another reason, the mask as their last input.
func (f *source) network(s run.Spec) (*nn.Network, error) {
	more := f.more
	for _, m := range f.masks {
		if m == nil {
			continue
		}
		if _, ok := m.lengths(); !ok && len(more) == len(f.more) {
			shape := nn.Seq(m.steps, 1)
			if m.pairs {
				shape = nn.Seq(m.steps, m.steps)
			}
			more = append(slices.Clone(more), nn.Input{Name: m.name, Shape: shape})
		}
	}
	net, err := model.Of(s, f.input, f.outputs, more...)
	if err != nil {
		return nil, err
	}
	in := net.Inputs()
	for k, b := range []*nn.Batch{&f.train, &f.test} {
		m := f.masks[k]
		switch {
		case b.N == 0:
		case len(in) > 1+len(f.more):
			seen := slices.Repeat([]float32{1}, b.N*in[len(in)-1].Shape.Size())
			if m != nil {
				seen = m.seen
			}
			b.In = append(b.In, nn.Values{F: seen})
		case m != nil:
			lengths, _ := m.lengths()
			for i := range b.In {
				b.In[i].Steps = lengths
			}
		}
	}
	return net, nil
}
