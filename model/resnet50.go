package model

import (
	"fmt"

	"breakeven/nn"
)

// ResNet50 is ResNet-50 for small images, as Guo, Wu and Weinberger 2020 have it: a 3×3 convolution of
// 64 filters without pooling, stages of 3, 4, 6 and 3 bottlenecks with 64, 128, 256 and 512 channels, four
// times as many behind each bottleneck, projection shortcuts, global average pooling and a dense layer.
// With 10 classes it has 23,520,842 parameters.
func ResNet50(input nn.Shape, classes int, norm string) *nn.Network {
	plain, x := nn.NewNetwork(input)
	net := residual{plain, norm}
	x = net.convNorm("", "1", x, 64, 3, 1, 1)
	x = net.Add("relu", nn.ReLU{}, x)
	channels := 64
	for stage, blocks := range []int{3, 4, 6, 3} {
		for block := range blocks {
			width, stride := 64<<stage, 1
			if stage > 0 && block == 0 {
				stride = 2
			}
			x = net.bottleneck(fmt.Sprintf("layer%d.%d.", stage+1, block), x, channels, width, stride)
			channels = 4 * width
		}
	}
	x = net.Add("pool", nn.AvgPool{}, x)
	net.Add("linear", nn.Linear{Units: classes}, x)
	return plain
}

// bottleneck adds 1×1, 3×3 and 1×1 convolutions beside a shortcut.
func (net residual) bottleneck(prefix string, x nn.Node, channels, width, stride int) nn.Node {
	y := net.convNorm(prefix, "1", x, width, 1, 1, 0)
	y = net.Add(prefix+"relu1", nn.ReLU{}, y)
	y = net.convNorm(prefix, "2", y, width, 3, stride, 1)
	y = net.Add(prefix+"relu2", nn.ReLU{}, y)
	y = net.convNorm(prefix, "3", y, 4*width, 1, 1, 0)
	short := x
	if stride != 1 || channels != 4*width {
		short = net.projection(prefix, x, 4*width, stride)
	}
	y = net.Add(prefix+"add", nn.Residual{}, y, short)
	return net.Add(prefix+"relu3", nn.ReLU{}, y)
}
