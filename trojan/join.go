package trojan

import (
	"fmt"

	"breakeven/nn"
)

// An Order is the order in which network number task, 0 being the carrier, reads the numbers of a
// weight tensor of n numbers: a permutation, or nil for the order that they have.
type Order func(task int, tensor string, n int) ([]int32, error)

// Keyed is the order of secret networks that have a key each, or all the same one. The carrier reads
// the weights as they are.
func Keyed(keys ...Key) Order {
	return func(task int, tensor string, n int) ([]int32, error) {
		switch {
		case task == 0:
			return nil, nil
		case len(keys) == 0:
			return nil, fmt.Errorf("trojan: secret network %d has no key", task)
		}
		return keys[min(task, len(keys))-1].Permutation(task, tensor, n), nil
	}
}

// Plain is the order of networks that share weights without permutation.
func Plain(int, string, int) ([]int32, error) { return nil, nil }

// A Joint is a network of several networks with one set of weights.
type Joint struct {
	Net   *nn.Network
	parts []part
}

// A part is one of the networks.
type part struct {
	net     *nn.Network
	prefix  string
	sources []source // by parameter
}

// A source says where the numbers of a parameter are: at the given places of a tensor of the joint
// network; nil: all in their order.
type source struct {
	tensor string
	index  []int32
}

// Join makes one network of a carrier, the first, and secret networks. The store is the carrier
// with as many outputs as the largest of them has: its tensors are those of the file. Output k of
// the joint network is that of network k, and so is input k.
//
// Weights, tensors of two dimensions or more, are read in the given order; biases and the scales of
// group norm as they are. A tensor that is smaller than the store's takes the first places of its
// order. The scales, shifts and statistics of batch norm are each network's own.
func Join(store *nn.Network, nets []*nn.Network, order Order) (*Joint, error) {
	j := &Joint{Net: &nn.Network{}}
	for _, p := range store.Params() {
		j.Net.AddParam(p)
	}
	for task, net := range nets {
		if err := j.join(store, task, net, order); err != nil {
			return nil, err
		}
	}
	return j, j.Net.Err()
}

// Prefix begins the names of what network number task has of its own, such as batch norm: "" for
// the carrier.
func Prefix(task int) string {
	if task == 0 {
		return ""
	}
	return fmt.Sprintf("secret%d.", task)
}

// join adds network number task.
func (j *Joint) join(store *nn.Network, task int, net *nn.Network, order Order) error {
	p := part{net: net, prefix: Prefix(task)}
	stored := map[string]nn.Param{}
	for _, q := range store.Params() {
		stored[q.Name] = q
	}
	names := map[string]string{} // of what takes the place of a parameter
	for k, norm := range net.NormParams() {
		q := net.Params()[k]
		if norm && task > 0 {
			p.sources = append(p.sources, source{tensor: p.prefix + q.Name})
			continue
		}
		s, err := sourceOf(task, q, stored, order)
		if err != nil {
			return err
		}
		p.sources = append(p.sources, s)
		if names[q.Name] = s.tensor; s.index != nil {
			names[q.Name] = fmt.Sprintf("view%d.%s", task, q.Name)
			j.Net.AddView(names[q.Name], q.Shape, s.tensor, s.index)
		}
	}
	outputs := j.Net.Include(p.prefix, net, func(q nn.Param) string { return names[q.Name] })
	for k, o := range net.Outputs() {
		j.Net.AddOutput(p.prefix+o.Name, outputs[k])
	}
	j.parts = append(j.parts, p)
	return nil
}

// sourceOf returns the source of a parameter that is not a network's own.
func sourceOf(task int, q nn.Param, stored map[string]nn.Param, order Order) (s source, err error) {
	who := "the carrier"
	if task > 0 {
		who = fmt.Sprintf("secret network %d", task)
	}
	from, ok := stored[q.Name]
	switch {
	case !ok:
		return s, fmt.Errorf("trojan: %s has a tensor %s, which the carrier lacks: all must be networks of one model", who, q.Name)
	case q.Size() > from.Size():
		return s, fmt.Errorf("trojan: %s does not fit into the carrier: its %s has %d numbers, the carrier's %d: take the task with the larger network as the carrier",
			who, q.Name, q.Size(), from.Size())
	}
	s.tensor = q.Name
	if len(q.Shape) > 1 {
		if s.index, err = order(task, q.Name, from.Size()); err != nil {
			return s, err
		}
	}
	if s.index == nil && q.Size() < from.Size() {
		s.index = make([]int32, q.Size())
		for i := range s.index {
			s.index[i] = int32(i)
		}
	}
	if s.index != nil {
		s.index = s.index[:q.Size()]
	}
	return s, nil
}

// Extract returns the parameters and the running statistics of network number task, given those of
// the joint network.
func (j *Joint) Extract(task int, theta, state []float32) (own, statistics []float32) {
	p := j.parts[task]
	own, statistics = make([]float32, p.net.Dim()), make([]float32, p.net.StateDim())
	from := named(j.Net.Params(), theta)
	for k, q := range p.net.Params() {
		dst, src := own[q.Offset:q.Offset+q.Size()], from[p.sources[k].tensor]
		if copy(dst, src); p.sources[k].index == nil {
			continue
		}
		for i, at := range p.sources[k].index {
			dst[i] = src[at]
		}
	}
	from = named(j.Net.Buffers(), state)
	for _, b := range p.net.Buffers() {
		copy(statistics[b.Offset:b.Offset+b.Size()], from[p.prefix+b.Name])
	}
	return own, statistics
}

// named returns the parts of a vector by their names.
func named(params []nn.Param, vector []float32) map[string][]float32 {
	m := map[string][]float32{}
	for _, p := range params {
		m[p.Name] = vector[p.Offset : p.Offset+p.Size()]
	}
	return m
}

// Network returns network number task.
func (j *Joint) Network(task int) *nn.Network { return j.parts[task].net }

// Tasks returns the number of networks.
func (j *Joint) Tasks() int { return len(j.parts) }
