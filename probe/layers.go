package probe

import (
	"fmt"
	"math"
	"path"
	"slices"
	"strings"

	"breakeven/curvature"
	"breakeven/nn"
	"breakeven/run"
	"breakeven/tensor"
)

// A Layer is some of the parameters of a network: those of one operation, or those that a pattern
// names. Where several layers share parameters each of them has all of its own.
type Layer struct {
	Name  string
	Spans []curvature.Span // that do not overlap
	Size  int              // parameters
}

// Layers returns the layers of a network that patterns name: the parameters
// whose name, or that of their operation, fits a pattern of a shell are one layer under that pattern,
// as layer1.* are. Without patterns each operation is a layer.
func Layers(net *nn.Network, patterns []string) ([]Layer, error) {
	var list []Layer
	for _, pattern := range patterns {
		l := Layer{Name: pattern}
		for _, p := range net.Params() {
			own, err := path.Match(pattern, p.Name)
			if err != nil {
				return nil, fmt.Errorf("measure.layers: %q is no pattern: write names with * for any letters, such as conv*", pattern)
			}
			if whole, _ := path.Match(pattern, operationOf(p)); own || whole {
				l.add(p)
			}
		}
		if l.Size == 0 {
			return nil, fmt.Errorf("measure.layers: nothing in the network is called %s%s", pattern, nearest(pattern, Operations(net)))
		}
		list = append(list, l)
	}
	if list != nil {
		return list, nil
	}
	for _, p := range net.Params() {
		name := operationOf(p)
		i := slices.IndexFunc(list, func(l Layer) bool { return l.Name == name })
		if i < 0 {
			i, list = len(list), append(list, Layer{Name: name})
		}
		list[i].add(p)
	}
	return list, nil
}

// Operations returns the names of a network's operations that have parameters.
func Operations(net *nn.Network) (names []string) {
	for _, p := range net.Params() {
		if name := operationOf(p); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// operationOf returns the name of the operation of a parameter: conv1 of conv1.weight.
func operationOf(p nn.Param) string {
	if i := strings.LastIndexByte(p.Name, '.'); i > 0 {
		return p.Name[:i]
	}
	return p.Name
}

// nearest says which names there are, or which one is similar.
func nearest(name string, names []string) string {
	if near, ok := run.Nearest(name, names); ok {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	const most = 8
	text := strings.Join(names[:min(most, len(names))], ", ")
	if more := len(names) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return "; there are " + text
}

// add adds a parameter that the layer does not have.
func (l *Layer) add(p nn.Param) {
	l.Size += p.Size()
	if last := len(l.Spans) - 1; last >= 0 && l.Spans[last].End == p.Offset {
		l.Spans[last].End += p.Size()
		return
	}
	l.Spans = append(l.Spans, curvature.Span{Begin: p.Offset, End: p.Offset + p.Size()})
}

// norm returns the norm of the layer's part of a vector.
func (l Layer) norm(x []float32) float64 {
	sum := 0.0
	for _, s := range l.Spans {
		sum += tensor.Dot(x[s.Begin:s.End], x[s.Begin:s.End])
	}
	return math.Sqrt(sum)
}

// sum returns the sum of the layer's part of a vector.
func (l Layer) sum(x []float32) (sum float64) {
	for _, s := range l.Spans {
		for _, v := range x[s.Begin:s.End] {
			sum += float64(v)
		}
	}
	return sum
}

// Of adds the layers that are measured to sizes.
func (s Sizes) Of(layers []Layer) Sizes {
	s.Layers, s.Widest = len(layers), 0
	for _, l := range layers {
		s.Widest = max(s.Widest, l.Size)
	}
	return s
}

// layered makes the value of a key that has a number, and perhaps an error, for each layer. The value
// itself is the largest of those that are numbers, and its error the largest of theirs.
func (s *Subject) layered(key string, numbers, errors []float64, how run.How) []run.Value {
	v := run.Value{Key: key, Vector: numbers, Errors: errors, How: how}
	found := false
	for i, x := range numbers {
		v.Names = append(v.Names, s.Layers[i].Name)
		if x != x {
			continue
		}
		if !found || x > v.Value {
			v.Value = x
		}
		if found = true; errors != nil {
			v.Error = max(v.Error, errors[i])
		}
	}
	if !found {
		s.omit(scaleUnknown, key) // the one key that a layer may lack
		return nil
	}
	v.How.Note = also(v.How.Note, "the value is the largest of all layers")
	return []run.Value{v}
}
