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
	// Mask says that it is a mask: 1 for each step of an example that attention and pooling see, and 0 for the others. If these are
	// those past the end of an example, the sequences of the network may have lengths in place of it.
	Mask bool
	// Pairs says that the mask has a row of steps for each step, [examples, steps, steps], or with an axis of 1 for the heads.
	Pairs bool
	// Sequence says that it holds sequences of numbers [examples, steps, numbers].
	Sequence bool
	// Signal says that it holds signals [examples, channels, length].
	Signal bool
	// Rows is how many rows the weight has of which each token picks one; 0 if it holds no tokens.
	Rows int
}

// Readings returns what the graph reads, in its order.
func (f *File) Readings() []Reading {
	var all []Reading
	for _, p := range f.inputs {
		r := Reading{Name: p.name, Rows: f.rows(p.name), Signal: !p.kind.integer() && f.signal(p)}
		r.Sequence = p.rank && len(p.dims) == 3 && !p.kind.integer() && !r.Signal
		flags := p.kind.integer() || strings.Contains(p.name, "mask")
		r.Pairs = p.rank && p.kind.integer() && (len(p.dims) == 3 || len(p.dims) == 4 && p.dims[1] == 1)
		r.Mask = len(f.inputs) > 1 && flags && r.Rows == 0 && (!p.rank || len(p.dims) == 2 || r.Pairs)
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

// addInputs adds the inputs of the network, and notes the mask.
func (b *builder) addInputs(in []nn.Input) error {
	var ports, masks []port
	pairs := false
	for k, r := range b.file.Readings() {
		if r.Mask {
			masks, pairs = append(masks, b.file.inputs[k]), pairs || r.Pairs
		} else {
			ports = append(ports, b.file.inputs[k])
		}
	}
	given := len(in) == len(ports)+1 && len(masks) == 1
	if len(in) != len(ports) && !given {
		return fmt.Errorf("its graph reads %d inputs, %s, and the data have %d", len(ports), names(ports), len(in))
	}
	if pairs && len(masks) > 1 {
		return fmt.Errorf("its graph reads the masks %s: one is supported", names(masks))
	}
	for k, p := range ports {
		if err := b.addInput(k, p, in[k]); err != nil {
			return err
		}
	}
	for _, p := range masks {
		d := &deferred{mask: p.name, kind: p.kind}
		if len(in) > 0 {
			d.extent = p.maskDims(int64(in[0].Shape.T))
		}
		b.values[p.name] = value{deferred: d}
	}
	if !given && !pairs {
		return nil
	}
	steps := in[0].Shape.T
	mask := nn.Input{Name: b.free(masks[0].name), Shape: nn.Seq(steps, 1)}
	if pairs {
		mask.Shape = nn.Seq(steps, steps)
	}
	if given && in[len(ports)].Shape != mask.Shape || steps == 0 {
		return fmt.Errorf("the mask %q of an example is %v, and the data have %v", mask.Name, mask.Shape, in[len(in)-1].Shape)
	}
	b.masking = b.net.AddInput(mask)
	return nil
}

// maskDims returns the shape of a mask of so many steps.
func (p port) maskDims(steps int64) []int64 {
	switch len(p.dims) {
	case 3:
		return []int64{batchSize, steps, steps}
	case 4:
		return []int64{batchSize, 1, steps, steps}
	}
	return []int64{batchSize, steps}
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
	if b.values[p.name].below = x.Below; x.Below > 0 {
		b.values[p.name].tokens = p.name
	}
	return nil
}

// batch returns the batch that a port was exported for; −1: any.
func (p port) batch() int64 {
	if len(p.dims) > 0 && p.dims[0] < largest {
		return p.dims[0]
	}
	return -1
}
