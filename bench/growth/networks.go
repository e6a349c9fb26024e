package main

import (
	"fmt"

	"breakeven/nn"
)

// builder builds a network and counts its multiply-adds.
type builder struct {
	net   *nn.Network
	at    nn.Node
	shape nn.Shape
	count float64 // multiply-adds of one example, forward
}

func newBuilder(input nn.Shape) *builder {
	net, at := nn.NewNetwork(input)
	return &builder{net: net, at: at, shape: input}
}

func (b *builder) add(name string, op nn.Op, in ...nn.Node) *builder {
	if len(in) == 0 {
		in = []nn.Node{b.at}
	}
	out := op.Out(repeat(b.shape, len(in))...)
	switch op := op.(type) {
	case nn.Conv2D:
		b.count += float64(out.Size() * b.shape.C * op.K * op.K)
	case nn.Linear:
		b.count += float64(out.Size() * b.shape.Size())
	}
	b.at, b.shape = b.net.Add(name, op, in...), out
	return b
}

func repeat(s nn.Shape, n int) []nn.Shape {
	all := make([]nn.Shape, n)
	for i := range all {
		all[i] = s
	}
	return all
}

func (b *builder) conv(name string, filters int) *builder {
	return b.add(name, nn.Conv2D{Filters: filters, K: 3, Pad: 1}).add(name+".relu", nn.ReLU{})
}

// wide is SimpleCNN with so many times the channels and units, on 32×32×3.
func wide(times int) *builder {
	b := newBuilder(nn.Shape{C: 3, H: 32, W: 32})
	b.conv("conv1", 32*times).conv("conv2", 32*times).add("pool1", nn.MaxPool{K: 2})
	b.conv("conv3", 64*times).conv("conv4", 64*times).add("pool2", nn.MaxPool{K: 2})
	b.add("flatten", nn.Flatten{}).add("fc1", nn.Linear{Units: 128 * times}).add("relu", nn.ReLU{})
	return b.add("fc2", nn.Linear{Units: 10})
}

// deep has so many residual blocks of two convolutions of 32 channels, without
// batch norm, so that single examples have gradients.
func deep(blocks int) *builder {
	b := newBuilder(nn.Shape{C: 3, H: 16, W: 16}).conv("stem", 32)
	for i := range blocks {
		in, name := b.at, fmt.Sprintf("block%d", i+1)
		b.conv(name+".a", 32).add(name+".b", nn.Conv2D{Filters: 32, K: 3, Pad: 1})
		b.add(name+".sum", nn.Residual{}, b.at, in).add(name+".relu", nn.ReLU{})
	}
	return b.add("pool", nn.AvgPool{}).add("fc", nn.Linear{Units: 10})
}
