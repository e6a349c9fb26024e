package curvature

import "breakeven/nn"

// Alone returns the problem of one output of a network that has several: its loss is that of
// this output. The examples and the plan are those of p. Only one of the two is at a point: after
// either was used the other one needs At.
func (p *Problem) Alone(output int) *Problem {
	own := &Problem{net: p.net, loss: p.loss, plan: p.plan, set: TargetOf(p.set, output), chunk: p.chunk, of: p.of, sums: NewSums(len(p.of)),
		grad: make([]float32, p.net.Dim()), loaded: make([]int, len(p.loaded)), only: p.only, stop: p.stop}
	for _, c := range p.chunks {
		own.chunks = append(own.chunks, TargetOf(c, output))
	}
	own.weight = p.net.Weight(own.set)
	return own
}

// TargetOf returns the same examples with the targets of one output alone.
func TargetOf(set Set, output int) Set {
	targets := make([]nn.Target, len(set.Target))
	targets[output] = set.Target[output]
	set.Target = targets
	return set
}
