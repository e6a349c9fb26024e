package task

import (
	"fmt"
	"slices"

	"breakeven/data/table"
	"breakeven/model"
	"breakeven/nn"
)

// nextToken is the loss whose labels are the tokens themselves: that of a step is the token of the next one.
const nextToken = "next-token"

// main returns what the graph of a model does with its first input, the zero value for models that are no
// graph.
func (r *reader) main() model.GraphInput {
	for _, in := range r.reads {
		if !in.Mask {
			return in
		}
	}
	return model.GraphInput{}
}

// readMore reads what a graph reads beside its first input: further tokens, such as the types of BERT, and the mask.
func (r *reader) readMore(of func(string) string, in nn.Input, n int) (more []nn.Values, ins []nn.Input, err error) {
	r.mask = nil
	for _, reads := range r.reads {
		if reads == r.main() {
			continue
		}
		name := of(reads.Name)
		switch {
		case !r.npz() || in.Shape.T == 0 || !reads.Mask && (in.Below == 0 || reads.Rows == 0):
			return nil, nil, fmt.Errorf("model %s reads %s, too: beside its first input only a mask of its steps and, if they are tokens, further tokens are supported, from an npz file", r.spec.Model, reads.Name)
		case reads.Mask && !r.has(name): // all tokens count
			continue
		case reads.Mask:
			if r.mask, err = r.readMask(name, reads, n, in.Shape.T); err != nil {
				return nil, nil, err
			}
			continue
		case !r.has(name):
			return nil, nil, fmt.Errorf("model %s reads %s, too, and there is no array %s", r.spec.Model, reads.Name, name)
		}
		a, err := r.wholeNumbers(name, []int{n, in.Shape.T})
		if err != nil {
			return nil, nil, err
		}
		if i := slices.IndexFunc(a, func(k int32) bool { return k < 0 || int(k) >= reads.Rows }); i >= 0 {
			return nil, nil, fmt.Errorf("%s has %d at [%d, %d], and the model reads 0 to %d", name, a[i], i/in.Shape.T, i%in.Shape.T, reads.Rows-1)
		}
		more = append(more, nn.Values{I: a})
		ins = append(ins, nn.Input{Name: reads.Name, Shape: in.Shape, Below: reads.Rows})
	}
	return more, ins, nil
}

// wholeNumbers reads an array of integers of a shape.
func (r *reader) wholeNumbers(name string, shape []int) ([]int32, error) {
	var a table.Array[int32]
	if err := r.read(table.Field{Names: []string{name}, Into: &a}); err != nil {
		return nil, err
	}
	if !slices.Equal(a.Shape, shape) {
		return nil, fmt.Errorf("%s has the shape %v, and %v is wanted for the tokens", name, a.Shape, shape)
	}
	return a.Data, nil
}

// nextTokens are the labels of the steps: the token of the next one, and none for the last of an example and where a mask
// hides the next one.
func nextTokens(x nn.Values, in nn.Input, m *mask) nn.Target {
	labels, steps := make([]int32, len(x.I)), in.Shape.T
	for i := range labels {
		if labels[i] = nn.Ignored; i%steps < steps-1 && (m == nil || m.pairs || m.seen[i+1] > 0) {
			labels[i] = x.I[i+1]
		}
	}
	return nn.Target{Labels: labels}
}

// checkRows returns an error unless there is a label for each row of the network's output: for an example,
// or for each of its steps.
func checkRows(s string, net *nn.Network, b nn.Batch) error {
	if b.N == 0 {
		return nil
	}
	rows, has := net.Output().Steps(), len(b.Target[0].Labels)/b.N
	switch {
	case rows == has || b.Target[0].Labels == nil && net.Output().T == 0:
		return nil
	case b.Target[0].Labels == nil:
		return fmt.Errorf("model %s has an output for each step, which real targets are not compared with", s)
	}
	return fmt.Errorf("model %s has outputs for %d steps of an example, and the labels are %d for each: use labels of the shape [examples, steps], or for a language model the loss %s", s, rows, has, nextToken)
}
