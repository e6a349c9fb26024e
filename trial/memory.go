package trial

import (
	"breakeven/curvature"
	"breakeven/probe"
	"breakeven/tensor"
	"breakeven/train"
)

// Memory lists what Run allocates, and what the measurements take.
func (t *descent) Memory() []Memory {
	loop, next := train.Bytes(t.spec.Method, t.net.Dim())
	list := []Memory{
		{"data", t.task.Bytes + t.batches.Bytes() + t.task.Each*int64(t.spec.Batch+t.examples())},
		{"training", t.net.Memory(t.training()) + loop + 4*int64(len(t.theta)) + t.naturalBytes()},
	}
	sizes := t.sizes()
	sizes.Next, sizes.Precond = next, train.PreconditionerBytes(t.net, t.spec.Method, t.natural, t.rules)
	return append(list, t.measuring(sizes)...)
}

// examples returns how many examples are read for measurements.
func (t *setting) examples() int {
	m := t.spec.Measure
	n := min(m.Examples, t.task.Train.Len()) + t.evaluates()
	if probe.ReadsBatches(t.probes) {
		n += m.L * m.M
	}
	if probe.ReadsSharp(t.probes, t.net) {
		n += t.sizes().Sharp * t.spec.Batch
	}
	return n
}

// measuring lists what measurements along a run take besides their examples.
func (t *setting) measuring(sizes probe.Sizes) []Memory {
	list := []Memory{{"measurement set", curvature.Memory(t.net, sizes.Examples, t.problem())}}
	valid := t.task.EvaluateBytes
	if t.evaluates() > 0 {
		valid += t.net.Memory(t.evaluating())
	}
	if valid > 0 {
		list = append(list, Memory{"validation", valid})
	}
	return t.withProbes(list, t.probes, sizes, max(sizes.Batch, t.problem().Chunk))
}

// vector is the memory of the parameters.
func (t *setting) vector() int64 { return 4 * int64(t.net.Dim()) }

// withProbes adds what the probes keep and what the busiest of them needs besides,
// and the workspaces of products of so many rows or, if those are more, of Gram
// matrices.
func (t *setting) withProbes(list []Memory, probes []probe.Probe, sizes probe.Sizes, rows int) []Memory {
	needs, busiest := probe.Memory(probes, t.net, sizes), 0
	for i, need := range needs {
		if need.Work > needs[busiest].Work {
			busiest = i
		}
	}
	for i, need := range needs {
		bytes := need.Kept
		if i == busiest {
			bytes += need.Work
		}
		if bytes > 0 {
			list = append(list, Memory{need.Part, bytes})
		}
	}
	for _, p := range probes {
		switch p.Name {
		case "examples":
			rows = max(rows, sizes.Single)
		case "ntk":
			rows = max(rows, sizes.Kernel*t.net.Output().Size())
		}
	}
	return append(list, Memory{"products", tensor.WorkBytes(rows)})
}
