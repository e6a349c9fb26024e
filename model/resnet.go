package model

import (
	"fmt"

	"breakeven/nn"
)

// ResNet32 is the residual network for small images of He et al. 2015, Sec. 4.2, with n = 5: a
// 3×3 convolution, three stages of five basic blocks with 16, 32 and 64 channels, global average
// pooling and a dense layer. Shortcuts have no parameters (option A): if the stride is 2 they
// take every second pixel and append zero channels.
func ResNet32(input nn.Shape, classes int) *nn.Network {
	return resNet(input, classes, 5, false, "batch")
}

// ResNet32Projection is ResNet32 with projection shortcuts (option B): a 1×1 convolution and
// batch norm wherever the shape changes.
func ResNet32Projection(input nn.Shape, classes int) *nn.Network {
	return resNet(input, classes, 5, true, "batch")
}

// residual is a residual network that is being built.
type residual struct {
	*nn.Network
	norm string // batch or group
}

// NormGroups returns how many groups of channels the group norm of residual networks has: 32, or fewer
// with two channels each.
func NormGroups(channels int) int { return max(1, min(32, channels/2)) }

func resNet(input nn.Shape, classes, n int, project bool, norm string) *nn.Network {
	plain, x := nn.NewNetwork(input)
	net := residual{plain, norm}
	x = net.convNorm("", "1", x, 16, 3, 1, 1)
	x = net.Add("relu", nn.ReLU{}, x)
	channels := 16
	for stage := range 3 {
		for block := range n {
			filters, stride := 16<<stage, 1
			if stage > 0 && block == 0 {
				stride = 2
			}
			x = net.basicBlock(fmt.Sprintf("layer%d.%d.", stage+1, block), x, channels, filters, stride, project)
			channels = filters
		}
	}
	x = net.Add("pool", nn.AvgPool{}, x)
	net.Add("fc", nn.Linear{Units: classes}, x)
	return plain
}

// addNorm adds a norm.
func (net residual) addNorm(name string, x nn.Node, channels int) nn.Node {
	if net.norm == "group" {
		return net.Add(name, nn.GroupNorm{Groups: NormGroups(channels)}, x)
	}
	return net.Add(name, nn.BatchNorm{}, x)
}

// convNorm adds a convolution without bias and its norm.
func (net residual) convNorm(prefix, number string, x nn.Node, filters, k, stride, pad int) nn.Node {
	x = net.Add(prefix+"conv"+number, nn.Conv2D{Filters: filters, K: k, Stride: stride, Pad: pad, NoBias: true}, x)
	return net.addNorm(prefix+"bn"+number, x, filters)
}

// projection adds a 1×1 convolution with its norm as a shortcut.
func (net residual) projection(prefix string, x nn.Node, filters, stride int) nn.Node {
	x = net.Add(prefix+"shortcut.0", nn.Conv2D{Filters: filters, K: 1, Stride: stride, NoBias: true}, x)
	return net.addNorm(prefix+"shortcut.1", x, filters)
}

func (net residual) basicBlock(prefix string, x nn.Node, channels, filters, stride int, project bool) nn.Node {
	y := net.convNorm(prefix, "1", x, filters, 3, stride, 1)
	y = net.Add(prefix+"relu1", nn.ReLU{}, y)
	y = net.convNorm(prefix, "2", y, filters, 3, 1, 1)
	short := x
	if stride != 1 || channels != filters {
		if project {
			short = net.projection(prefix, x, filters, stride)
		} else {
			short = net.Add(prefix+"shortcut", nn.Subsample{Stride: stride, Channels: filters}, x)
		}
	}
	y = net.Add(prefix+"add", nn.Residual{}, y, short)
	return net.Add(prefix+"relu2", nn.ReLU{}, y)
}
