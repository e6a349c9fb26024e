package probe

import (
	"fmt"
	"math"
	"slices"

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
			fits, err := p.Fits(pattern)
			if err != nil {
				return nil, fmt.Errorf("measure.layers: %q is no pattern: write names with * for any letters, such as conv*", pattern)
			}
			if fits {
				l.add(p)
			}
		}
		if l.Size == 0 && isFrozen(net, pattern) {
			return nil, fmt.Errorf("measure.layers: all that is called %s is frozen", pattern)
		}
		if l.Size == 0 {
			return nil, fmt.Errorf("measure.layers: nothing in the network is called %s%s", pattern, run.Among(pattern, nn.Operations(net.Params())))
		}
		list = append(list, l)
	}
	if list != nil {
		return list, nil
	}
	for _, p := range net.Params() {
		name := p.Operation()
		i := slices.IndexFunc(list, func(l Layer) bool { return l.Name == name })
		if i < 0 {
			i, list = len(list), append(list, Layer{Name: name})
		}
		list[i].add(p)
	}
	return list, nil
}

// isFrozen reports whether a pattern fits something frozen.
func isFrozen(net *nn.Network, pattern string) bool {
	return slices.ContainsFunc(net.Buffers(), func(p nn.Param) bool {
		fits, err := p.Fits(pattern)
		return err == nil && fits && p.Frozen
	})
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

// A layered is a number for each layer. Errors and sampling errors are nil if none are known.
type layered struct {
	key                      string
	numbers, errors, samples []float64
	sampling                 string // what samples are made of
}

// add adds the number of a layer with its error and its sampling error.
func (l *layered) add(number, err, sample float64) {
	if !(sample > 0) || math.IsInf(sample, 0) {
		sample = 0 // not known
	}
	l.numbers, l.errors, l.samples = append(l.numbers, number), append(l.errors, err), append(l.samples, sample)
}

// of makes the value of a key that has a number for each layer. The value itself is the largest of those that
// are numbers, and its errors the largest of theirs.
func (s *Subject) of(l layered, how run.How) []run.Value {
	v := run.Value{Key: l.key, Vector: l.numbers, Errors: anyOf(l.errors), Samples: anyOf(l.samples), How: how}
	found := false
	for i, x := range l.numbers {
		v.Names = append(v.Names, s.Layers[i].Name)
		if x != x {
			continue
		}
		if !found || x > v.Value {
			v.Value = x
		}
		found = true
		v.Error, v.Sample = max(v.Error, l.errors[i]), max(v.Sample, l.samples[i])
	}
	if !found {
		s.omit(scaleUnknown, l.key) // the one key that a layer may lack
		return nil
	}
	switch {
	case v.Sample > 0:
		v.How.Sampling = l.sampling
	case l.sampling != "":
		v.How.Note = also(v.How.Note, "no sampling error is known")
	}
	v.How.Note = also(v.How.Note, "the value is the largest of all layers")
	return []run.Value{v}
}

// anyOf returns the errors, or nil if all are 0: not known.
func anyOf(errors []float64) []float64 {
	if slices.ContainsFunc(errors, func(e float64) bool { return e != 0 }) {
		return errors
	}
	return nil
}

// embed sets dst to a vector of all parameters that is that of the layer in those of the layer, and 0 elsewhere.
func (l Layer) embed(dst, of []float32) {
	clear(dst)
	for _, s := range l.Spans {
		of = of[copy(dst[s.Begin:s.End], of):]
	}
}

// restrict sets dst to v in the parameters of the layer, and to 0 elsewhere.
func (l Layer) restrict(dst, v []float32) {
	clear(dst)
	for _, s := range l.Spans {
		copy(dst[s.Begin:s.End], v[s.Begin:s.End])
	}
}
