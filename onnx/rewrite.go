package onnx

import (
	"errors"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// Numbers of fields: of a model, a graph and a tensor.
const (
	graphField   = 7
	nodeField    = 1
	tensorField  = 5
	dimsField    = 1
	kindField    = 2
	nameField    = 8
	rawField     = 9
	locatedField = 14
)

// numbersFields are those of a tensor that hold its numbers, or say where they are.
var numbersFields = map[protowire.Number]bool{4: true, 5: true, 6: true, 7: true, rawField: true, 10: true, 11: true, 13: true, locatedField: true}

// rewritten returns a message whose fields f has replaced: it gets a field as it stands in the message, and the content
// of one that holds bytes, else nil, and appends what takes its place.
func rewritten(b []byte, f func(to []byte, num protowire.Number, whole, content []byte) ([]byte, error)) ([]byte, error) {
	out := make([]byte, 0, len(b))
	for len(b) > 0 {
		num, typ, tag := protowire.ConsumeTag(b)
		if tag < 0 {
			return nil, malformed(tag)
		}
		n := protowire.ConsumeFieldValue(num, typ, b[tag:])
		if n < 0 {
			return nil, malformed(n)
		}
		var content []byte
		if typ == protowire.BytesType {
			content, _ = protowire.ConsumeBytes(b[tag:])
		}
		var err error
		if out, err = f(out, num, b[:tag+n], content); err != nil {
			return nil, err
		}
		if len(out) > math.MaxInt32 {
			return nil, errors.New("with all numbers in it the file would have more than 2 GiB, which none in ONNX may have")
		}
		b = b[tag+n:]
	}
	return out, nil
}

func appendBytes(to []byte, num protowire.Number, b []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(to, num, protowire.BytesType), b)
}

func appendInt(to []byte, num protowire.Number, x int64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(to, num, protowire.VarintType), uint64(x))
}

// model returns the bytes of the file with other numbers.
func (s *saver) model() ([]byte, error) {
	return rewritten(s.file.bytes, func(to []byte, num protowire.Number, whole, content []byte) ([]byte, error) {
		if num != graphField || content == nil {
			return append(to, whole...), nil
		}
		g, err := s.graph(content)
		return appendBytes(to, graphField, g), err
	})
}

func (s *saver) graph(b []byte) ([]byte, error) {
	var nodes, tensors int
	var own []*fresh // initializers that nodes become
	out, err := rewritten(b, func(to []byte, num protowire.Number, whole, content []byte) ([]byte, error) {
		switch {
		case content == nil:
		case num == nodeField:
			n := s.file.graph.nodes[nodes]
			nodes++
			if f := s.copy(n); f != nil {
				own = append(own, f)
				return to, nil
			}
		case num == tensorField:
			t := s.file.graph.tensors[tensors]
			tensors++
			f := s.fresh[t.name]
			if f == nil && t.external == nil {
				break
			}
			numbers, err := s.numbers(f, t)
			if err != nil {
				return nil, err
			}
			b, err := withNumbers(content, numbers)
			return appendBytes(to, tensorField, b), err
		}
		return append(to, whole...), nil
	})
	for _, f := range own {
		b, err := f.bytes()
		if err != nil {
			return nil, err
		}
		out = appendBytes(out, tensorField, f.message(b))
	}
	return out, err
}

// copy returns the initializer that the node becomes, if it gives one another name and has numbers of its own now.
func (s *saver) copy(n *node) *fresh {
	if s.copied(n) == nil {
		return nil
	}
	return s.fresh[n.out[0]]
}

func (s *saver) numbers(f *fresh, t *tensor) ([]byte, error) {
	if f != nil {
		return f.bytes()
	}
	return t.bytes(s.file.folder)
}

// withNumbers returns a tensor with these numbers, which stand where its own stood.
func withNumbers(b, numbers []byte) ([]byte, error) {
	done := false
	out, err := rewritten(b, func(to []byte, num protowire.Number, whole, _ []byte) ([]byte, error) {
		switch {
		case !numbersFields[num]:
			return append(to, whole...), nil
		case done:
			return to, nil
		}
		done = true
		return appendBytes(to, rawField, numbers), nil
	})
	if !done && len(numbers) > 0 {
		out = appendBytes(out, rawField, numbers)
	}
	return out, err
}

// message returns a tensor as a file holds it.
func (f *fresh) message(numbers []byte) []byte {
	var b []byte
	for _, d := range f.dims {
		b = appendInt(b, dimsField, d)
	}
	b = appendInt(b, kindField, int64(f.kind))
	b = appendBytes(b, nameField, []byte(f.name))
	return appendBytes(b, rawField, numbers)
}
