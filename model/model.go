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
	// New returns the network for an input and a number of outputs: classes, or the
	// numbers of a real target.
	New func(s run.Spec, in nn.Input, outputs int) *nn.Network
	// Join is New for networks that can read several inputs. Nil: they read one.
	Join func(s run.Spec, in []nn.Input, outputs int) *nn.Network
	// Fits returns what is wrong with the fields for an input and a number of outputs. Nil:
	// nothing can be.
	Fits func(s run.Spec, in nn.Input, outputs int) error
	// Initial draws the initial parameters. Nil: the field init of every spec says how.
	Initial func(s run.Spec, net *nn.Network, seed uint64) []float32
	// Rename returns what the network calls a tensor of a file of pre-trained weights, or "" for
	// one that it has no use for. Nil: such files have the network's names and no others.
	Rename func(name string) string
	// Head begins the names of the parameters that such a file may lack: they are drawn.
	Head  string
	Lacks []string // fields of every spec that mean nothing here
	// MinSide is the smallest height and width of an input.
	MinSide int
	Reads   Content
	File    bool // the network is that of a file: see Reads, Digest and FromFile
}

// Content is what inputs are.
type Content int

// Arrays of numbers, as images are; sequences of integers, as texts are; sparse features of
// the nodes of a graph; and sequences of numbers, as tracks are.
const (
	Numbers Content = iota
	Tokens
	Graphs
	Tracks
)

func (c Content) String() string { return [...]string{"numbers", "tokens", "a graph", "tracks"}[c] }

// contentOf returns what an input is.
func contentOf(in nn.Input) Content {
	switch {
	case in.Below > 0:
		return Tokens
	case in.Sparse:
		return Graphs
	case in.Shape.T > 0:
		return Tracks
	}
	return Numbers
}

// All lists the models in the order of their documentation.
var All = []Model{
	{Name: "simplecnn", Doc: "Keras's CIFAR-10 example: conv 32-32-pool-64-64-pool, dense 128 (Jastrzębski et al. 2020, Sec. 4)",
		Fields: []run.Field{filters, padding}, MinSide: 4, Fits: fitsPadding, New: func(s run.Spec, in nn.Input, outputs int) *nn.Network {
			return simpleCNN(in.Shape, outputs, filters.Int(s), false, padding.Word(s))
		}},
	{Name: "simplecnn-bn", Doc: "simplecnn with batch norm after each convolution",
		Fields: []run.Field{filters, padding}, MinSide: 4, Fits: fitsPadding, New: func(s run.Spec, in nn.Input, outputs int) *nn.Network {
			return simpleCNN(in.Shape, outputs, filters.Int(s), true, padding.Word(s))
		}},
	{Name: "resnet32", Doc: "ResNet-32 for small images, 16-32-64 channels, parameter-free shortcuts (He et al. 2015, Sec. 4.2, option A)",
		Fields: []run.Field{depth, norm}, MinSide: 4, New: func(s run.Spec, in nn.Input, outputs int) *nn.Network {
			return resNet(in.Shape, outputs, (depth.Int(s)-2)/6, false, norm.Word(s))
		}},
	{Name: "resnet32-proj", Doc: "resnet32 with 1×1 convolutions and batch norm as shortcuts (option B)",
		Fields: []run.Field{depth, norm}, MinSide: 4, New: func(s run.Spec, in nn.Input, outputs int) *nn.Network {
			return resNet(in.Shape, outputs, (depth.Int(s)-2)/6, true, norm.Word(s))
		}},
	{Name: "resnet50", Doc: "ResNet-50 for small images, bottlenecks of 64 to 512 channels (Guo et al. 2020)",
		Fields: []run.Field{norm}, MinSide: 8, New: func(s run.Spec, in nn.Input, outputs int) *nn.Network {
			return ResNet50(in.Shape, outputs, norm.Word(s))
		}},
	denseNet,
	{Name: "mlp", Doc: "dense 300-100 with ReLU (Jastrzębski et al. 2020, appendix)",
		Fields: []run.Field{hidden}, MinSide: 1, New: func(s run.Spec, in nn.Input, outputs int) *nn.Network {
			return mlp(in.Shape, outputs, hidden.Ints(s))
		}},
	wide,
	{Name: "lstm", Doc: "classifier of texts: embedding 128, LSTM of 128 units, dense (Jastrzębski et al. 2020, after Keras's imdb_lstm)",
		Fields: []run.Field{embedding, units, layers, bidirectional}, Reads: Tokens, New: func(s run.Spec, in nn.Input, outputs int) *nn.Network {
			return lstm(in, embedding.Int(s), nn.LSTM{Hidden: units.Int(s), Layers: layers.Int(s), Bidirectional: bidirectional.Bool(s)}, outputs)
		}},
	bert,
	{Name: "gcn", Doc: "graph convolutions, D^-1/2 (A+I) D^-1/2 X W + b (Kipf and Welling 2017)",
		Fields: []run.Field{width, convolutions, dropout}, Reads: Graphs, New: gcn},
	{Name: "sage", Doc: "GraphSAGE: features of a node, and the mean of its neighbours' (Hamilton et al. 2017)",
		Fields: []run.Field{width, convolutions, dropout}, Reads: Graphs, New: sage},
	{Name: "gat", Doc: "graph attention, ELU (Veličković et al. 2018)",
		Fields: []run.Field{width, heads, dropout}, Reads: Graphs, New: gat},
	{Name: "appnp", Doc: "two dense layers, whose predictions spread by personalised PageRank (Gasteiger et al. 2019)",
		Fields: []run.Field{width, dropout, hops, restart}, Reads: Graphs, New: appnp},
	deepTP,
	{Name: "tiny", Doc: "conv 4 and 8 with tanh and max-pooling: smooth enough, and small enough, for dense matrices",
		MinSide: 4, New: func(_ run.Spec, in nn.Input, outputs int) *nn.Network { return Tiny(in.Shape, outputs) }},
}

