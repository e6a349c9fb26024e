package onnx

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"
)

// Save writes the file with other numbers in those initializers that are parameters or running statistics: those that
// numbers returns for a name, in the layout of the network. Where ok is false the file's are kept. All
// else is as it was, to the byte, except that numbers in files of their own come into this one, and that an initializer
// which the exporter saved once for several parameters with equal numbers becomes one for each.
func (n *Network) Save(w io.Writer, numbers func(name string) (x []float32, ok bool)) error {
	b, err := n.saved(numbers)
	if err != nil {
		return fmt.Errorf("onnx: %s: %w", n.file.name, err)
	}
	_, err = w.Write(b)
	return err
}

func (n *Network) saved(numbers func(name string) (x []float32, ok bool)) ([]byte, error) {
	s := newSaver(n.file)
	for _, p := range slices.Concat(n.Params(), n.Buffers()) {
		x, ok := numbers(p.Name)
		if !ok || p.Frozen && slices.ContainsFunc(n.sources[p.Name].initializers(), (*tensor).written) {
			continue // it stays
		}
		if len(x) != p.Size() {
			return nil, fmt.Errorf("%s has %d numbers, and %d are to be saved", p.Name, p.Size(), len(x))
		}
		for _, src := range append([]source{n.sources[p.Name]}, n.again[p.Name]...) {
			y := x
			if src.turned {
				y = inOut(x, int(src.dims[0]), int(src.dims[1]))
			}
			if err := s.put(p.Name, src.tensor, y); err != nil {
				return nil, err
			}
		}
	}
	return s.model()
}

// inOut returns the matrix [in, out] of one of [out, in].
func inOut(x []float32, in, out int) []float32 {
	y := make([]float32, len(x))
	for o := range out {
		for i := range in {
			y[i*out+o] = x[o*in+i]
		}
	}
	return y
}

// A saver writes a file with other numbers.
type saver struct {
	file     *File
	constant map[string]*tensor // initializers, and what Identity makes of them
	fresh    map[string]*fresh  // by the names of these
}

// fresh are the numbers that an initializer gets.
type fresh struct {
	*tensor
	numbers []byte // as in raw
	made    []bool // which of them are no longer those of the file
	absent  error  // why the file's could not be read
}

func newSaver(f *File) *saver {
	s := &saver{file: f, constant: map[string]*tensor{}, fresh: map[string]*fresh{}}
	for _, t := range f.graph.tensors {
		s.constant[t.name] = t
	}
	for _, n := range f.graph.nodes {
		if t := s.copied(n); t != nil {
			again := *t
			again.name = n.out[0]
			s.constant[again.name] = &again
		}
	}
	return s
}

// copied returns the initializer that a node gives another name; nil: it does not.
func (s *saver) copied(n *node) *tensor {
	if n.op != "Identity" || !n.standard() || len(n.in) != 1 || len(n.out) != 1 {
		return nil
	}
	return s.constant[n.in[0]]
}

// put gives the numbers of a parameter to the initializers that it has them from.
func (s *saver) put(name string, t *tensor, x []float32) error {
	for _, r := range t.resolved(0, t.count()) {
		c := s.constant[r.of.name]
		if c == nil || c.kind != r.of.kind || c.count() != r.of.count() {
			return fmt.Errorf("%s is no initializer but computed by the graph, which cannot hold other numbers", name)
		}
		f, err := s.begin(c)
		if err != nil {
			return err
		}
		for i, v := range x[:r.count] {
			if !f.set(int(r.from)+i, v) {
				return fmt.Errorf("initializer %q is the numbers of several parameters, one of them %s, which now differ", c.name, name)
			}
		}
		x = x[r.count:]
	}
	return nil
}

// begin returns what an initializer gets, at first the numbers of the file.
func (s *saver) begin(t *tensor) (*fresh, error) {
	if f := s.fresh[t.name]; f != nil {
		return f, nil
	}
	if t.kind != float32s && t.kind != float64s {
		return nil, fmt.Errorf("initializer %q holds numbers of %v, into which trained ones do not fit: export the network in float32", t.name, t.kind)
	}
	f := &fresh{tensor: t, made: make([]bool, t.count())}
	if f.numbers, f.absent = t.bytes(s.file.folder); f.absent != nil {
		f.numbers = make([]byte, t.count()*sizes[t.kind])
	} else {
		f.numbers = slices.Clone(f.numbers)
	}
	s.fresh[t.name] = f
	return f, nil
}

// set sets a number; ok is false if it has been set to another one.
func (f *fresh) set(at int, v float32) (ok bool) {
	size := int(sizes[f.kind])
	place, bits := f.numbers[at*size:(at+1)*size], make([]byte, 0, 8)
	if f.kind == float32s {
		bits = binary.LittleEndian.AppendUint32(bits, math.Float32bits(v))
	} else {
		bits = binary.LittleEndian.AppendUint64(bits, math.Float64bits(float64(v)))
	}
	if f.made[at] {
		return slices.Equal(place, bits)
	}
	f.made[at] = true
	copy(place, bits)
	return true
}

// bytes returns all numbers; an error says why those of the file are not known.
func (f *fresh) bytes() ([]byte, error) {
	if f.absent != nil && slices.Contains(f.made, false) {
		return nil, f.absent
	}
	return f.numbers, nil
}
