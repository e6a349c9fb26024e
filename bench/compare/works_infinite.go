package main

import (
	"fmt"
	"math"

	"breakeven/ntk"

	"gonum.org/v1/gonum/mat"
)

var pixels = ntk.Shape{C: image.C, H: image.H, W: image.W}

// infiniteNetworks are networks of infinite width, by name: of ReLU, σ_w² = 2, σ_b = 0.1.
var infiniteNetworks = map[string]ntk.Network{
	"dense":   {Input: ntk.Vec(image.Size()), Layers: ntk.FullyConnected(10, 0, ntk.ReLU, math.Sqrt2, 0.1)},
	"flatten": {Input: pixels, Layers: convolutions(ntk.Flatten{})},
	"pooling": {Input: pixels, Layers: convolutions(ntk.GlobalAvgPool{})},
}

// convolutions are five of 3×3, and a dense layer behind end.
func convolutions(end ntk.Layer) ntk.Serial {
	var s ntk.Serial
	for range 5 {
		s = append(s, ntk.Conv{Window: ntk.Size{3, 3}, Pad: ntk.Same, SigmaW: math.Sqrt2, SigmaB: 0.1}, ntk.ReLU)
	}
	return append(s, end, ntk.Dense{SigmaW: math.Sqrt2, SigmaB: 0.1})
}

// infinite is the covariance and the tangent kernel of images at infinite width, in float64.
func infinite(dir folder, r request) (run, error) {
	sizes, err := r.sizes(1)
	if err != nil {
		return nil, err
	}
	net, ok := infiniteNetworks[r.Model]
	if !ok {
		return nil, fmt.Errorf("infinite: unknown network %q", r.Model)
	}
	set, err := dir.set("", sizes[0])
	if err != nil {
		return nil, err
	}
	x := mat.NewDense(sizes[0], image.Size(), nil)
	for i, v := range set.In[0].F {
		x.RawMatrix().Data[i] = float64(v)
	}
	k, err := net.Kernel(nil)
	if err != nil {
		return nil, err
	}
	return func() (func() []float64, error) {
		nngp, theta, err := k.Symmetric(x)
		return func() []float64 {
			return []float64{mat.Trace(nngp), mat.Norm(nngp, 2), mat.Trace(theta), mat.Norm(theta, 2)}
		}, err
	}, nil
}