// The fields that models declare.
var (
	filters = run.Field{Name: "filters", Default: 32, Check: run.Between(1, 4096),
		Doc: "of simplecnn's first two convolutions; the others have twice as many"}
	padding = run.Field{Name: "padding", Default: "same", Choices: []string{"same", "valid"},
		Doc: "of simplecnn's second and fourth convolutions: zeros as at the others, or none, as Keras's example has it"}
	depth = run.Field{Name: "depth", Default: 32, Unit: "layers", Check: checkDepth,
		Doc: "of the residual networks: 6n + 2"}
	norm = run.Field{Name: "norm_layer", Default: "batch", Choices: []string{"batch", "group"},
		Doc: "of the residual networks: batch norm, or group norm, which does not couple examples"}
	hidden = run.Field{Name: "hidden", Default: []int{300, 100}, Unit: "units", Check: run.Between(1, 1<<20),
		Doc: "units of each hidden layer of mlp"}
	embedding = run.Field{Name: "embedding", Default: 128, Unit: "numbers", Check: run.Between(1, 1<<16),
		Doc: "numbers that lstm has for a word"}
	units = run.Field{Name: "units", Default: 128, Check: run.Between(1, 1<<16),
		Doc: "of each layer of lstm; and of deeptp, whose other layers are in proportion"}
	layers = run.Field{Name: "layers", Default: 1, Check: run.Between(1, 1<<10),
		Doc: "of lstm"}
	bidirectional = run.Field{Name: "bidirectional", Default: false,
		Doc: "lstm reads texts in both directions, each with parameters of its own"}
)

// fitsPadding returns an error if convolutions without padding leave nothing of an image.
func fitsPadding(s run.Spec, in nn.Input, _ int) error {
	const smallest = 10
	if padding.Word(s) == "valid" && min(in.Shape.H, in.Shape.W) < smallest {
		return fmt.Errorf("with padding valid it needs images of at least %d×%d pixels, not %v", smallest, smallest, in.Shape)
	}
	return nil
}

