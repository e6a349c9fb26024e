package onnx

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"breakeven/nn"
)

// initialState gives the network the running statistics and the constants of the file. What cannot be read, as external data
// that are not there, is an error of Weights: then none of them are given.
func (n *Network) initialState() {
	state := n.InitialState()
	for _, p := range n.Buffers() {
		if n.unread = n.fill(state, p); n.unread != nil {
			n.SetInitialState(nil)
			return
		}
	}
	if n.StateDim() > 0 {
		n.SetInitialState(state)
		n.SetFrozen(state)
	}
}

// Weights returns the parameters that the file holds. An error names the first tensor, also of the running statistics and the
// constants, that cannot be read or is not finite.
func (n *Network) Weights() ([]float32, error) {
	theta := make([]float32, n.Dim())
	for _, p := range n.Params() {
		if err := n.fill(theta, p); err != nil {
			return nil, fmt.Errorf("onnx: %s: %w", n.file.name, err)
		}
	}
	if n.unread != nil {
		return nil, fmt.Errorf("onnx: %s: %w", n.file.name, n.unread)
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
