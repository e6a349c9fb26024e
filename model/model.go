package model

import (
	"fmt"
	"slices"
	"strings"

	"breakeven/nn"
	"breakeven/run"
)

// A Model is a named family of networks.
type Model struct {
	Name   string
	Doc    string
	Fields []run.Field // the fields of a spec that choose one network of the family
	// New returns the network for inputs of the given shape.
	New func(s run.Spec, input nn.Shape, classes int) *nn.Network
	// MinSide is the smallest height and width of an input.
	MinSide int
}

// All lists the models in the order of their documentation.
var All = []Model{
	{"simplecnn", "Keras's CIFAR-10 example: conv 32-32-pool-64-64-pool, dense 128 (Jastrzębski et al. 2020, Sec. 4)", []run.Field{filters},
		func(s run.Spec, in nn.Shape, classes int) *nn.Network {
			return simpleCNN(in, classes, filters.Int(s), false)
		}, 4},
	{"simplecnn-bn", "simplecnn with batch norm after each convolution", []run.Field{filters},
		func(s run.Spec, in nn.Shape, classes int) *nn.Network {
			return simpleCNN(in, classes, filters.Int(s), true)
		}, 4},
	{"resnet32", "ResNet-32 for small images, 16-32-64 channels, parameter-free shortcuts (He et al. 2015, Sec. 4.2, option A)", []run.Field{depth},
		func(s run.Spec, in nn.Shape, classes int) *nn.Network {
			return resNet(in, classes, (depth.Int(s)-2)/6, false)
		}, 4},
	{"resnet32-proj", "resnet32 with 1×1 convolutions and batch norm as shortcuts (option B)", []run.Field{depth},
		func(s run.Spec, in nn.Shape, classes int) *nn.Network {
			return resNet(in, classes, (depth.Int(s)-2)/6, true)
		}, 4},
	{"mlp", "dense 300-100 with ReLU (Jastrzębski et al. 2020, appendix)", []run.Field{hidden},
		func(s run.Spec, in nn.Shape, classes int) *nn.Network { return mlp(in, classes, hidden.Ints(s)) }, 1},
	{"tiny", "conv 4 and 8 with tanh and max-pooling: smooth enough, and small enough, for dense matrices", nil,
		func(_ run.Spec, in nn.Shape, classes int) *nn.Network { return Tiny(in, classes) }, 4},
}

// The fields that models declare.
var (
	filters = run.Field{Name: "filters", Default: 32, Check: run.Between(1, 4096),
		Doc: "of simplecnn's first two convolutions; the others have twice as many"}
	depth = run.Field{Name: "depth", Default: 32, Unit: "layers", Check: checkDepth,
		Doc: "of the residual networks: 6n + 2"}
	hidden = run.Field{Name: "hidden", Default: []int{300, 100}, Unit: "units", Check: run.Between(1, 1<<20),
		Doc: "units of each hidden layer of mlp"}
)

func checkDepth(f run.Field, s run.Spec, known run.Known) string {
	if msg := run.Between(8, 1202)(f, s, known); msg != "" || (f.Int(s)-2)%6 == 0 {
		return msg
	}
	return fmt.Sprintf("must be 6n + 2, such as 20, 32 or 56, not %d", f.Int(s))
}

// Names returns the names of all models.
func Names() []string {
	names := make([]string, len(All))
	for i, m := range All {
		names[i] = m.Name
	}
	return names
}

// New returns the network of the named model with its fields at their defaults.
func New(name string, input nn.Shape, classes int) (*nn.Network, error) {
	return Of(run.Spec{Model: name}, input, classes)
}

// Of returns the network that a spec names, with the fields that its model declares.
func Of(s run.Spec, input nn.Shape, classes int) (*nn.Network, error) {
	m, ok := Lookup(s.Model)
	if !ok {
		return nil, fmt.Errorf("unknown model %q: use one of %s", s.Model, strings.Join(Names(), ", "))
	}
	if input.C < 1 || input.H < m.MinSide || input.W < m.MinSide || classes < 2 {
		return nil, fmt.Errorf("model %s needs images of at least %d×%d pixels and 2 classes, not %v and %d", s.Model, m.MinSide, m.MinSide, input, classes)
	}
	if err := s.Check(m.Fields); err != nil {
		return nil, fmt.Errorf("model %s: %w", s.Model, err)
	}
	return m.New(s, input, classes), nil
}

// Lookup returns the named model.
func Lookup(name string) (Model, bool) {
	i := slices.IndexFunc(All, func(m Model) bool { return m.Name == name })
	if i < 0 {
		return Model{}, false
	}
	return All[i], true
}
