package main

import (
	"fmt"

	"breakeven/nn"
	"breakeven/tensor"
)

// gemm is the product of an m×k and a k×n matrix. The variant says for each
// factor whether it is stored as it is (n) or transposed (t).
func gemm(dir folder, r request) (run, error) {
	s, err := r.sizes(3)
	if err != nil {
		return nil, err
	}
	m, k, n := s[0], s[1], s[2]
	a, err := dir.vector("a", m*k)
	if err != nil {
		return nil, err
	}
	b, err := dir.vector("b", k*n)
	if err != nil {
		return nil, err
	}
	c := make([]float32, m*n)
	multiply, err := product(r.Variant, c, a, b, m, k, n)
	return func() (func() []float64, error) {
		for range max(1, r.Repeat) {
			multiply()
		}
		return func() []float64 { return fingerprint(c) }, nil
	}, err
}

// product returns what computes c = a·b.
func product(kind string, c, a, b []float32, m, k, n int) (func(), error) {
	left, right := tensor.Rows(a, k), tensor.Rows(b, n)
	switch kind {
	case "nn":
	case "nt":
		right = tensor.Rows(b, k).T()
	case "tn":
		left = tensor.Rows(a, m).T()
	default:
		return nil, fmt.Errorf("gemm: unknown kind %q", kind)
	}
	p := tensor.Product{M: m, K: k, N: n}
	return func() { p.Mul(c, n, left, right, false) }, nil
}

// layer is the gradient of a network that is little more than one convolution.
// A 1×1 convolution of one channel leads in where there are more than three
// channels, so that the convolution's input has a gradient.
func layer(dir folder, r request) (run, error) {
	s, err := r.sizes(7)
	if err != nil {
		return nil, err
	}
	h, w, channels, filters, k, stride, batch := s[0], s[1], s[2], s[3], s[4], s[5], s[6]
	planes := 1
	if channels <= 3 {
		planes = channels
	}
	net, x := nn.NewNetwork(nn.Shape{C: planes, H: h, W: w})
	if planes != channels {
		x = net.Add("lead", nn.Conv2D{Filters: channels, K: 1}, x)
	}
	x = net.Add("conv", nn.Conv2D{Filters: filters, K: k, Stride: stride, Pad: k / 2}, x)
	x = net.Add("pool", nn.AvgPool{}, x)
	net.Add("fc", nn.Linear{Units: 10}, x)
	theta, err := dir.vector("v", net.Dim())
	if err != nil {
		return nil, err
	}
	pixels, err := dir.vector("a", batch*planes*h*w)
	if err != nil {
		return nil, err
	}
	labels := make([]int32, batch)
	if err := dir.load("y", labels); err != nil {
		return nil, err
	}
	plan, g, images := net.Compile(nn.Settings{Batch: batch}), make([]float32, net.Dim()), nn.Labelled(pixels, labels)
	return func() (func() []float64, error) {
		var e nn.Eval
		for range max(1, r.Repeat) {
			plan.SetParams(theta)
			e = plan.Forward(images)
			plan.Gradient(g, 1/float64(batch), false)
		}
		return func() []float64 { return append(fingerprint(g), e.Loss/float64(batch)) }, nil
	}, nil
}
