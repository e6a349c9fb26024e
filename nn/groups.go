package nn

import "fmt"

// AddGroups appends a convolution in groups, as those of ResNeXt (Xie et al. 2017): its filters read, group by
// group, the channels of their own group, as with PyTorch's groups. weight and bias are parameters of the network
// (see [Network.AddParam]) with the numbers of [Filters, C/groups, K, K] and [Filters]; no bias is read if c has
// none. Each group is a convolution of its own with views of them, which has no Kronecker factors, and the output their
// concatenation.
func (n *Network) AddGroups(name string, c Conv2D, groups int, weight, bias string, in Node) Node {
	channels := in.Shape().C
	if groups < 1 || channels%groups != 0 || c.Filters%groups != 0 {
		panic(fmt.Sprintf("nn: %s: %d groups of %d channels and %d filters", name, groups, channels, c.Filters))
	}
	each, filters := channels/groups, c.Filters/groups
	c.Filters = filters
	all := make([]Node, groups)
	for g := range groups {
		own, x := fmt.Sprintf("%s.group%d", name, g), in
		if groups > 1 {
			x = n.Add(own+".channels", Slice{From: g * each, To: (g + 1) * each}, in)
		}
		share := map[string]string{}
		for _, p := range c.Params(x.Shape()) {
			of := weight
			if p.Name == "bias" {
				of = bias
			}
			share[p.Name] = own + "." + p.Name
			n.AddView(share[p.Name], p.Shape, of, range32(g*p.Size(), p.Size()))
		}
		all[g] = n.AddSharing(own, c, share, x)
	}
	if groups == 1 {
		return all[0]
	}
	return n.Add(name, Concat{}, all...)
}

// range32 returns so many numbers that follow each other.
func range32(from, count int) []int32 {
	all := make([]int32, count)
	for i := range all {
		all[i] = int32(from + i)
	}
	return all
}
