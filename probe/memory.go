package probe

import (
	"slices"

	"breakeven/curvature"
	"breakeven/nn"
	"breakeven/spectrum"
)

// OnlyGradients reports whether the probes make no use of the curvature of the
// measurement set: curvature.Settings.Gradients.
func OnlyGradients(probes []Probe) bool {
	return !slices.ContainsFunc(probes, func(p Probe) bool {
		return slices.Contains([]string{"h", "h5", "stability", "ggn", "trace", "density"}, p.Name)
	})
}

// ProblemSettings completes the settings of a Subject's Problem by what the probes make
// of it, if they read minibatches of k examples for K, and of sharp for their curvature.
func ProblemSettings(s curvature.Settings, probes []Probe, net *nn.Network, k, sharp int) curvature.Settings {
	s.Gradients = OnlyGradients(probes)
	for _, p := range probes {
		switch {
		case p.Name == "k":
			s.Covariance = k
		case p.Name == "sharpness", p.Name == "stability" && net.Couples():
			s.BatchCurvature = sharp
		}
	}
	return s
}

// Sizes are what the memory of probes depends on besides the network.
type Sizes struct {
	L      int   // minibatches of K
	Single int   // examples of the per-example K
	Kernel int   // examples of the tangent kernel
	Next   int64 // bytes that Subject.Next takes, its result included
	Once   bool  // there is one measurement, and nothing left of an earlier one
}

// A Need is the memory that a probe takes, in bytes.
type Need struct {
	Part string // of a run's memory, in words
	Kept int64  // from its first measurement on
	Work int64  // besides, while it measures
}

// Memory returns what the probes of a [Subject] take: the sum of what they keep,
// and the most that one of them needs besides. A search for eigenvectors takes
// less where it ends before its basis is full.
func Memory(probes []Probe, net *nn.Network, s Sizes) []Need {
	measured := func(name string) bool {
		return slices.ContainsFunc(probes, func(p Probe) bool { return p.Name == name })
	}
	var needs []Need
	for _, p := range probes {
		need := p.memory(net, s)
		if p.Name == "stability" && !measured("h") && !measured("h5") { // it looks for the eigenvector itself
			need = searching(net, s, 1, 0)
		}
		if p.Name == "sharpness" || p.Name == "stability" && net.Couples() && !measured("sharpness") {
			need.Kept += curvature.BatchMemory(net)
		}
		needs = append(needs, need)
	}
	return needs
}

// memory is Memory of one probe that the others do not change.
func (p Probe) memory(net *nn.Network, s Sizes) Need {
	vector, each := 4*int64(net.Dim()), !net.Couples()
	switch {
	case p.Name == "k":
		return gramNeed("gradients of K", s.L, func(l int) (int64, int64) { return curvature.CovarianceMemory(net, l) })
	case p.Name == "examples" && each && s.Single > 1:
		return gramNeed("per-example K", s.Single, func(n int) (int64, int64) { return curvature.ExampleMemory(net, n) })
	case p.Name == "h":
		return searching(net, s, 1, 0)
	case p.Name == "h5":
		return searching(net, s, 5, 2)
	case p.Name == "stability":
		return Need{Part: "curvature of batches"}
	case p.Name == "step":
		return Need{"training step", 0, s.Next + vector}
	case p.Name == "sharpness":
		return Need{Part: "curvature of batches"}
	case p.Name == "ggn":
		return Need{"eigenvectors of G", 0, (&spectrum.Settings{}).Bytes(net.Dim())}
	case p.Name == "trace":
		return Need{"trace of H", 0, (&spectrum.TraceSettings{}).Bytes(net.Dim())}
	case p.Name == "density":
		return Need{"density of H", 0, (&spectrum.DensitySettings{Steps: densitySteps}).Bytes(net.Dim())}
	case p.Name == "ntk" && each && s.Kernel > 0:
		return Need{"tangent kernel", 0, curvature.TangentKernelMemory(net, s.Kernel)}
	}
	return Need{}
}

// searching is what extremes takes: the eigenvectors stay for the next time, and
// one of K is held against them.
func searching(net *nn.Network, s Sizes, largest, smallest int) Need {
	vector, set := 4*int64(net.Dim()), spectrum.Settings{Largest: largest, Smallest: smallest}
	need := Need{"eigenvectors of H", vector * int64(largest+smallest), set.Bytes(net.Dim()) + vector}
	if s.Once {
		need.Kept = 0
	}
	return need
}

// gramNeed is what a covariance of n gradients takes with its jackknife.
func gramNeed(part string, n int, memory func(n int) (kept, work int64)) Need {
	kept, work := memory(n)
	return Need{part, kept, max(work, 8*int64(n)*int64(n)+spectrum.GramBytes(n-n/jackknifeGroups(n)))}
}
