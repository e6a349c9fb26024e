package model

import (
	"errors"
	"fmt"

	"breakeven/nn"
	"breakeven/run"
)

// denseNet is the family of densely connected networks.
var denseNet = Model{
	Name: "densenet121", Doc: "DenseNet-121, four dense blocks of 6, 12, 24 and 16 layers (Huang et al. 2017), with torchvision's names",
	Fields: []run.Field{growth, denseLayers}, MinSide: 29,
	Fits: func(s run.Spec, in nn.Input, _ int) error {
		blocks := len(denseLayers.Ints(s))
		switch side := (min(in.Shape.H, in.Shape.W) + 3) / 4; { // behind a stride of 2 and pooling by 2
		case blocks == 0:
			return errors.New("dense_layers: want the layers of at least one dense block")
		case blocks > 10, side>>(blocks-1) == 0:
			return fmt.Errorf("images of %v are too small for %d dense blocks, each of which but the last is followed by a halving", in.Shape, blocks)
		}
		return nil
	},
	New: func(s run.Spec, in nn.Input, outputs int) *nn.Network {
		return newDenseNet(in.Shape, outputs, growth.Int(s), denseLayers.Ints(s))
	},
}

var (
	growth = run.Field{Name: "growth", Default: 32, Unit: "channels", Check: run.Between(1, 1024),
		Doc: "that each layer of densenet121 adds; its first convolution has twice as many"}
	denseLayers = run.Field{Name: "dense_layers", Default: []int{6, 12, 24, 16}, Check: run.Between(1, 127),
		Doc: "layers of each dense block of densenet121"}
)

// DenseNet121 is DenseNet-121 of Huang et al. 2017 as torchvision has it: a 7×7 convolution with
// stride 2 and max-pooling, four dense blocks of 6, 12, 24 and 16 layers with growth 32, between
// them 1×1 convolutions that halve the channels and average pooling, and a dense layer. On images
// of three channels and with 1000 classes it has 7,978,856 parameters, in the order of
// torchvision's.
func DenseNet121(input nn.Shape, classes int) *nn.Network {
	return newDenseNet(input, classes, 32, []int{6, 12, 24, 16})
}

// bottleneckFactor is how many times the growth the channels between a layer's convolutions are.
const bottleneckFactor = 4

// dense is a densely connected network that is being built.
type dense struct{ *nn.Network }

func newDenseNet(input nn.Shape, classes, growth int, blocks []int) *nn.Network {
	plain, x := nn.NewNetwork(input)
	net := dense{plain}
	x = net.Add("features.conv0", nn.Conv2D{Filters: 2 * growth, K: 7, Stride: 2, Pad: 3, NoBias: true}, x)
	x = net.normReLU("features.", "0", x)
	x = net.Add("features.pool0", nn.MaxPool{K: 3, Stride: 2, Pad: 1}, x)
	channels := 2 * growth
	for k, layers := range blocks {
		parts := []nn.Node{x}
		for l := range layers {
			parts = append(parts, net.layer(fmt.Sprintf("features.denseblock%d.denselayer%d.", k+1, l+1), growth, parts))
		}
		if channels += layers * growth; k == len(blocks)-1 {
			x = net.normReLU("features.", "5", parts...)
			break
		}
		channels /= 2
		x = net.transition(fmt.Sprintf("features.transition%d.", k+1), channels, parts)
	}
	x = net.Add("pool", nn.AvgPool{}, x)
	net.Add("classifier", nn.Linear{Units: classes}, x)
	return plain
}

// normReLU adds batch norm of the concatenation of parts, and ReLU.
func (net dense) normReLU(prefix, number string, parts ...nn.Node) nn.Node {
	x := net.Add(prefix+"norm"+number, nn.BatchNorm{}, parts...)
	return net.Add(prefix+"relu"+number, nn.ReLU{}, x)
}

// layer adds a layer of a dense block, whose growth channels come from all before.
func (net dense) layer(prefix string, growth int, parts []nn.Node) nn.Node {
	x := net.normReLU(prefix, "1", parts...)
	x = net.Add(prefix+"conv1", nn.Conv2D{Filters: bottleneckFactor * growth, K: 1, NoBias: true}, x)
	x = net.normReLU(prefix, "2", x)
	return net.Add(prefix+"conv2", nn.Conv2D{Filters: growth, K: 3, Pad: 1, NoBias: true}, x)
}

// transition adds what lies between two dense blocks.
func (net dense) transition(prefix string, channels int, parts []nn.Node) nn.Node {
	x := net.normReLU(prefix, "", parts...)
	x = net.Add(prefix+"conv", nn.Conv2D{Filters: channels, K: 1, NoBias: true}, x)
	return net.Add(prefix+"pool", nn.AvgPool{K: 2}, x)
}
