package probe

import (
	"fmt"

	"breakeven/curvature"
	"breakeven/nn"
	"breakeven/rng"
	"breakeven/run"
	"breakeven/spectrum"
)

var fisherProbe = Probe{
	Name: "fisher", Doc: "trace of the Fisher matrix, with labels from the model",
	Keys: named("fisher_trace"),
	Cost: sets(1),
	Memory: func(net *nn.Network, s Sizes) Need {
		need := Need{Part: "gradients of batches"}
		if !s.slope && !s.batch {
			need.Kept = curvature.SlopeMemory(net)
		}
		return need
	},
	Measure: fisherTrace,
}

// fisherTrace estimates Tr F on blocks of the measurement set, one gradient for each.
func fisherTrace(s *Subject) ([]run.Value, error) {
	blocks := s.Problem.Blocks(leastBlocks)
	if blocks == nil { // a set may have fewer examples than that and yet several chunks
		blocks = s.Problem.Blocks(1)
	}
	signs := rng.NewField(s.Seed, fmt.Sprintf("probe/fisher/%d", s.Step))
	var x []float64
	for i, b := range blocks {
		t, err := s.Problem.FisherTrace(b, signs, i)
		if err != nil {
			return nil, err
		}
		x = append(x, t)
	}
	mean, dev := spectrum.Average(x)
	how := run.How{L: len(blocks), M: blocks[0].Len(), Examples: len(blocks) * blocks[0].Len(), Seed: s.Seed, Error: standardError,
		Method: "squared gradients of blocks with labels from the model"}
	if len(x) == 1 {
		dev, how.Note = 0, "one block: no error is known"
	}
	return []run.Value{known(run.Value{Key: "fisher_trace", Value: mean, Error: dev, How: how})}, nil
}
