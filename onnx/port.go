package onnx

import (
	"fmt"
	"math"

	"breakeven/nn"
)

// A port is an input or an output of a graph.
type port struct {
	name string
	kind kind
	dims []int64 // −1: any
	rank bool    // the dimensions are known
}

// decodePort reads the name and the type of an input or an output.
func decodePort(b []byte) (p port, err error) {
	tensorType := func(f field) error {
		if f.num == 1 {
			p.kind = kind(f.bits)
		}
		if f.num != 2 || f.data == nil {
			return nil
		}
		p.rank = true
		return fields(f.data, func(f field) error {
			if f.num != 1 || f.data == nil {
				return nil
			}
			dim := int64(-1)
			err := fields(f.data, func(f field) error {
				if f.num == 1 && f.data == nil {
					dim = int64(f.bits)
				}
				return nil
			})
			if p.dims = append(p.dims, dim); len(p.dims) > maxRank {
				return fmt.Errorf("a tensor of more than %d dimensions", maxRank)
			}
			return err
		})
	}
	err = fields(b, func(f field) error {
		switch {
		case f.num == 1:
			return f.text(&p.name)
		case f.num == 2 && f.data != nil:
			return fields(f.data, func(f field) error {
				if f.num == 1 && f.data != nil {
					return fields(f.data, tensorType)
				}
				return nil
			})
		}
		return nil
	})
	return p, err
}

func names(ports []port) string {
	var list []string
	for _, p := range ports {
		list = append(list, fmt.Sprintf("%q", p.name))
	}
	return fmt.Sprint(list)
}

// fits returns the axes of an input of the graph for data, and an error if these do not fit.
func (p port) fits(x nn.Input) (axes string, err error) {
	s := x.Shape
	var dims []int
	switch {
	case x.Below > 0:
		axes, dims = "T", []int{s.T}
	case s.T > 0 && s.H*s.W == 1:
		axes, dims = "TC", []int{s.T, s.C}
	case len(p.dims) == 2 && s.T == 0:
		axes, dims = "C", []int{s.Size()}
	case len(p.dims) == 3 && s.T == 0 && s.H == 1:
		axes, dims = "CW", []int{s.C, s.W}
	case s.T == 0:
		axes, dims = "CHW", []int{s.C, s.H, s.W}
	}
	fit := axes != "" && p.kind.integer() == (x.Below > 0) && (!p.rank || len(p.dims) == len(dims)+1)
	for i := range dims {
		fit = fit && (!p.rank || p.dims[i+1] < 0 || p.dims[i+1] == int64(dims[i]))
	}
	if !fit {
		return "", fmt.Errorf("input %q is a tensor of %v of the shape %s, and the data have examples of %v", p.name, p.kind, wanted(p.dims), s)
	}
	return axes, nil
}

// Inputs returns the inputs that the graph declares, if it says how large they are.
func (f *File) Inputs() ([]nn.Input, error) {
	var all []nn.Input
	for k, r := range f.Readings() {
		if r.Mask {
			continue
		}
		p := f.inputs[k]
		in, ok := p.input()
		if r.Rows > 0 {
			in.Below = r.Rows
		}
		if r.Signal {
			in.Shape = nn.Shape{C: in.Shape.T, H: 1, W: in.Shape.C}
		}
		if !ok {
			return nil, fmt.Errorf("onnx: %s: input %q has the shape %s: only data can say how large it is", f.name, p.name, wanted(p.dims))
		}
		all = append(all, in)
	}
	return all, nil
}

// input returns the input that a port declares.
func (p port) input() (in nn.Input, ok bool) {
	in.Name = p.name
	for k, d := range p.dims {
		if k > 0 && (d < 1 || d > largest) {
			return in, false
		}
	}
	size := func(k int) int { return int(p.dims[k]) }
	switch {
	case p.kind.integer() && len(p.dims) == 2:
		in.Shape, in.Below = nn.Seq(size(1), 1), math.MaxInt32
	case p.kind.integer():
		return in, false
	case len(p.dims) == 2:
		in.Shape = nn.Vec(size(1))
	case len(p.dims) == 3:
		in.Shape = nn.Seq(size(1), size(2))
	case len(p.dims) == 4:
		in.Shape = nn.Shape{C: size(1), H: size(2), W: size(3)}
	default:
		return in, false
	}
	return in, true
}
