package probe

import (
	"fmt"
	"math"

	"breakeven/nn"
	"breakeven/run"
)

// predicted is how many numbers of predictions a record keeps at most.
const predicted = 2000

var predictionsProbe = Probe{
	Name: "predictions", Doc: "what the network predicts for some validation examples: where it is in the space of functions",
	Keys: named("predictions"),
	Lacks: func(net *nn.Network) string {
		if len(net.Outputs()) > 1 {
			return "it has several outputs"
		}
		return ""
	},
	Cost:    of(1./3, func(s Sizes) int { return min(predicted/10, s.Valid) }),
	Measure: measurePredictions,
}

func measurePredictions(s *Subject) ([]run.Value, error) {
	if s.Predict == nil {
		return nil, nil
	}
	numbers, err := s.Predict(predicted)
	if err != nil || len(numbers) == 0 {
		return nil, err
	}
	width := s.Net.Output().Size()
	v := run.Value{Key: "predictions", How: run.How{Examples: len(numbers) / width,
		Method: fmt.Sprintf("%d outputs of each of the first validation examples", width)}}
	sum := 0.0
	for _, p := range numbers {
		v.Vector = append(v.Vector, float64(p))
		sum += float64(p) * float64(p)
	}
	v.Value = math.Sqrt(sum / float64(len(numbers)))
	return []run.Value{v}, nil
}
