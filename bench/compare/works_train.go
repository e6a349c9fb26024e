package main

import (
	"breakeven/curvature"
	"breakeven/nn"
	"breakeven/train"
	"breakeven/trojan"
)

// step is one step of SGD: loss, gradient, update.
func step(dir folder, r request) (run, error) {
	net, start, set, err := dir.sized(r)
	if err != nil {
		return nil, err
	}
	return sgd(net, start, set, lossOf(r.Model))
}

// sgd is one step of SGD from the given parameters.
func sgd(net *nn.Network, start []float32, set curvature.Set, loss nn.Loss) (run, error) {
	method, err := train.New("sgd", 0.01, 0, net.Dim())
	if err != nil {
		return nil, err
	}
	plan, n := net.Compile(nn.Settings{Batch: set.N, Loss: loss}), float64(set.Len())
	g, theta := make([]float32, net.Dim()), make([]float32, net.Dim())
	return func() (func() []float64, error) {
		copy(theta, start)
		plan.SetParams(theta)
		e := plan.Forward(set)
		plan.Gradient(g, 1/n, false)
		plan.UpdateState(0.1)
		method.Step(theta, g, 0)
		return func() []float64 { return append(fingerprint(g), e.Loss/n) }, nil
	}, nil
}

// joint is one step of SGD of a network that carries another one: both have the same images, the secret
// one other labels, a batch norm of its own, and weights in an order that PyTorch can make, too.
func joint(dir folder, r request) (run, error) {
	net, start, set, err := dir.sized(r)
	if err != nil {
		return nil, err
	}
	j, err := trojan.Join(net, []*nn.Network{net, net}, func(task int, _ string, n int) ([]int32, error) {
		if task == 0 {
			return nil, nil
		}
		return trojan.Released(1, n)
	})
	if err != nil {
		return nil, err
	}
	other := make([]int32, set.N)
	for i, y := range set.Target[0].Labels {
		other[i] = (y + 1) % 10
	}
	set.In, set.Target = append(set.In, set.In[0]), append(set.Target, nn.Target{Labels: other})
	first := j.Net.InitialParams(nn.Glorot, 1)
	copy(first, start)
	return sgd(j.Net, first, set, nil)
}

// factors are steps of SGD with the Kronecker factors of Izadi et al. 2020, as their code scales
// them, made at the first step.
func factors(dir folder, r request) (run, error) {
	sizes, err := r.sizes(1)
	if err != nil {
		return nil, err
	}
	net, start, set, err := dir.sized(r)
	if err != nil {
		return nil, err
	}
	plan := net.Compile(nn.Settings{Batch: set.N, Factors: true})
	theta := make([]float32, net.Dim())
	return func() (func() []float64, error) {
		method, err := train.New("sgd", 0.01, 0, net.Dim())
		if err != nil {
			return nil, err
		}
		copy(theta, start)
		loop := train.NewLoop(plan, theta, method, func(int) nn.Batch { return set })
		loop.Precondition(train.Natural{Released: true, Average: 1, Every: sizes[0], Damping: curvature.Damping{Epsilon: 0.1}})
		loss := 0.0
		for range sizes[0] {
			if loss, err = loop.Step(); err != nil {
				return nil, err
			}
		}
		return func() []float64 { return append(fingerprint(theta), loss) }, nil
	}, nil
}

// gradient is the loss and its gradient.
func gradient(dir folder, r request) (run, error) {
	net, theta, set, err := dir.sized(r)
	if err != nil {
		return nil, err
	}
	plan, g := net.Compile(nn.Settings{Batch: set.N}), make([]float32, net.Dim())
	plan.SetParams(theta)
	return func() (func() []float64, error) {
		plan.Forward(set)
		plan.Gradient(g, 1/float64(set.Len()), false)
		return func() []float64 { return fingerprint(g) }, nil
	}, nil
}

// hessVec is a product with the Hessian at parameters and data that stay: values
// and adjoints are kept.
func hessVec(dir folder, r request) (run, error) {
	net, theta, set, err := dir.sized(r)
	if err != nil {
		return nil, err
	}
	v, err := dir.vector("v", net.Dim())
	if err != nil {
		return nil, err
	}
	plan, scale := net.Compile(nn.Settings{Batch: set.N, Loss: lossOf(r.Model), Tangents: true}), 1/float64(set.Len())
	hv := make([]float32, net.Dim())
	plan.SetParams(theta)
	plan.Forward(set)
	plan.Adjoints(hv, scale, false)
	return func() (func() []float64, error) {
		plan.SetTangent(v)
		plan.HessVec(hv, scale, false)
		return func() []float64 { return fingerprint(hv) }, nil
	}, nil
}
