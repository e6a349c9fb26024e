package pickle

import (
	"errors"
	"fmt"
)

// A NamedTensor is a tensor with its name.
type NamedTensor struct {
	Name string
	*Tensor
}

// A StateDict is a dictionary in which there are tensors: the tensors From to To of all that
// were found. Their names begin with its own, Prefix, such as model. or state_dict.; the
// outermost dictionary has none.
type StateDict struct {
	Prefix   string
	From, To int
}

// StateDicts returns the tensors of a value, in its order, and the dictionaries in which there
// are some. Tensors of a dictionary in a dictionary have both names, with a point between them:
// model.fc.weight. A network that was saved whole is a dictionary of its parameters and buffers.
// What is in lists, or under keys that are no texts, is left out, such as what an optimizer keeps.
func StateDicts(v any) ([]NamedTensor, []StateDict, error) {
	c := collector{}
	err := c.value("", v, 0)
	if err == nil && len(c.dicts) == 0 {
		err = fmt.Errorf("no tensors are in it (%s); save the state dict: torch.save(model.state_dict(), …)", Describe(v))
	}
	return c.tensors, c.dicts, err
}

// A collector goes through a value.
type collector struct {
	tensors []NamedTensor
	dicts   []StateDict
	visits  int
}

// value collects what is in a value with the given name, of which "" is the outermost.
func (c *collector) value(name string, v any, deep int) error {
	const most, depth = 1 << 17, 32
	if t, ok := v.(*Tensor); ok && name != "" {
		if len(c.tensors) == most {
			return fmt.Errorf("more than %d tensors", most)
		}
		c.tensors = append(c.tensors, NamedTensor{name, t})
		return nil
	}
	parts := partsOf(v)
	if parts == nil {
		return nil
	}
	if c.visits++; deep > depth || c.visits > most {
		return errors.New("dictionaries within dictionaries without an end")
	}
	prefix := ""
	if name != "" {
		prefix = name + "."
	}
	at, from := len(c.dicts), len(c.tensors)
	c.dicts = append(c.dicts, StateDict{Prefix: prefix, From: from})
	for _, d := range parts {
		for i, k := range d.Keys {
			if key, ok := Text(k); ok && key != "" {
				if err := c.value(prefix+key, d.Values[i], deep+1); err != nil {
					return err
				}
			}
		}
	}
	if c.dicts[at].To = len(c.tensors); c.dicts[at].To == from {
		c.dicts = c.dicts[:at] // neither it nor what is in it has tensors
	}
	return nil
}

// partsOf returns the dictionaries whose items are those of a value; nil if it has none.
func partsOf(v any) []*Dict {
	switch v := v.(type) {
	case *Dict:
		return []*Dict{v}
	case *Object:
		if state, ok := v.State.(*Dict); ok {
			if net := moduleOf(state); net != nil {
				return net
			}
		}
		if len(v.Items.Keys) > 0 {
			return []*Dict{&v.Items}
		}
	}
	return nil
}

// moduleOf returns what the state of a network of PyTorch has of parameters, of buffers that
// belong to its state dict, and of networks in it. It is nil for other objects.
func moduleOf(state *Dict) (list []*Dict) {
	for _, name := range []string{"_parameters", "_buffers", "_modules"} {
		part, _ := state.Get(name)
		d, ok := part.(*Dict)
		if !ok {
			return nil
		}
		if name == "_buffers" {
			d = d.without(state)
		}
		list = append(list, d)
	}
	return list
}

// without returns the buffers but for those that a network does not save.
func (d *Dict) without(state *Dict) *Dict {
	unsaved, _ := state.Get("_non_persistent_buffers_set")
	set, ok := unsaved.(*Set)
	if !ok || len(set.Items) == 0 {
		return d
	}
	dropped := map[any]bool{}
	for _, item := range set.Items {
		if name, ok := Text(item); ok {
			dropped[name] = true
		}
	}
	kept := &Dict{}
	for i, k := range d.Keys {
		if name, _ := Text(k); !dropped[name] {
			kept.Keys, kept.Values = append(kept.Keys, k), append(kept.Values, d.Values[i])
		}
	}
	return kept
}
