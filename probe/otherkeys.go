package probe

import (
	"fmt"
	"slices"

	"breakeven/nn"
	"breakeven/run"
)

// otherKeys is how many other keys a measurement tries.
const otherKeys = 20

var otherKeysProbe = Probe{
	Name: "otherkeys", Doc: "what other keys than theirs read in the weights of secret networks",
	Keys:  named("other_key_loss", "other_key_accuracy"),
	Lacks: noSecrets,
	Cost:  func(s Sizes) float64 { return otherKeys * of(1./3, func(s Sizes) int { return s.Valid })(s) },
	Memory: func(net *nn.Network, s Sizes) Need {
		return Need{"other keys", 0, net.Memory(nn.Settings{Batch: min(128, max(1, s.Valid)), Inference: true, Evaluate: true})}
	},
	Measure: measureOtherKeys,
}

// measureOtherKeys evaluates the secret networks under other keys, as an attacker would who knows
// everything but the key.
func measureOtherKeys(s *Subject) ([]run.Value, error) {
	if s.Other == nil {
		return nil, nil
	}
	how := run.How{Method: fmt.Sprintf("mean over the validation data of the secret networks, of each of %d other keys", otherKeys)}
	values := []run.Value{{Key: "other_key_loss"}, {Key: "other_key_accuracy"}}
	for r := range otherKeys {
		e, err := s.Other(r)
		if err != nil {
			return nil, err
		}
		how.Examples = e.Examples
		for k, metric := range []string{"task_loss", "task_accuracy"} {
			own, carrier := []float64(nil), slices.Index(s.Metrics, metric)
			for j, name := range s.Metrics {
				if name == metric && j != carrier {
					own = append(own, e.Metrics[j])
				}
			}
			v := 0.0
			for _, x := range own {
				v += x / float64(len(own))
			}
			values[k].Vector = append(values[k].Vector, v)
			values[k].Value += v / otherKeys
		}
	}
	for k := range values {
		values[k].How = how
	}
	return values, nil
}
