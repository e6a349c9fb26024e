package model

import (
	"fmt"
	"slices"
	"strings"

	"breakeven/nn"
)

// A Model is a named family of networks.
type Model struct {
	Name string
	Doc  string
	// New returns the network for inputs of the given shape.
	New func(input nn.Shape, classes int) *nn.Network
	// MinSide is the smallest height and width of an input.
	MinSide int
}

// All lists the models in the order of their documentation.
var All = []Model{
	{"simplecnn", "Keras's CIFAR-10 example: conv 32-32-pool-64-64-pool, dense 128 (Jastrzębski et al. 2020, Sec. 4)", SimpleCNN, 4},
	{"simplecnn-bn", "simplecnn with batch norm after each convolution", SimpleCNNBN, 4},
	{"resnet32", "ResNet-32 for small images, 16-32-64 channels, parameter-free shortcuts (He et al. 2015, Sec. 4.2, option A)", ResNet32, 4},
	{"resnet32-proj", "resnet32 with 1×1 convolutions and batch norm as shortcuts (option B)", ResNet32Projection, 4},
	{"mlp", "dense 300-100 with ReLU (Jastrzębski et al. 2020, appendix)", MLP, 1},
	{"tiny", "conv 4 and 8 with tanh and max-pooling: smooth enough, and small enough, for dense matrices", Tiny, 4},
}

// Names returns the names of all models.
func Names() []string {
	names := make([]string, len(All))
	for i, m := range All {
		names[i] = m.Name
	}
	return names
}

// New returns the network of the named model.
func New(name string, input nn.Shape, classes int) (*nn.Network, error) {
	i := slices.IndexFunc(All, func(m Model) bool { return m.Name == name })
	if i < 0 {
		return nil, fmt.Errorf("unknown model %q: use one of %s", name, strings.Join(Names(), ", "))
	}
	m := All[i]
	if input.C < 1 || input.H < m.MinSide || input.W < m.MinSide || classes < 2 {
		return nil, fmt.Errorf("model %s needs images of at least %d×%d pixels and 2 classes, not %v and %d", name, m.MinSide, m.MinSide, input, classes)
	}
	return m.New(input, classes), nil
}
