package probe

import (
	"breakeven/nn"
	"breakeven/run"
	"breakeven/spectrum"
)

var gaussNewtonProbe = Probe{
	Name: "ggn", Doc: "largest eigenvalue of the Gauss-Newton matrix",
	Keys:      named("ggn_max"),
	Curvature: true,
	Sharp:     (*nn.Network).Couples,
	Cost:      func(s Sizes) float64 { return s.search() + s.minibatches(2.5) },
	Memory: func(net *nn.Network, s Sizes) Need {
		return Need{"eigenvectors of G", coupledBatches(net, s), (&spectrum.Settings{}).Bytes(net.Dim())}
	},
	Measure: gaussNewton,
}

func gaussNewton(s *Subject) ([]run.Value, error) {
	r, how, err := s.search(s.Problem.GaussNewton(), &spectrum.Settings{Src: s.stream("ggn")}, 0)
	if err != nil {
		return nil, err
	}
	a, err := s.examplesOr(r.Vectors[0], s.Problem.GaussNewtons, s.Problem.BatchGaussNewton)
	return []run.Value{a.sampled(r.value("ggn_max", 0, how), ofCurvatures)}, err
}

var traceProbe = Probe{
	Name: "trace", Doc: "trace of the Hessian by Hutch++",
	Keys:      named("h_trace"),
	Curvature: true,
	Sharp:     (*nn.Network).Couples,
	Cost:      func(s Sizes) float64 { return 60 + s.minibatches(3) },
	Memory: func(net *nn.Network, s Sizes) Need {
		return Need{"trace of H", coupledBatches(net, s), (&spectrum.TraceSettings{}).Bytes(net.Dim())}
	},
	Measure: trace,
}

func trace(s *Subject) ([]run.Value, error) {
	t, err := spectrum.HutchPP(s.Problem.Hessian(), &spectrum.TraceSettings{Src: s.stream("trace")})
	if err != nil {
		return nil, err
	}
	v := run.Value{Key: "h_trace", Value: t.Value, Error: t.StdErr, How: run.How{
		Examples: s.Problem.Set().Len(), Products: t.Products, Seed: s.Seed, Error: standardError, Method: "Hutch++"}}
	// Of zᵀH_i z the variance over examples is, in expectation over the signs z, that of Tr H_i
	// or more.
	z, r := make([]float32, len(s.Theta)), s.stream("trace/sample")
	for i := range z {
		z[i] = float32(2*r.IntN(2) - 1)
	}
	a, err := s.curvatures(z)
	return []run.Value{a.sampled(known(v), ofSigns)}, err
}

var densityProbe = Probe{
	Name: "density", Doc: "spectral density of the Hessian by stochastic Lanczos quadrature",
	Keys:      named("h_density"),
	Curvature: true,
	Cost:      sets(120),
	Memory: func(net *nn.Network, _ Sizes) Need {
		return Need{"density of H", 0, (&spectrum.DensitySettings{Steps: densitySteps}).Bytes(net.Dim())}
	},
	Measure: density,
}

// densitySteps is the products spent on each of the two random vectors: what is
// sharper than a thirtieth of the spectrum is not resolved.
const densitySteps = 30

// density gives pairs of grid point and density; Value is the mean eigenvalue
// that the quadrature sees.
func density(s *Subject) ([]run.Value, error) {
	d, err := spectrum.Quadrature(s.Problem.Hessian(), &spectrum.DensitySettings{Probes: 2, Steps: densitySteps, Src: s.stream("density")})
	if err != nil {
		return nil, err
	}
	mean, _ := d.Mean(func(x float64) float64 { return x })
	v := run.Value{Key: "h_density", Value: mean, How: run.How{
		Examples: s.Problem.Set().Len(), Products: d.Products, Seed: s.Seed,
		Method: "stochastic Lanczos quadrature", Note: "the value is the mean eigenvalue; two random vectors: no error is known"}}
	for i, x := range d.Grid {
		v.Vector = append(v.Vector, x, d.Value[i])
	}
	return []run.Value{v}, nil
}
