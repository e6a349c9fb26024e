package nn

import "fmt"

// overSteps returns the shape of what an operation over all steps makes of a sequence, and of its mask if there is one.
func overSteps(what string, in []Shape) Shape {
	masked := len(in) == 2 && in[1] == Seq(in[0].T, 1)
	if len(in) != 1 && !masked || in[0].T == 0 {
		panic(fmt.Sprintf("nn: %s over the steps of %v: want a sequence, and a mask of one number for each of its steps if there is one", what, in))
	}
	return in[0].Step()
}

// A stepMask says which steps of an example count: those for which it is above 0.
type stepMask struct {
	arg
	given bool
}

// stepMask binds the mask of an operation over steps, its second input. If there is none all steps count.
func (b *binding) stepMask() stepMask {
	if len(b.node.in) < 2 {
		return stepMask{}
	}
	m := b.in(1)
	if m.active {
		panic("nn: a mask of steps that depends on parameters")
	}
	return stepMask{m, true}
}

// of returns the mask of an example, nil if there is none.
func (m stepMask) of(i int) []float32 {
	if !m.given {
		return nil
	}
	return m.example(values, i)
}

// keeps returns that later passes read the mask, and the values of further activations.
func (m stepMask) keeps(more ...arg) func(lane) []arg {
	if m.given {
		more = append(more, m.arg)
	}
	return ofValues(more...)
}

// counts reports whether step t of an example with a mask counts.
func counts(mask []float32, t int) bool { return mask == nil || mask[t] > 0 }
