package nn

// Kinks returns the names of the operations that have no derivative somewhere: ReLU and
// max pooling. A network without any has derivatives of every order in its parameters.
func (n *Network) Kinks() []string {
	var names []string
	for _, nd := range n.nodes {
		switch nd.op.(type) {
		case ReLU, MaxPool:
			names = append(names, nd.name)
		}
	}
	return names
}
