package onnx

import (
	"fmt"
	"math"
	"slices"

	"breakeven/nn"
)

// batchSize is what a batch counts for in computations with shapes: a prime, so that it is seen in
// every product that it is a factor of.
const batchSize = 1<<31 - 1

// An activation is what a node makes of the inputs of the network.
type activation struct {
	// axes are those of the graph's tensor behind that of the batch, of C (channels), H, W
	// (pixels) and T (steps).
	axes string
	// parts are several if the activation is their concatenation along the channels, which
	// nobody has needed as a whole yet.
	parts []nn.Node
	// open is a layer whose bias may come with the next node; parts are empty then, and so they are
	// for a formula, which may be a part of a longer one.
	open *layer
	*formula
}

// on returns an activation of one operation.
func on(axes string, x nn.Node) value {
	return value{activation: &activation{axes: axes, parts: []nn.Node{x}}}
}

// whole returns the operation that an activation is the output of.
func (b *builder) whole(a *activation) nn.Node {
	if a.open != nil {
		a.parts, a.open = []nn.Node{b.close(a.open, nil)}, nil
	}
	if a.formula != nil {
		a.parts, a.formula = []nn.Node{b.add(a.formula.node, a.formula.operation(), a.of)}, nil
	}
	if len(a.parts) > 1 {
		a.parts = []nn.Node{b.net.Add(b.free("concat"), nn.Concat{}, a.parts...)}
	}
	return a.parts[0]
}

// settle makes operations of what is open, but not of parts.
func (b *builder) settle(a *activation) {
	if a.open != nil || a.formula != nil {
		b.whole(a)
	}
}

// shape returns the shape of an example.
func (a *activation) shape() nn.Shape {
	if a.open != nil {
		return a.open.op.Out(a.open.in.Shape())
	}
	if a.formula != nil {
		return a.of.Shape()
	}
	s := a.parts[0].Shape()
	for _, x := range a.parts[1:] {
		s.C += x.Shape().C
	}
	return s
}

// dims returns the shape of the graph's tensor, with batchSize for the batch.
func (a *activation) dims() []int64 {
	s, dims := a.shape(), []int64{batchSize}
	for _, axis := range a.axes {
		n := map[rune]int{'C': s.C, 'H': s.H, 'W': s.W, 'T': s.T}[axis]
		dims = append(dims, int64(n))
	}
	return dims
}

// axis returns the letter of an axis, counted from the last one if it is negative; 'N' is that
// of the batch.
func (a *activation) axis(k int64) byte {
	all := "N" + a.axes
	if k < 0 {
		k += int64(len(all))
	}
	if k < 0 || k >= int64(len(all)) {
		failf("axis %d of a tensor of %d dimensions", k, len(all))
	}
	return all[k]
}

// sized writes a shape of the graph.
func sized(dims []int64) string {
	var texts []any
	for _, d := range dims {
		if d > 0 && d%batchSize == 0 {
			texts = append(texts, "batch")
			if d /= batchSize; d == 1 {
				continue
			}
			texts[len(texts)-1] = fmt.Sprintf("%d·batch", d)
			continue
		}
		texts = append(texts, d)
	}
	return fmt.Sprint(texts)
}

// addInputs adds the inputs of the network.
func (b *builder) addInputs(in []nn.Input) error {
	ports := b.file.inputs
	if len(ports) != len(in) {
		return fmt.Errorf("its graph reads %d inputs, %s, and the data have %d", len(ports), names(ports), len(in))
	}
	for k, p := range ports {
		x := in[k]
		if x.Sparse {
			return fmt.Errorf("input %q: the data are sparse, which no graph in ONNX reads", p.name)
		}
		x.Name = b.free(p.name)
		axes, err := p.fits(x)
		if err != nil {
			return err
		}
		if b.batch = -1; len(p.dims) > 0 {
			b.batch = p.dims[0]
		}
		node := b.net.AddInput(x)
		if axes == "C" && x.Shape.Size() > x.Shape.C {
			node = b.net.Add(b.free("flatten"), nn.Flatten{}, node)
			b.note(fmt.Sprintf("input %q is the data of %v as vectors, in the order channel, row, column", p.name, x.Shape))
		}
		b.values[p.name] = on(axes, node)
	}
	return nil
}

// Inputs returns the inputs that the graph declares, if it says how large they are.
func (f *File) Inputs() ([]nn.Input, error) {
	var all []nn.Input
	for _, p := range f.inputs {
		in, ok := p.input()
		if !ok {
			return nil, fmt.Errorf("onnx: %s: input %q has the shape %s: only data can say how large it is", f.name, p.name, wanted(p.dims))
		}
		all = append(all, in)
	}
	return all, nil
}

// input returns the input that a port declares.
func (p port) input() (in nn.Input, ok bool) {
	in.Name = p.name
	for k, d := range p.dims {
		if k > 0 && (d < 1 || d > largest) {
			return in, false
		}
	}
	size := func(k int) int { return int(p.dims[k]) }
	switch {
	case p.kind.integer() && len(p.dims) == 2:
		in.Shape, in.Below = nn.Seq(size(1), 1), math.MaxInt32
	case p.kind.integer():
		return in, false
	case len(p.dims) == 2:
		in.Shape = nn.Vec(size(1))
	case len(p.dims) == 3:
		in.Shape = nn.Seq(size(1), size(2))
	case len(p.dims) == 4:
		in.Shape = nn.Shape{C: size(1), H: size(2), W: size(3)}
	default:
		return in, false
	}
	return in, true
}

func names(ports []port) string {
	var list []string
	for _, p := range ports {
		list = append(list, fmt.Sprintf("%q", p.name))
	}
	return fmt.Sprint(list)
}

// fits returns the axes of an input of the graph for data, and an error if these do not fit.
func (p port) fits(x nn.Input) (axes string, err error) {
	s := x.Shape
	var dims []int
	switch {
	case x.Below > 0:
		axes, dims = "T", []int{s.T}
	case s.T > 0 && s.H*s.W == 1:
		axes, dims = "TC", []int{s.T, s.C}
	case len(p.dims) == 2 && s.T == 0:
		axes, dims = "C", []int{s.Size()}
	case s.T == 0:
		axes, dims = "CHW", []int{s.C, s.H, s.W}
	}
	fit := axes != "" && p.kind.integer() == (x.Below > 0) && (!p.rank || len(p.dims) == len(dims)+1)
	for i := range dims {
		fit = fit && (!p.rank || p.dims[i+1] < 0 || p.dims[i+1] == int64(dims[i]))
	}
	if !fit {
		return "", fmt.Errorf("input %q is a tensor of %v of the shape %s, and the data have examples of %v", p.name, p.kind, wanted(p.dims), s)
	}
	return axes, nil
}

// equal reports whether activations have the same shape.
func equal(x, y *activation) bool { return slices.Equal(x.dims(), y.dims()) }
