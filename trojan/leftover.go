package trojan

import (
	"slices"
	"strings"

	"breakeven/nn"
)

// A Tensor is one of a file: its name and shape.
type Tensor struct {
	Name  string
	Shape []int
}

// size returns how many numbers it has.
func (t Tensor) size() int {
	n := 1
	for _, d := range t.Shape {
		n *= d
	}
	return n
}

// What a file may hold beside a network.
const (
	SurplusOutputs = "outputs"  // rows of the last layer that the network's data do not need
	SurplusNorm    = "norm set" // scales and statistics of another network with the same layers
	Unread         = "not read" // a tensor that the network has no place for
)

// A Leftover is what a network does not read of a file that it is said to be in. It is no proof of
// another network, but whoever wrote the file had a reason for it.
type Leftover struct {
	Kind    string // one of the above
	Name    string // of the tensor, or what the names of a set begin with
	Tensors int
	Numbers int // that are not read
}

// Leftovers returns what a network does not read of a file.
func Leftovers(net *nn.Network, file []Tensor) (list []Leftover) {
	own, norms := map[string]nn.Param{}, map[string]bool{}
	for k, norm := range net.NormParams() {
		p := net.Params()[k]
		own[p.Name], norms[p.Name] = p, norm
	}
	for _, b := range net.Buffers() {
		own[b.Name], norms[b.Name] = b, true
	}
	for _, t := range file {
		l := Leftover{Kind: Unread, Name: t.Name, Tensors: 1, Numbers: t.size()}
		if p, ok := own[t.Name]; ok {
			if slices.Equal(p.Shape, t.Shape) {
				continue
			}
			if len(p.Shape) > 0 && len(p.Shape) == len(t.Shape) && t.Shape[0] > p.Shape[0] && slices.Equal(p.Shape[1:], t.Shape[1:]) {
				l.Kind, l.Numbers = SurplusOutputs, t.size()-p.Size()
			}
			list = append(list, l)
			continue
		}
		if prefix, ok := normSet(t, own, norms); ok {
			l.Kind, l.Name = SurplusNorm, prefix
			if i := slices.IndexFunc(list, func(o Leftover) bool { return o.Kind == SurplusNorm && o.Name == prefix }); i >= 0 {
				list[i].Tensors++
				list[i].Numbers += l.Numbers
				continue
			}
		}
		list = append(list, l)
	}
	return list
}

// normSet reports whether a tensor is one of a batch norm of the network behind a prefix, such as
// secret1. in front of bn1.weight.
func normSet(t Tensor, own map[string]nn.Param, norms map[string]bool) (prefix string, ok bool) {
	for name := t.Name; ; {
		_, rest, found := strings.Cut(name, ".")
		if !found {
			return "", false
		}
		name = rest
		if norms[name] && slices.Equal(own[name].Shape, t.Shape) {
			return strings.TrimSuffix(t.Name, name), true
		}
	}
}
