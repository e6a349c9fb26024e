package onnx

import (
	"errors"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// A field is one field of a protobuf message.
type field struct {
	num  protowire.Number
	bits uint64 // of a number
	data []byte // of a string, a message or packed numbers; nil: the field is a number
}

// fields calls f for each field of a message.
func fields(b []byte, f func(field) error) error {
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return malformed(n)
		}
		b = b[n:]
		v := field{num: num}
		switch typ {
		case protowire.VarintType:
			v.bits, n = protowire.ConsumeVarint(b)
		case protowire.Fixed32Type:
			var x uint32
			x, n = protowire.ConsumeFixed32(b)
			v.bits = uint64(x)
		case protowire.Fixed64Type:
			v.bits, n = protowire.ConsumeFixed64(b)
		case protowire.BytesType:
			if v.data, n = protowire.ConsumeBytes(b); v.data == nil {
				v.data = []byte{}
			}
		default:
			n = protowire.ConsumeFieldValue(num, typ, b)
			v.num = 0 // groups are in no message of ONNX
		}
		if n < 0 {
			return malformed(n)
		}
		if b = b[n:]; v.num == 0 {
			continue
		}
		if err := f(v); err != nil {
			return err
		}
	}
	return nil
}

func malformed(n int) error {
	return fmt.Errorf("it is no protobuf message, or is cut off: %w", protowire.ParseError(n))
}

// message returns the bytes of a field that holds a message or a string.
func (f field) message() ([]byte, error) {
	if f.data == nil {
		return nil, fmt.Errorf("field %d is a number where a message or a text is wanted", f.num)
	}
	return f.data, nil
}

// text sets s to the text of a field.
func (f field) text(s *string) error {
	b, err := f.message()
	*s = string(b)
	return err
}

// pair returns the texts of a field that holds a key and a value.
func (f field) pair() (key, value string, err error) {
	b, err := f.message()
	if err != nil {
		return "", "", err
	}
	err = fields(b, func(f field) error {
		switch f.num {
		case 1:
			return f.text(&key)
		case 2:
			return f.text(&value)
		}
		return nil
	})
	return key, value, err
}

// ints appends the integers of a field, packed or not.
func (f field) ints(to []int64) ([]int64, error) {
	if f.data == nil {
		return append(to, int64(f.bits)), nil
	}
	for b := f.data; len(b) > 0; {
		v, n := protowire.ConsumeVarint(b)
		if n < 0 {
			return nil, malformed(n)
		}
		to, b = append(to, int64(v)), b[n:]
	}
	return to, nil
}

// floats appends the numbers of a field, packed or not.
func (f field) floats(to []float32) ([]float32, error) {
	if f.data == nil {
		return append(to, math.Float32frombits(uint32(f.bits))), nil
	}
	if len(f.data)%4 != 0 {
		return nil, errors.New("packed numbers are cut off")
	}
	for b := f.data; len(b) > 0; b = b[4:] {
		v, _ := protowire.ConsumeFixed32(b)
		to = append(to, math.Float32frombits(v))
	}
	return to, nil
}
