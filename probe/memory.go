package probe

import (
	"slices"

	"breakeven/curvature"
	"breakeven/nn"
	"breakeven/spectrum"
)

// ReadsBatches reports whether one of the probes reads Subject.Batches.
func ReadsBatches(probes []Probe) bool {
	return slices.ContainsFunc(probes, func(p Probe) bool { return p.Batches })
}

// ReadsSharp reports whether one of the probes reads Subject.Sharp.
func ReadsSharp(probes []Probe, net *nn.Network) bool {
	return slices.ContainsFunc(probes, func(p Probe) bool { return p.readsSharp(net) })
}

func (p Probe) readsSharp(net *nn.Network) bool { return p.Sharp != nil && p.Sharp(net) }

// ProblemSettings completes the settings of a Subject's Problem by what the probes make
// of it, if they read minibatches of k examples for K, and of sharp for their curvature.
func ProblemSettings(s curvature.Settings, probes []Probe, net *nn.Network, k, sharp int) curvature.Settings {
	s.Gradients = !slices.ContainsFunc(probes, func(p Probe) bool { return p.Curvature })
	if ReadsBatches(probes) {
		s.Covariance = k
	}
	for _, p := range probes {
		switch {
		case !p.readsSharp(net):
		case p.Slopes:
			s.Covariance = max(s.Covariance, sharp)
		default:
			s.BatchCurvature = sharp
		}
	}
	return s
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
	var needs []Need
	s.gradients = !slices.ContainsFunc(probes, func(p Probe) bool { return p.Curvature })
	for _, p := range probes {
		need := Need{}
		if p.Memory != nil && (p.Lacks == nil || p.Lacks(net) == "") {
			need = p.Memory(net, s)
		}
		needs = append(needs, need)
		s.after(p)
		s.slope = s.slope || p.Name == lossProbe.Name && need.Kept > 0
		s.slope = s.slope || p.Name == fisherProbe.Name
		s.batch = s.batch || p.readsSharp(net) && !p.Slopes
	}
	return needs
}

// searching is what extremes takes: the eigenvectors stay for the next time, and
// one of K is held against them.
func searching(net *nn.Network, s Sizes, largest, smallest int) Need {
	vector, set := 4*int64(net.Dim()), spectrum.Settings{Largest: largest, Smallest: smallest}
	need := Need{"eigenvectors of H", vector * int64(largest+smallest), set.Bytes(net.Dim()) + vector}
	if s.Once {
		need.Kept = 0
	}
	need.Kept += coupledBatches(net, s)
	return need
}

// coupledBatches is batchCurvature where sampling errors come from minibatches.
func coupledBatches(net *nn.Network, s Sizes) int64 {
	if !net.Couples() {
		return 0
	}
	return batchCurvature(net, s).Kept
}

// batchCurvature is what the curvature of minibatches keeps, unless a probe before keeps
// it already.
func batchCurvature(net *nn.Network, s Sizes) Need {
	need := Need{Part: "curvature of batches"}
	if !s.batch {
		need.Kept = curvature.BatchMemory(net)
		if s.slope {
			need.Kept -= curvature.SlopeMemory(net)
		}
	}
	return need
}

// gramNeed is what a covariance of n gradients takes with its jackknife.
func gramNeed(part string, n int, memory func(n int) (kept, work int64)) Need {
	kept, work := memory(n)
	return Need{part, kept, max(work, 8*int64(n)*int64(n)+spectrum.GramBytes(n))}
}
