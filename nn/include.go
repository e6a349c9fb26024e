package nn

// Include appends a copy of another network: its inputs and its operations, with prefix before
// their names. For each of its parameters, share names the parameter or view of n that takes its
// place; "" leaves the copy one of its own, with the prefix before its name. Running statistics are
// the copy's own. Include returns the nodes of the copy's outputs, which
// [Network.AddOutput] makes outputs of n.
func (n *Network) Include(prefix string, other *Network, share func(p Param) string) []Node {
	if len(other.views) > 0 || other.frozen != nil {
		panic("nn: a network with views or frozen parameters in another network")
	}
	nodes := make([]Node, len(other.nodes))
	for id, nd := range other.nodes {
		switch {
		case nd.of >= 0: // made with its operation
		case nd.op == nil:
			nodes[id] = n.AddInput(Input{Name: prefix + nd.name, Shape: nd.shape, Below: nd.below, Sparse: nd.sparse})
		default:
			in := make([]Node, len(nd.in))
			for k, from := range nd.in {
				in[k] = nodes[from]
			}
			nodes[id] = n.AddSharing(prefix+nd.name, nd.op, n.shares(prefix, other, nd, share), in...)
			for k, part := range nd.parts {
				nodes[part] = nodes[id].Output(k + 1)
			}
		}
	}
	var outputs []Node
	for _, id := range other.outs() {
		outputs = append(outputs, nodes[id])
	}
	return outputs
}

// shares returns which parameters the copy of a node shares, as [Network.AddSharing] takes it.
func (n *Network) shares(prefix string, other *Network, nd node, share func(p Param) string) map[string]string {
	shapes := make([]Shape, len(nd.in))
	for k, in := range nd.in {
		shapes[k] = other.nodes[in].shape
	}
	names := map[string]string{}
	for k, own := range nd.op.Params(shapes...) {
		to := share(nd.params[k])
		if _, made := n.parameter(prefix + nd.params[k].Name); to == "" && made { // the network shares it in itself
			to = prefix + nd.params[k].Name
		}
		if to != "" {
			names[own.Name] = to
		}
	}
	return names
}

// NormParams reports for each parameter, in the order of [Network.Params], whether it is the
// scale or shift of a batch norm.
func (n *Network) NormParams() []bool {
	offsets := map[int]bool{}
	for _, nd := range n.nodes {
		if _, ok := nd.op.(BatchNorm); ok {
			for _, p := range nd.params {
				if p.own() {
					offsets[p.Offset] = true
				}
			}
		}
	}
	is := make([]bool, len(n.params))
	for k, p := range n.params {
		is[k] = offsets[p.Offset]
	}
	return is
}
