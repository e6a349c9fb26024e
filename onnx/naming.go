package onnx

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"breakeven/nn"
)

// Names of the tensors of an operation, as PyTorch has them.
const (
	weightName = "weight"
	biasName   = "bias"
	meanName   = "running_mean"
	varName    = "running_var"
)

// add adds an operation without parameters.
func (b *builder) add(n *node, op nn.Op, in ...nn.Node) nn.Node {
	return b.net.Add(b.free(n.path()), op, in...)
}

// addWith adds an operation whose tensors have their numbers from initializers. An initializer
// that another operation reads, too, is one parameter.
func (b *builder) addWith(n *node, op nn.Op, tensors map[string]source, in ...nn.Node) nn.Node {
	name := b.free(prefix(n, tensors))
	share := map[string]string{}
	owns := slices.Sorted(maps.Keys(tensors))
	for _, own := range owns {
		src := tensors[own]
		if first, ok := b.owner[src.tensor]; ok && own != meanName && own != varName {
			if b.sources[first].turned != src.turned {
				failf("its weight %q is %q of another node, transposed, which is not supported", src.name, first)
			}
			share[own] = first
			b.shared[first] = b.shared[first] || slices.Contains(b.tables, src.tensor)
		} else if first := b.tied(src); first != "" && own == weightName {
			share[own] = first
			b.again[first], b.shared[first] = append(b.again[first], src), true
			b.note(fmt.Sprintf("the weight %q is %q, transposed: they are one parameter, as they were before the export", src.name, first))
		}
	}
	if base := underscored(tensors); base != "" {
		b.nameWhole(base, op, tensors, share, in)
	}
	x := b.net.AddSharing(name, op, share, in...)
	for _, own := range owns {
		if _, shared := share[own]; shared {
			continue
		}
		b.register(name+"."+own, own, tensors[own])
	}
	return x
}

// param returns the parameter that an initializer is. If it is none yet it is added, as that of an operation.
func (b *builder) param(operation, own string, src source, p nn.Param) string {
	if first, ok := b.owner[src.tensor]; ok {
		return first
	}
	p.Name = operation + "." + own
	b.net.AddParam(p)
	b.register(p.Name, own, src)
	return p.Name
}

// register notes where the numbers of a parameter are.
func (b *builder) register(full, own string, src source) {
	if b.sources[full] = src; own != meanName && own != varName {
		b.owner[src.tensor] = full
	}
}

// underscored returns what stands before _weight or _bias in the name of an initializer, as in in_proj_weight of
// PyTorch's attention; "" if none has such a name.
func underscored(tensors map[string]source) string {
	for _, own := range []string{weightName, biasName} {
		if t, ok := tensors[own]; ok {
			if name, ok := strings.CutSuffix(t.name, "_"+own); ok && name != "" {
				return name
			}
		}
	}
	return ""
}

// nameWhole adds the parameters of an operation under names with an underscore, and shares them with it.
func (b *builder) nameWhole(base string, op nn.Op, tensors map[string]source, share map[string]string, in []nn.Node) {
	shapes := make([]nn.Shape, len(in))
	for k, x := range in {
		shapes[k] = x.Shape()
	}
	for _, p := range op.Params(shapes...) {
		own := p.Name
		if _, shared := share[own]; shared || b.taken[base+"_"+own] {
			continue
		}
		p.Name = b.free(base + "_" + own)
		b.net.AddParam(p)
		b.register(p.Name, own, tensors[own])
		share[own] = p.Name
	}
}

// prefix returns the name that an operation has in PyTorch: what stands before weight or bias
// in the name of an initializer, else the path of the node.
func prefix(n *node, tensors map[string]source) string {
	for _, own := range []string{weightName, biasName} {
		if t, ok := tensors[own]; ok {
			if name, ok := strings.CutSuffix(t.name, "."+own); ok && name != "" {
				return name
			}
		}
	}
	return n.path()
}

// main returns the first of its outputs that has a name.
func (n *node) main() string {
	for _, out := range n.out {
		if out != "" {
			return out
		}
	}
	return ""
}

// path returns a name for what a node makes. That of "/layer1/conv/Conv" is "layer1.conv".
func (n *node) path() string {
	name := n.name
	if name == "" {
		name = n.main()
	}
	if strings.HasPrefix(name, "/") {
		name = strings.Trim(name, "/")
		if at := strings.LastIndex(name, "/"); at > 0 {
			name = name[:at]
		}
	}
	return strings.ReplaceAll(strings.ReplaceAll(name, "/", "."), "::", ".")
}

// free returns the name or, if it is taken, the name with a number.
func (b *builder) free(name string) string {
	next := name
	for k := 2; b.taken[next]; k++ {
		next = fmt.Sprintf("%s.%d", name, k)
	}
	b.taken[next] = true
	return next
}
