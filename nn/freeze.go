package nn

import (
	"fmt"
	"slices"
)

// Freeze returns the network in which the parameters that frozen chooses by their names are constants, as buffers and
// tensors without requires_grad are in PyTorch: they follow the running statistics in the state vector, and have no
// derivatives. All others are parameters as before, in the same order. What depends on frozen numbers alone is computed
// forwards only. An operation with a frozen parameter has no Kronecker factors. The frozen numbers are those of
// [Network.SetFrozen]; until then each tensor has its Fill. Nothing can be added to the network, and n stays as it is.
func (n *Network) Freeze(frozen func(name string) bool) *Network {
	f, state := *n, n.InitialState()
	f.whole = n.Whole()
	f.params, f.buffers, f.dim = nil, slices.Clone(n.buffers), 0
	moved := map[int]Param{} // by their offsets in n
	for _, p := range n.params {
		from := p.Offset
		if p.Frozen = frozen(p.Name); p.Frozen {
			p.Offset, f.state = f.state, f.state+p.Size()
			f.buffers = append(f.buffers, p)
			state = append(state, slices.Repeat([]float32{p.Fill}, p.Size())...)
		} else {
			p.Offset, f.dim = f.dim, f.dim+p.Size()
			f.params = append(f.params, p)
		}
		moved[from] = p
	}
	f.views = slices.Clone(n.views)
	for i, v := range f.views {
		if !v.of.Frozen {
			f.views[i].of = moved[v.of.Offset]
		}
	}
	f.nodes = slices.Clone(n.nodes)
	for id := range f.nodes {
		f.refreeze(id, moved)
	}
	if n.initial != nil {
		f.initial = state
	}
	if n.fixed != nil {
		f.fixed = state
	}
	if f.dim < n.dim || n.frozen != nil {
		f.frozen = slices.Clone(state)
		f.SetFrozen(append(slices.Clone(n.frozen), state[len(n.frozen):]...))
	}
	return &f
}

// SetFrozen gives what is frozen the numbers that it has in a state vector, in all plans of the network from their next
// SetParams on.
func (n *Network) SetFrozen(state []float32) {
	if len(state) != n.state {
		panic(fmt.Sprintf("nn: a state vector of %d numbers for a network of %d", len(state), n.state))
	}
	copy(n.frozen, state)
}

// Whole returns the network in which nothing was frozen yet.
func (n *Network) Whole() *Network {
	if n.whole == nil {
		return n
	}
	return n.whole
}

// Split returns the parameters among those of the whole network, and puts the others in their places in a state vector.
func (n *Network) Split(whole, state []float32) (theta []float32) {
	from := map[string][]float32{}
	for _, p := range n.Whole().params {
		from[p.Name] = whole[p.Offset : p.Offset+p.Size()]
	}
	for _, b := range n.buffers {
		copy(state[b.Offset:b.Offset+b.Size()], from[b.Name]) // of running statistics there are none
	}
	for _, p := range n.params {
		theta = append(theta, from[p.Name]...)
	}
	return theta
}

// refreeze gives a node the parameters that those of the network have become, and finds whether it depends on any.
func (n *Network) refreeze(id int, moved map[int]Param) {
	nd := &n.nodes[id]
	nd.params, nd.active = slices.Clone(nd.params), nd.of >= 0 && n.nodes[max(0, nd.of)].active
	for k, p := range nd.params {
		if p.own() {
			nd.params[k].Offset, nd.params[k].Frozen = moved[p.Offset].Offset, moved[p.Offset].Frozen
		}
	}
	nd.active = nd.active || n.learns(*nd)
	for _, in := range nd.in {
		nd.active = nd.active || n.nodes[in].active
	}
}

// learns reports whether a node has a parameter that is one of the network's, or a view of one.
func (n *Network) learns(nd node) bool {
	return slices.ContainsFunc(nd.params, func(p Param) bool { return p.own() || p.view > 0 && !n.views[p.view-1].of.Frozen })
}
