package probe

import (
	"math"

	"breakeven/nn"
	"breakeven/run"
	"breakeven/tensor"
)

var oscillationProbe = Probe{
	Name: "oscillation", Doc: "how far the next training step goes along the top eigenvector of K",
	Keys:    named("step_along_k"),
	With:    "k",
	Batches: true,
	Cost: func(s Sizes) float64 {
		return ofCovariance(of(1, func(s Sizes) int { return s.Batch })(s))(s)
	},
	Memory: func(net *nn.Network, s Sizes) Need {
		need := covarianceNeed("step along e_K¹", 1)(net, s)
		need.Work += s.Next
		return need
	},
	Measure: oscillation,
}

// oscillation measures |Δψ| = |⟨Δθ, e_K¹⟩| of the next training step Δθ.
func oscillation(s *Subject) ([]run.Value, error) {
	if s.Next == nil {
		s.omit("there is no training step", "step_along_k")
		return nil, nil
	}
	k, err := s.covariance()
	switch {
	case err != nil:
		return nil, err
	case k.Zero():
		s.omit(kIsZero, "step_along_k")
		return nil, nil
	}
	next, err := s.Next()
	if err != nil {
		return nil, err
	}
	tensor.Axpy(next, -1, s.Theta)
	e := make([]float32, len(next))
	k.Top(e, 0)
	v := run.Value{Key: "step_along_k", Value: math.Abs(tensor.Dot(next, e)), How: run.How{L: k.L, M: k.M, Examples: s.Size,
		Method: "next training step along the top eigenvector of K", Note: "of one training batch: no error is known"}}
	return []run.Value{v}, nil
}
