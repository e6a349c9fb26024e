package main

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"breakeven/curvature"
	"breakeven/nn"
	"breakeven/spectrum"
	"breakeven/tensor"
)

// keep is the memory that package trial allows the measurement set.
const keep = 3 << 30

// covariance is K of L minibatches of M examples: eigenvalues and trace.
func covariance(dir folder, r request) (run, error) {
	s, err := r.sizes(2)
	if err != nil {
		return nil, err
	}
	l, m := s[0], s[1]
	net, theta, set, err := dir.problem(r.Model, l*m)
	if err != nil {
		return nil, err
	}
	p := curvature.New(net, set.Slice(0, m), curvature.Settings{Chunk: m})
	if err := p.At(theta); err != nil {
		return nil, err
	}
	parts := curvature.Parts(set, l)
	return func() (func() []float64, error) {
		k, err := p.Covariance(parts)
		if err != nil {
			return nil, err
		}
		return numbers(k.Max(), k.Trace()), nil
	}, nil
}

// gram is the matrix of inner products of per-example gradients.
func gram(dir folder, r request) (run, error) {
	net, theta, set, err := dir.sized(r)
	if err != nil {
		return nil, err
	}
	n := set.Len()
	plan := net.Compile(nn.Settings{Batch: n, Adjoints: true})
	dots := make([]float64, n*n)
	plan.SetParams(theta)
	return func() (func() []float64, error) {
		plan.Forward(set)
		plan.Adjoints(nil, 1, false)
		clear(dots)
		plan.ExampleGram(dots)
		return func() []float64 {
			trace, sum := 0.0, 0.0
			for i, v := range dots {
				sum += v
				if i%(n+1) == 0 {
					trace += v
				}
			}
			return []float64{trace, sum}
		}, nil
	}, nil
}

// tangentKernel is J·Jᵀ of all outputs.
func tangentKernel(dir folder, r request) (run, error) {
	net, theta, set, err := dir.sized(r)
	if err != nil {
		return nil, err
	}
	return func() (func() []float64, error) {
		k, err := curvature.TangentKernel(net, set, theta, nil)
		return func() []float64 { return []float64{mat.Trace(k), mat.Norm(k, 2)} }, err
	}, nil
}

// topHessian is the largest eigenvalue of the Hessian: cold, also with no values
// kept between products, warm (from the eigenvector of some steps earlier), or as
// a reference.
func topHessian(dir folder, r request) (run, error) {
	net, theta, set, err := dir.sized(r)
	if err != nil {
		return nil, err
	}
	settings, kept := spectrum.Settings{Tol: 1e-2}, int64(keep)
	switch r.Variant {
	case "cold":
	case "nothing kept":
		kept = 1
	case "reference":
		settings.Tol = 1e-4
	case "warm":
		v, err := dir.vector("warm", net.Dim())
		if err != nil {
			return nil, err
		}
		settings.Start = [][]float32{v}
	default:
		return nil, fmt.Errorf("top: unknown variant %q", r.Variant)
	}
	of := curvature.Settings{Keep: kept}
	if net.Couples() {
		of.Chunk = set.Len() // one batch, as in package trial
	}
	p := curvature.New(net, set, of)
	return func() (func() []float64, error) {
		if err := p.At(theta); err != nil {
			return nil, err
		}
		h, settings := p.Hessian(), settings
		if rough, ok := h.Rough(); ok && r.Variant != "reference" {
			settings.Rough = rough // as package probe does
		}
		found, err := spectrum.Lanczos(h, &settings)
		if err != nil {
			return nil, err
		}
		if !found.Converged {
			return nil, fmt.Errorf("top: not converged after %d products", found.Products)
		}
		return numbers(found.Values[0]), nil
	}, nil
}

// trainNetwork writes the inputs "trained" and "warm": weights after 110 steps
// of SGD, the last ten with a small learning rate, and the top eigenvector
// before those ten.
func trainNetwork(dir folder, _ request) (run, error) {
	const batch, before, after = 128, 100, 10
	net, theta, set, err := dir.problem("simplecnn", examples)
	if err != nil {
		return nil, err
	}
	return func() (func() []float64, error) {
		plan, g := net.Compile(nn.Settings{Batch: batch}), make([]float32, net.Dim())
		descend := func(from, steps int, lr float32) {
			for i := from; i < from+steps; i++ {
				b := set.Slice(i*batch%examples, i*batch%examples+batch)
				plan.SetParams(theta)
				plan.Forward(b)
				plan.Gradient(g, 1./batch, false)
				tensor.Axpy(theta, -lr, g)
			}
		}
		descend(0, before, 0.05)
		p := curvature.New(net, set.Slice(0, measured), curvature.Settings{Keep: keep})
		if err := p.At(theta); err != nil {
			return nil, err
		}
		found, err := spectrum.Lanczos(p.Hessian(), &spectrum.Settings{Tol: 1e-2})
		if err != nil {
			return nil, err
		}
		if err := dir.floats("warm", found.Vectors[0]); err != nil {
			return nil, err
		}
		descend(before, after, 0.01)
		return numbers(found.Values[0]), dir.floats(trained, theta)
	}, nil
}
