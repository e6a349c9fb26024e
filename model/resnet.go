package model

import (
	"fmt"

	"breakeven/nn"
)

// ResNet32 is the residual network for small images of He et al. 2015, Sec. 4.2, with n = 5: a
// 3×3 convolution, three stages of five basic blocks with 16, 32 and 64 channels, global average
// pooling and a dense layer. Shortcuts have no parameters (option A): if the stride is 2 they
// take every second pixel and append zero channels.
func ResNet32(input nn.Shape, classes int) *nn.Network { return resNet(input, classes, 5, false) }

// ResNet32Projection is ResNet32 with projection shortcuts (option B): a 1×1 convolution and
// batch norm wherever the shape changes.
func ResNet32Projection(input nn.Shape, classes int) *nn.Network {
	return resNet(input, classes, 5, true)
}

func resNet(input nn.Shape, classes, n int, project bool) *nn.Network {
	net, x := nn.NewNetwork(input)
	x = convNorm(net, "", "1", x, 16, 3, 1, 1)
	x = net.Add("relu", nn.ReLU{}, x)
	channels := 16
	for stage := range 3 {
		for block := range n {
			filters, stride := 16<<stage, 1
			if stage > 0 && block == 0 {
				stride = 2
			}
			x = basicBlock(net, fmt.Sprintf("layer%d.%d.", stage+1, block), x, channels, filters, stride, project)
			channels = filters
		}
	}
	x = net.Add("pool", nn.AvgPool{}, x)
	net.Add("fc", nn.Linear{Units: classes}, x)
	return net
}

// convNorm adds a convolution without bias and its batch norm.
func convNorm(net *nn.Network, prefix, number string, x nn.Node, filters, k, stride, pad int) nn.Node {
	x = net.Add(prefix+"conv"+number, nn.Conv2D{Filters: filters, K: k, Stride: stride, Pad: pad, NoBias: true}, x)
	return net.Add(prefix+"bn"+number, nn.BatchNorm{}, x)
}

func basicBlock(net *nn.Network, prefix string, x nn.Node, channels, filters, stride int, project bool) nn.Node {
	y := convNorm(net, prefix, "1", x, filters, 3, stride, 1)
	y = net.Add(prefix+"relu1", nn.ReLU{}, y)
	y = convNorm(net, prefix, "2", y, filters, 3, 1, 1)
	short := x
	if stride != 1 || channels != filters {
		if project {
			short = net.Add(prefix+"shortcut.0", nn.Conv2D{Filters: filters, K: 1, Stride: stride, NoBias: true}, x)
			short = net.Add(prefix+"shortcut.1", nn.BatchNorm{}, short)
		} else {
			short = net.Add(prefix+"shortcut", nn.Subsample{Stride: stride, Channels: filters}, x)
		}
	}
	y = net.Add(prefix+"add", nn.Residual{}, y, short)
	return net.Add(prefix+"relu2", nn.ReLU{}, y)
}
