package nn

// Kinks returns the names of the operations of which a derivative of some order jumps
// somewhere, such as ReLU, ELU and max pooling. A network without any has derivatives of every order in its parameters.
func (n *Network) Kinks() []string {
	var names []string
	for _, nd := range n.nodes {
		if effectsOf(nd.op, Settings{}).kinked {
			names = append(names, nd.name)
		}
	}
	return names
}
