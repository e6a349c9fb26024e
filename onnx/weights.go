package onnx

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"breakeven/nn"
)

// initialState gives the network the running statistics and the constants of the file, if they can be read.
func (n *Network) initialState() error {
	state := n.InitialState()
	for _, p := range n.Buffers() {
		if _, ok := n.sources[p.Name]; !ok || n.fill(state, p) != nil {
			return nil // external data that are not there: see Weights
		}
	}
	if n.StateDim() > 0 {
		n.SetInitialState(state)
		n.SetFrozen(state)
	}
	return nil
}

// Weights returns the parameters that the file holds.
func (n *Network) Weights() ([]float32, error) {
	theta := make([]float32, n.Dim())
	for _, p := range n.Params() {
		if err := n.fill(theta, p); err != nil {
			return nil, fmt.Errorf("onnx: %s: %w", n.file.name, err)
		}
	}
	return theta, nil
}

// fill sets the numbers of a tensor of the network, in a vector that has it, to those of the file.
func (n *Network) fill(vector []float32, p nn.Param) error {
	src, dst := n.sources[p.Name], vector[p.Offset:p.Offset+p.Size()]
	if err := src.fill(dst, n.file.folder); err != nil {
		return err
	}
	if src.turned {
		in, out := int(src.dims[0]), int(src.dims[1])
		from := slices.Clone(dst)
		for i := range in {
			for o := range out {
				dst[o*in+i] = from[i*out+o]
			}
		}
	}
	for i, x := range dst {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			return fmt.Errorf("number %d of %s is %v: nothing can be measured there", i, p.Name, x)
		}
	}
	return nil
}

// Turned reports whether a parameter is a matrix [out, in] that the program which exported the network has
// as [in, out]: its initializer is laid out so and has its name, so that the exporter has left it as it was.
func (n *Network) Turned(param string) bool {
	src, ok := n.sources[param]
	return ok && src.turned && src.name == param
}

// Tied reports whether a parameter is the weight of an embedding and that of another layer.
func (n *Network) Tied(param string) bool { return n.tied[param] }

// Initializers returns the names of the initializers by those of the parameters and running
// statistics that have their numbers from them.
func (n *Network) Initializers() map[string]string {
	names := map[string]string{}
	for name, src := range maps.All(n.sources) {
		names[name] = src.name
	}
	return names
}