func checkDepth(f run.Field, s run.Spec, known run.Known) string {
	if msg := run.Between(8, 1202)(f, s, known); msg != "" || (f.Int(s)-2)%6 == 0 {
		return msg
	}
	return fmt.Sprintf("must be 6n + 2, such as 20, 32 or 56, not %d", f.Int(s))
}

// A ContentError says that a model does not read what the data hold.
type ContentError struct {
	Model        string
	Reads, Holds Content
}

func (e *ContentError) Error() string {
	return fmt.Sprintf("model %s reads %v, and the data hold %v: use one of %s", e.Model, e.Reads, e.Holds, strings.Join(Reading(e.Holds), ", "))
}

// Names returns the names of all models.
func Names() []string {
	names := make([]string, len(All))
	for i, m := range All {
		names[i] = m.Name
	}
	return names
}

// New returns the network of the named model for inputs of numbers, with its fields at
// their defaults.
func New(name string, input nn.Shape, outputs int) (*nn.Network, error) {
	return Of(run.Spec{Model: name}, nn.Input{Shape: input}, outputs)
}

// Of returns the network that a spec names, with the fields that its model declares and with what it freezes. More are
// inputs beside the first, for models that read several.
func Of(s run.Spec, in nn.Input, outputs int, more ...nn.Input) (*nn.Network, error) {
	net, err := whole(s, in, outputs, more...)
	if m, _ := Lookup(s.Model); err != nil || m.File || len(s.Freeze) == 0 {
		return net, err
	}
	frozen, err := frozen(s, net.Params())
	if err != nil {
		return nil, err
	}
	return net.Freeze(frozen), nil
}

// whole returns the network of a spec, and of a file with what it freezes.
func whole(s run.Spec, in nn.Input, outputs int, more ...nn.Input) (*nn.Network, error) {
	m, ok := Lookup(s.Model)
	switch {
	case !ok && run.IsFile(s.Model):
		return nil, unknownFile(s.Model)
	case !ok:
		return nil, fmt.Errorf("unknown model %q: use one of %s, or a file in ONNX", s.Model, strings.Join(Names(), ", "))
	case m.File:
		return ofFile(s, append([]nn.Input{in}, more...), outputs)
	}
	switch shape := in.Shape; {
	case m.Reads != contentOf(in):
		return nil, &ContentError{s.Model, m.Reads, contentOf(in)}
	case outputs < 1 || min(shape.C, shape.H, shape.W) < 1:
		return nil, fmt.Errorf("model %s: no network has inputs of the shape %v and %d outputs", s.Model, shape, outputs)
	case min(shape.H, shape.W) < m.MinSide:
		return nil, fmt.Errorf("model %s needs images of at least %d×%d pixels, not %v", s.Model, m.MinSide, m.MinSide, shape)
	}
	if err := s.Check(m.Fields); err != nil {
		return nil, fmt.Errorf("model %s: %w", s.Model, err)
	}
	if m.Fits != nil {
		if err := m.Fits(s, in, outputs); err != nil {
			return nil, fmt.Errorf("model %s: %w", s.Model, err)
		}
	}
	switch {
	case m.Join != nil:
		return m.Join(s, append([]nn.Input{in}, more...), outputs), nil
	case len(more) > 0:
		return nil, fmt.Errorf("model %s reads one input, and the data have %d", s.Model, 1+len(more))
	}
	return m.New(s, in, outputs), nil
}

// Reading returns the names of the models that read such inputs.
func Reading(c Content) []string {
	var names []string
	for _, m := range All {
		if m.Reads == c {
			names = append(names, m.Name)
		}
	}
	return names
}

// Lookup returns the named model, or that of a file in ONNX.
func Lookup(name string) (Model, bool) {
	if isFile(name) {
		return fromFile(name), true
	}
	i := slices.IndexFunc(All, func(m Model) bool { return m.Name == name })
	if i < 0 {
		return Model{}, false
	}
	return All[i], true
}
