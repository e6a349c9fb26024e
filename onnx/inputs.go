package onnx

import (
	"fmt"
	"slices"
	"strings"

	"breakeven/nn"
)

// A Reading is what a graph does with one of its inputs.
type Reading struct {
	Name string
	// Mask says that it is a mask of padding [examples, steps]: 1 for each step of an example, and 0 past its
	// end. It is no input of the network: there the lengths of the sequences say the same.
	Mask bool
	// Sequence says that it holds sequences of numbers [examples, steps, numbers].
	Sequence bool
	// Rows is how many rows the weight has of which each token picks one; 0 if it holds no tokens.
	Rows int
}

// Readings returns what the graph reads, in its order.
func (f *File) Readings() []Reading {
	var all []Reading
	for _, p := range f.inputs {
		r := Reading{Name: p.name, Rows: f.rows(p.name), Sequence: p.rank && len(p.dims) == 3 && !p.kind.integer()}
		flags := p.kind.integer() || strings.Contains(p.name, "mask")
		r.Mask = len(f.inputs) > 1 && flags && r.Rows == 0 && (!p.rank || len(p.dims) == 2)
		all = append(all, r)
	}
	return all
}

// rows returns the rows of the weight that an input picks from.
func (f *File) rows(input string) int {
	same := []string{input}
	for _, n := range f.live {
		if len(n.in) == 0 || len(n.out) == 0 {
			continue
		}
		switch n.op {
		case "Identity", "Cast", "Reshape":
			if slices.Contains(same, n.in[0]) {
				same = append(same, n.out[0])
			}
		case "Gather":
			if len(n.in) < 2 || !slices.Contains(same, n.in[1]) {
				continue
			}
			for _, t := range f.graph.tensors {
				if t.name == n.in[0] && len(t.dims) == 2 {
					return int(t.dims[0])
				}
			}
		}
	}
	return 0
}

// addInputs adds the inputs of the network, and the masks that are none.
func (b *builder) addInputs(in []nn.Input) error {
	var ports []port
	for k, r := range b.file.Readings() {
		p := b.file.inputs[k]
		if !r.Mask {
			ports = append(ports, p)
			continue
		}
		b.values[p.name] = value{deferred: &deferred{mask: p.name, kind: p.kind}}
		if len(in) > 0 {
			b.values[p.name].deferred.extent = []int64{batchSize, int64(in[0].Shape.T)}
		}
	}
	if len(ports) != len(in) {
		return fmt.Errorf("its graph reads %d inputs, %s, and the data have %d", len(ports), names(ports), len(in))
	}
	for k, p := range ports {
		if err := b.addInput(k, p, in[k]); err != nil {
			return err
		}
	}
	return nil
}

// addInput adds one input.
func (b *builder) addInput(k int, p port, x nn.Input) error {
	if x.Sparse {
		return fmt.Errorf("input %q: the data are sparse, which no graph in ONNX reads", p.name)
	}
	x.Name = b.free(p.name)
	axes, err := p.fits(x)
	if err != nil {
		return err
	}
	if batch := p.batch(); k == 0 {
		b.batch = batch
	}
	node := b.net.AddInput(x)
	if axes == "C" && x.Shape.Size() > x.Shape.C {
		node = b.net.Add(b.free("flatten"), nn.Flatten{}, node)
		b.note(fmt.Sprintf("input %q is the data of %v as vectors, in the order channel, row, column", p.name, x.Shape))
	}
	b.values[p.name] = on(axes, node)
	b.values[p.name].below = x.Below
	return nil
}

// batch returns the batch that a port was exported for; −1: any.
func (p port) batch() int64 {
	if len(p.dims) > 0 && p.dims[0] < largest {
		return p.dims[0]
	}
	return -1
}
