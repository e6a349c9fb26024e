package main

import (
	"fmt"
	"math"

	"breakeven/hierarchy"
)

// higherInputs is the number of inputs of the hierarchy's networks.
const higherInputs = 16

// higherKernels are the kernels K^(r) of a network of two hidden layers, in float64: of sizes
// r, points, width. The numbers are the largest magnitude and the norm of K^(r), and an entry
// whose indices differ.
func higherKernels(dir folder, r request) (run, error) {
	sizes, err := r.sizes(3)
	if err != nil {
		return nil, err
	}
	order, points, width := sizes[0], sizes[1], sizes[2]
	net, err := hierarchy.NewNetwork(hierarchy.Shape{Inputs: higherInputs, Width: width, Depth: 2, Activation: hierarchy.Tanh})
	if err != nil {
		return nil, err
	}
	weights, err := dir.vector("v", len(net.Theta()))
	if err != nil {
		return nil, err
	}
	for i, w := range weights {
		net.Theta()[i] = 10 * float64(w) // of variance 1
	}
	flat, err := dir.vector("a", points*higherInputs)
	if err != nil {
		return nil, err
	}
	var p hierarchy.Points
	for i := range points {
		x := make([]float64, higherInputs)
		for j, v := range flat[i*higherInputs : (i+1)*higherInputs] {
			x[j] = 2.5 * float64(v) // of about length 1
		}
		p.Train = append(p.Train, x)
	}
	return func() (func() []float64, error) {
		k, err := hierarchy.Kernels(net, p, order, nil)
		if err != nil {
			return nil, fmt.Errorf("kernels: %w", err)
		}
		return func() []float64 {
			last, sum := k[order-1], 0.0
			for _, v := range last.Data {
				sum += v * v
			}
			index := make([]int, order)
			for i := range index {
				index[i] = i % points
			}
			return []float64{last.Max(), math.Sqrt(sum), last.At(index...)}
		}, nil
	}, nil
}
