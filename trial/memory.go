package trial

import (
	"breakeven/curvature"
	"breakeven/nn"
	"breakeven/probe"
	"breakeven/tensor"
	"breakeven/train"
)

// memory lists what start allocates, and what the measurements take.
func (t *Trial) memory() []Memory {
	s, m := t.Spec, t.Spec.Measure
	n := min(m.Examples, t.Train)
	loop, next := train.Bytes(s.Method, t.net.Dim())
	examples := n + s.Batch + t.Valid
	if t.measures("k") {
		examples += m.L * m.M
	}
	if t.measuresBatches() {
		examples += t.sharp() * s.Batch
	}
	list := []Memory{
		{"data", t.read + t.batcher.Bytes() + t.setBytes(examples)},
		{"training", t.net.Memory(nn.Settings{Batch: s.Batch, Loss: t.loss, Dropout: true}) + loop + 4*int64(len(t.theta))},
		{"measurement set", curvature.Memory(t.net, n, t.problem())},
	}
	if t.Valid > 0 {
		list = append(list, Memory{"validation", t.net.Memory(t.validSettings())})
	}
	sizes := probe.Sizes{L: m.L, Single: min(m.PerExample, n), Kernel: min(8, n), Next: next}
	return t.withProbes(list, t.probes, sizes, max(s.Batch, t.problem().Chunk))
}

// memoryAt lists what Measure takes for n examples.
func (t *Trial) memoryAt(n int, at At, probes []probe.Probe) []Memory {
	list := []Memory{
		{"data", t.read + t.setBytes(n)},
		{"parameters", t.vector()},
		{"measurement set", curvature.Memory(t.net, n, t.problemAt(n, at, probes))},
	}
	next := t.net.Memory(nn.Settings{Batch: t.Spec.Batch, Loss: t.loss}) + t.vector()
	sizes := probe.Sizes{L: at.L, Single: min(n, singleLimit), Kernel: min(n, at.NTK), Next: next, Once: true}
	return t.withProbes(list, probes, sizes, t.problemAt(n, at, probes).Chunk)
}

// vector is the memory of the parameters.
func (t *Trial) vector() int64 { return 4 * int64(t.net.Dim()) }

// setBytes is the memory of n preprocessed examples.
func (t *Trial) setBytes(n int) int64 { return 4 * int64(n) * int64(t.net.Input.Size()+1) }

// withProbes adds what the probes keep and what the busiest of them needs besides,
// and the workspaces of products of so many rows or, if those are more, of Gram
// matrices.
func (t *Trial) withProbes(list []Memory, probes []probe.Probe, sizes probe.Sizes, rows int) []Memory {
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
