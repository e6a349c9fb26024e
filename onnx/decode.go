package onnx

import (
	"errors"
	"fmt"
	"strings"
)

// most is how many nodes, initializers, attributes and so on of a kind a graph may have: each of them
// takes more memory than the two bytes that it may have in a file.
const most = 1 << 17

// A graph is what a file holds.
type graph struct {
	opset   int64
	nodes   []*node
	tensors []*tensor // initializers
	inputs  []port
	outputs []port
	program string              // that made the file
	roles   map[string]string   // of tensors in PyTorch, as its newer exporter notes them, also of those that are not in the file
	made    map[string][]string // of which tensors it computed others
	local   map[string]bool     // functions that the file defines itself
	left    int                 // how many more parts there may be
}

// A node is one operator of a graph.
type node struct {
	name, op, domain string
	in, out          []string
	attributes       map[string]*attribute
	module           string // of PyTorch, which the newer exporter notes
}

// An attribute is a setting of an operator.
type attribute struct {
	f      float32
	i      int64
	s      string
	t      *tensor
	floats []float32
	ints   []int64

	strings []string
}

// decode reads a model.
func decode(b []byte) (*graph, error) {
	g := &graph{local: map[string]bool{}, roles: map[string]string{}, made: map[string][]string{}, left: most}
	var body []byte
	err := fields(b, func(f field) error {
		switch f.num {
		case 2:
			return f.text(&g.program)
		case 7:
			if body != nil {
				return errors.New("it holds several graphs")
			}
			var err error
			body, err = f.message()
			return err
		case 8:
			return g.decodeOpset(f)
		case 25:
			return g.decodeFunction(f)
		}
		return nil
	})
	switch {
	case err != nil:
		return nil, err
	case body == nil:
		return nil, errors.New("it holds no graph: it is no model in ONNX")
	}
	if err := fields(body, g.decodePart); err != nil {
		return nil, err
	}
	for _, t := range g.tensors {
		t.role = g.role(t.name)
	}
	return g, nil
}

func (g *graph) decodeOpset(f field) error {
	b, err := f.message()
	if err != nil {
		return err
	}
	var domain string
	var version int64
	err = fields(b, func(f field) error {
		switch f.num {
		case 1:
			return f.text(&domain)
		case 2:
			version = int64(f.bits)
		}
		return nil
	})
	if domain == "" || domain == "ai.onnx" {
		g.opset = version
	}
	return err
}

func (g *graph) decodeFunction(f field) error {
	b, err := f.message()
	if err != nil {
		return err
	}
	return fields(b, func(f field) error {
		if f.num != 1 {
			return nil
		}
		var name string
		err := f.text(&name)
		g.local[name] = true
		return errors.Join(err, g.count())
	})
}

// count counts a part of the graph.
func (g *graph) count() error {
	if g.left--; g.left < 0 {
		return fmt.Errorf("its graph has more than %d parts", most)
	}
	return nil
}

// decodePart reads a field of the graph.
func (g *graph) decodePart(f field) error {
	if f.data == nil {
		return nil
	}
	if err := g.count(); err != nil {
		return err
	}
	switch f.num {
	case 1:
		n, err := g.decodeNode(f.data)
		g.nodes = append(g.nodes, n)
		return err
	case 5:
		t, err := g.decodeTensor(f.data)
		g.tensors = append(g.tensors, t)
		return err
	case 11:
		p, err := decodePort(f.data)
		g.inputs = append(g.inputs, p)
		return err
	case 12:
		p, err := decodePort(f.data)
		g.outputs = append(g.outputs, p)
		return err
	case 13:
		return g.decodeValue(f.data)
	case 16:
		return g.decodeSignature(f)
	case 15:
		return errors.New("it has sparse initializers, which are not read: save them as dense ones")
	}
	return nil
}

func (g *graph) decodeNode(b []byte) (*node, error) {
	n := &node{}
	names := func(list []string, f field) ([]string, error) {
		var s string
		err := errors.Join(g.count(), f.text(&s))
		return append(list, s), err
	}
	err := fields(b, func(f field) (err error) {
		switch f.num {
		case 1:
			n.in, err = names(n.in, f)
		case 2:
			n.out, err = names(n.out, f)
		case 3:
			err = f.text(&n.name)
		case 4:
			err = f.text(&n.op)
		case 5:
			err = g.decodeAttribute(n, f)
		case 7:
			err = f.text(&n.domain)
		case 9:
			err = g.decodeNote(n, f)
		}
		return err
	})
	return n, err
}

// decodeNote reads the module of a node from a note like [”, 'block', 'block.rnn', 'lstm'].
func (g *graph) decodeNote(n *node, f field) error {
	key, value, err := f.pair()
	if scopes := strings.Split(value, "'"); key == "pkg.torch.onnx.name_scopes" && len(scopes) >= 5 {
		n.module = strings.Clone(scopes[len(scopes)-4])
	}
	return errors.Join(err, g.count())
}

func (g *graph) decodeAttribute(n *node, f field) error {
	b, err := f.message()
	if err != nil {
		return err
	}
	if err := g.count(); err != nil {
		return err
	}
	name, a := "", &attribute{}
	err = fields(b, func(f field) (err error) {
		switch f.num {
		case 1:
			err = f.text(&name)
		case 2:
			var one []float32
			if one, err = f.floats(nil); err == nil && len(one) == 1 {
				a.f = one[0]
			}
		case 3:
			a.i = int64(f.bits)
		case 4:
			err = f.text(&a.s)
		case 5:
			if b, err = f.message(); err == nil {
				a.t, err = g.decodeTensor(b)
			}
		case 7:
			a.floats, err = f.floats(a.floats)
		case 8:
			a.ints, err = f.ints(a.ints)
		case 9:
			var s string
			err = errors.Join(g.count(), f.text(&s))
			a.strings = append(a.strings, s)
		}
		return err
	})
	if n.attributes == nil {
		n.attributes = map[string]*attribute{}
	}
	n.attributes[name] = a
	return err
}
