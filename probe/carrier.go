package probe

import (
	"slices"

	"breakeven/curvature"
	"breakeven/nn"
	"breakeven/run"
)

var carrierKeys = []string{"carrier_h_max", "carrier_k_max", "carrier_k_trace"}

// A network that carries others is trained on the sum of all losses, and H and K are those of the
// sum. What whoever has the network's file can measure is its own loss: the first output's.
var carrierProbe = Probe{
	Name: "carrier", Doc: "sharpness and gradient noise of the carrier's own loss, in a network that carries secret ones",
	Keys:      named(carrierKeys...),
	Batches:   true,
	Curvature: true,
	Sharp:     (*nn.Network).Couples,
	Lacks:     noSecrets,
	Cost:      func(s Sizes) float64 { return 2 + covarianceProbe.Cost(s) + hessianProbe.Cost(s) },
	Memory: func(net *nn.Network, s Sizes) Need {
		s.batch, s.slope = false, false // what other probes keep for batches is of the joint loss
		k, h := covarianceProbe.Memory(net, s), searching(net, s, 1, 0)
		return Need{"the carrier by itself", 0, 4*int64(net.Dim()) + k.Kept + max(k.Work, h.Kept+h.Work)}
	},
	Measure: measureCarrier,
}

// noSecrets says that a network carries no others, or "".
func noSecrets(net *nn.Network) string {
	if len(net.Outputs()) < 2 {
		return "there is no secret network"
	}
	return ""
}

// measureCarrier measures K and H of the carrier's loss. Parameters that only secret networks read
// are zeros in both, and change neither eigenvalues nor traces.
func measureCarrier(s *Subject) ([]run.Value, error) {
	if noSecrets(s.Net) != "" {
		return nil, nil
	}
	own := *s
	own.Forget()
	own.Warm, own.Omitted = nil, nil
	own.Problem, own.Batches, own.Sharp = s.Problem.Alone(0), ofCarrier(s.Batches), ofCarrier(s.Sharp)
	if err := own.Problem.At(s.Theta); err != nil {
		return nil, err
	}
	values, err := covariance(&own)
	if err != nil {
		return nil, err
	}
	sharpness, err := own.extremes(1, 0)
	if err != nil {
		return nil, err
	}
	var vs []run.Value
	for _, v := range append(values, sharpness...) {
		if v.Key = "carrier_" + v.Key; slices.Contains(carrierKeys, v.Key) {
			vs = append(vs, v)
		}
	}
	return vs, s.Problem.At(s.Theta)
}

// ofCarrier returns batches with the targets of the carrier alone.
func ofCarrier(batches []curvature.Set) []curvature.Set {
	own := make([]curvature.Set, len(batches))
	for i, b := range batches {
		own[i] = curvature.TargetOf(b, 0)
	}
	return own
}
