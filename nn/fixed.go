package nn

import (
	"fmt"
	"slices"
)

// Fixed returns the network with its running statistics fixed at the given ones, laid out as
// [Network.Buffers]: all its plans are for inference and begin with these statistics, and no
// examples are coupled, so that each has gradients of its own. It has the parameters of n; no
// operation can be added to it.
func (n *Network) Fixed(state []float32) *Network {
	if len(state) != n.state {
		panic(fmt.Sprintf("nn: %d running statistics for a network of %d", len(state), n.state))
	}
	f := *n
	f.fixed = slices.Clone(state)
	if n.frozen != nil {
		f.frozen = slices.Clone(state)
	}
	return &f
}

// settings returns s as the network's plans have it.
func (n *Network) settings(s Settings) Settings {
	s.Inference = s.Inference || n.fixed != nil
	return s
}
