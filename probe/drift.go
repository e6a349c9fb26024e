package probe

import (
	"math"

	"breakeven/curvature"
	"breakeven/nn"
	"breakeven/run"
)

var driftProbe = Probe{
	Name: "drift", Doc: "how far the tangent kernel, the weights and the network itself have moved from what is linear in the parameters",
	Keys:  named("ntk_change", "weight_change", "linear_gap"),
	Lacks: coupled,
	Cost:  of(12, func(s Sizes) int { return s.Kernel }),
	Memory: func(net *nn.Network, s Sizes) Need {
		if s.Kernel == 0 {
			return Need{}
		}
		rows := int64(s.Kernel * net.Output().Size())
		work := curvature.TangentKernelMemory(net, s.Kernel) + net.Memory(nn.Settings{Batch: s.Kernel, Tangents: true}) + 4*int64(net.Dim())
		return Need{"drift of the kernel", 8*rows*rows + 4*int64(net.Dim()), work}
	},
	Measure: drift,
}

// drift compares a point of a trajectory with its first.
func drift(s *Subject) ([]run.Value, error) {
	if !s.Problem.PerExample() || s.Kernel.Len() == 0 || s.Start == nil {
		return nil, nil
	}
	if s.first == nil {
		s.first = s.Start()
	}
	values := []run.Value{weightChange(s.Net, s.first, s.Theta)}
	gap, err := linearGap(s)
	if err != nil {
		return nil, err
	}
	if s.kernel == nil {
		if s.kernel, err = curvature.TangentKernel(s.Net, s.Kernel, s.first, s.stop); err != nil {
			return nil, err
		}
	}
	k, err := curvature.TangentKernel(s.Net, s.Kernel, s.Theta, s.stop)
	how := run.How{Examples: s.Kernel.Len(), Method: "kernels of all outputs, Frobenius norm"}
	return append(values, gap, run.Value{Key: "ntk_change", Value: curvature.Change(k, s.kernel), How: how}), err
}

// weightChange compares weights, tensor by tensor; the value is that of all parameters.
func weightChange(net *nn.Network, from, theta []float32) run.Value {
	moved := func(lo, hi int) float64 {
		change, norm := 0.0, 0.0
		for i := lo; i < hi; i++ {
			d, v := float64(theta[i])-float64(from[i]), float64(from[i])
			change += d * d
			norm += v * v
		}
		return math.Sqrt(change / norm)
	}
	v := run.Value{Key: "weight_change", Value: moved(0, len(theta)), How: run.How{Method: "Euclidean norms"}}
	for _, p := range net.Params() {
		if p.FanIn > 0 {
			v.Vector = append(v.Vector, moved(p.Offset, p.Offset+p.Size()))
		}
	}
	return v
}

// linearGap is how far the network is from its linearisation, relative to how far its outputs
// have moved. It is NaN, and left out, where they have not.
func linearGap(s *Subject) (run.Value, error) {
	v := run.Value{Key: "linear_gap", How: run.How{Examples: s.Kernel.Len(), Method: "Jacobian product"}}
	linear, err := curvature.Linearized(s.Net, s.Kernel, s.first, s.Theta, s.stop)
	if err != nil {
		return v, err
	}
	plan := s.Net.Compile(nn.Settings{Batch: s.Kernel.Len(), Evaluate: true})
	plan.SetStop(s.stop)
	outputs := func(theta []float32) []float64 {
		plan.SetParams(theta)
		plan.Forward(s.Kernel)
		var f []float64
		for _, z := range plan.Outputs() {
			f = append(f, float64(z))
		}
		return f
	}
	before, after := outputs(s.first), outputs(s.Theta)
	gap, moved := 0.0, 0.0
	for i, f := range after {
		d := f - linear.RawMatrix().Data[i]
		gap += d * d
		moved += (f - before[i]) * (f - before[i])
	}
	v.Value = math.Sqrt(gap / moved)
	return v, plan.Err()
}
