package onnx

import (
	"fmt"
	"slices"

	"breakeven/nn"
)

// A Network is a network of a file, with where its numbers are.
type Network struct {
	*nn.Network
	Notes   []string // what a user should know
	Padding string   // the graph's input that is a mask; "": none
	Masked  bool     // the mask is the last input of the network; else its sequences have lengths
	sources map[string]source
	again   map[string][]source
	tied    map[string]bool
	file    *File
	unread  error // why its running statistics and constants are not those of the file
}

// A source is an initializer that a parameter has its numbers from.
type source struct {
	*tensor
	turned bool // the matrix is [in, out], and the parameter [out, in]
}

// Network returns the network of the file for the given inputs, in the order of the graph's and without its mask. The
// sequences of the network have lengths in place of a mask, unless the mask is given behind the other inputs: numbers for the
// steps, [steps, 1], or for pairs of them, [steps, steps], above 0 for those that count. If the graph has an operation over all
// steps, or a mask of pairs, the network has the mask as its last input even if it was not given.
func (f *File) Network(in ...nn.Input) (*Network, error) {
	b := newBuilder(f)
	err := b.build(in)
	if err == nil && b.along != "" && b.padding != "" && !b.holes() {
		steps := in[0].Shape.T
		b = newBuilder(f)
		err = b.build(append(slices.Clone(in), nn.Input{Shape: nn.Seq(steps, 1)}))
	}
	if err == nil {
		err = b.net.Err()
	}
	if err != nil {
		return nil, fmt.Errorf("onnx: %s: %w", f.name, err)
	}
	if f.graph.normless() {
		b.note(foldedNorm)
	}
	n := &Network{Network: b.net, Notes: b.notes, sources: b.sources, again: b.again, tied: b.shared, file: f}
	if !b.ofTokens() {
		n.Padding, n.Masked = b.padding, b.holes()
	}
	if err := n.freezeBuffers(); err != nil {
		return nil, err
	}
	n.noteConstants()
	n.noteComputed()
	n.initialState()
	return n, nil
}
