package model

import (
	"fmt"

	"breakeven/nn"
)

// SimpleCNN is "a vanilla CNN following the Keras example": 3×3 convolutions of
// 32, 32, 64 and 64 filters with padding 1 and ReLU, max-pooling after each
// pair, a dense layer of 128 units with ReLU, and the output. On CIFAR-10 it has
// 591,274 parameters.
func SimpleCNN(input nn.Shape, classes int) *nn.Network {
	return simpleCNN(input, classes, 32, false, "same")
}

// SimpleCNNBN is SimpleCNN with batch norm between each convolution (which
// keeps its bias) and its ReLU.
func SimpleCNNBN(input nn.Shape, classes int) *nn.Network {
	return simpleCNN(input, classes, 32, true, "same")
}

// simpleCNN has no padding at the second convolution of each pair if padding is "valid". On
// CIFAR-10 it then has 361,898 parameters, as Keras's example.
func simpleCNN(input nn.Shape, classes, width int, norm bool, padding string) *nn.Network {
	net, x := nn.NewNetwork(input)
	for i, filters := range []int{width, width, 2 * width, 2 * width} {
		pad := 1
		if i%2 == 1 && padding == "valid" {
			pad = 0
		}
		x = net.Add(fmt.Sprintf("conv%d", i+1), nn.Conv2D{Filters: filters, K: 3, Pad: pad}, x)
		if norm {
			x = net.Add(fmt.Sprintf("bn%d", i+1), nn.BatchNorm{}, x)
		}
		x = net.Add(fmt.Sprintf("relu%d", i+1), nn.ReLU{}, x)
		if i%2 == 1 {
			x = net.Add(fmt.Sprintf("pool%d", i/2+1), nn.MaxPool{K: 2}, x)
		}
	}
	x = net.Add("flatten", nn.Flatten{}, x)
	x = net.Add("fc1", nn.Linear{Units: 128}, x)
	x = net.Add("relu5", nn.ReLU{}, x)
	net.Add("fc2", nn.Linear{Units: classes}, x)
	return net
}

// Tiny is a smooth convolutional network small enough for dense matrices: 3×3
// convolutions of 4 and 8 filters, tanh and max-pooling after each, one dense
// layer. On CIFAR-10 it has 5,538 parameters.
func Tiny(input nn.Shape, classes int) *nn.Network {
	net, x := nn.NewNetwork(input)
	for i, filters := range []int{4, 8} {
		x = net.Add(fmt.Sprintf("conv%d", i+1), nn.Conv2D{Filters: filters, K: 3, Pad: 1}, x)
		x = net.Add(fmt.Sprintf("tanh%d", i+1), nn.Tanh{}, x)
		x = net.Add(fmt.Sprintf("pool%d", i+1), nn.MaxPool{K: 2}, x)
	}
	x = net.Add("flatten", nn.Flatten{}, x)
	net.Add("fc", nn.Linear{Units: classes}, x)
	return net
}

// MLP has two hidden layers of 300 and 100 units with ReLU.
func MLP(input nn.Shape, classes int) *nn.Network { return mlp(input, classes, []int{300, 100}) }

func mlp(input nn.Shape, classes int, hidden []int) *nn.Network {
	net, x := nn.NewNetwork(input)
	x = net.Add("flatten", nn.Flatten{}, x)
	for i, units := range hidden {
		x = net.Add(fmt.Sprintf("fc%d", i+1), nn.Linear{Units: units}, x)
		x = net.Add(fmt.Sprintf("relu%d", i+1), nn.ReLU{}, x)
	}
	net.Add(fmt.Sprintf("fc%d", len(hidden)+1), nn.Linear{Units: classes}, x)
	return net
}
