package probe

import (
	"runtime"

	"breakeven/curvature"
	"breakeven/nn"
	"breakeven/run"
	"breakeven/spectrum"
	"breakeven/tensor"
)

var kernelProbe = Probe{
	Name: "ntk", Doc: "neural tangent kernel of a few examples",
	Keys:  named("ntk_max", "ntk_trace"),
	Lacks: coupled,
	Cost:  of(10, func(s Sizes) int { return s.Kernel }),
	Memory: func(net *nn.Network, s Sizes) Need {
		if s.Kernel == 0 {
			return Need{}
		}
		return Need{"tangent kernel", 0, curvature.TangentKernelMemory(net, s.Kernel)}
	},
	Measure: tangentKernel,
}

func tangentKernel(s *Subject) ([]run.Value, error) {
	if !s.Problem.PerExample() || s.Kernel.Len() == 0 {
		return nil, nil
	}
	k, err := curvature.TangentKernel(s.Net, s.Kernel, s.Theta, s.stop)
	if err != nil {
		return nil, err
	}
	runtime.GC() // the plan of the kernel makes room for its spectrum
	g, err := spectrum.GramSpectrum(k, &spectrum.GramSettings{Stop: s.stop})
	if err != nil {
		return nil, err
	}
	how := run.How{Examples: s.Kernel.Len(), Method: "eigenvalues of the matrix of all outputs"}
	return []run.Value{
		{Key: "ntk_max", Value: g.Max(), How: how},
		{Key: "ntk_trace", Value: g.Trace(), How: how},
	}, nil
}

var normProbe = Probe{
	Name: "bn", Doc: "scale of the last batch norm", Default: true,
	Keys: named("bn_scale"),
	Lacks: func(net *nn.Network) string {
		if _, ok := net.LastNormScale(); !ok {
			return "there is no batch norm"
		}
		return ""
	},
	Cost:    sets(0.01),
	Measure: normScale,
}

func normScale(s *Subject) ([]run.Value, error) {
	norm, ok := s.Net.LastNormScale()
	if !ok {
		return nil, nil
	}
	g := s.Theta[norm.Offset : norm.Offset+norm.Size()]
	return []run.Value{{Key: "bn_scale", Value: tensor.Norm(g), How: run.How{Method: "norm of " + norm.Name}}}, nil
}
