package trial

import (
	"breakeven/curvature"
	"breakeven/nn"
	"breakeven/probe"
	"breakeven/spectrum"
)

// remembered is how many vectors a method keeps besides the parameters (the
// first and the present ones) and the gradient.
var remembered = map[string]int64{"momentum": 1, "nesterov": 1, "adam": 2}

// memory lists what start allocates, what probes keep until the next
// measurement, and what the largest of them needs besides.
func (t *Trial) memory() []Memory {
	s, m, vector := t.Spec, t.Spec.Measure, 4*int64(t.net.Dim())
	n := min(m.Examples, t.Train)
	example := int64(4 * t.net.Input.Size())
	list := []Memory{
		{"data", t.pixels + example*int64(n+m.L*m.M+(t.sharp()+1)*s.Batch+t.Valid)},
		{"training", t.net.Memory(nn.Settings{Batch: s.Batch, Loss: t.loss, Dropout: true}) + (3+remembered[s.Method])*vector},
		{"measurement set", curvature.Memory(t.net, n, t.problem())},
	}
	if t.Valid > 0 {
		list = append(list, Memory{"validation", t.net.Memory(t.validSettings())})
	}
	return append(list, t.probing(t.probes, m.L, min(m.PerExample, n), min(8, n))...)
}

// memoryAt lists what Measure takes for n examples.
func (t *Trial) memoryAt(n int, at At, probes []probe.Probe) []Memory {
	vector := 4 * int64(t.net.Dim())
	list := []Memory{
		{"data", t.pixels + int64(4*t.net.Input.Size())*int64(n)},
		{"training", t.net.Memory(nn.Settings{Batch: t.Spec.Batch, Loss: t.loss}) + 2*vector},
		{"measurement set", curvature.Memory(t.net, n, t.problemAt(n, at))},
	}
	return append(list, t.probing(probes, at.L, min(n, singleLimit), min(n, at.NTK))...)
}

// probing lists what the probes take: l gradients of K, single examples of the
// per-example K and kernel ones of the tangent kernel, and what the largest of
// the other probes needs.
func (t *Trial) probing(probes []probe.Probe, l, single, kernel int) []Memory {
	var list []Memory
	vector, work := 4*int64(t.net.Dim()), int64(0)
	for _, p := range probes {
		switch p.Name {
		case "k":
			list = append(list, Memory{"gradients of K", vector * int64(l)})
		case "examples":
			list = append(list, Memory{"per-example K", curvature.ExampleMemory(t.net, single)})
		case "h", "stability": // and the eigenvectors of the last time and of a part of the set
			work = max(work, (&spectrum.Settings{}).Bytes(t.net.Dim())+3*vector)
		case "h5":
			work = max(work, (&spectrum.Settings{Largest: 5, Smallest: 2}).Bytes(t.net.Dim())+7*vector)
		case "ggn":
			work = max(work, (&spectrum.Settings{}).Bytes(t.net.Dim())+vector)
		case "density":
			work = max(work, (&spectrum.DensitySettings{Steps: 30}).Bytes(t.net.Dim()))
		case "trace":
			work = max(work, 14*vector)
		case "ntk":
			work = max(work, curvature.TangentKernelMemory(t.net, max(1, kernel)))
		case "step", "sharpness":
			work = max(work, 4*vector)
		}
	}
	return append(list, Memory{"eigenvectors of H", work})
}
