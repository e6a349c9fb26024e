package table

import (
	"encoding/binary"
	"fmt"
	"io"
	"strings"

	"breakeven/internal/numpy"
)

// maxNPYHeader bounds the header of an array. The first version of the format allows that much;
// longer headers are those of records with very many fields.
const maxNPYHeader = 1 << 16

// An npyHeader is the header of an npy array.
type npyHeader struct {
	dtype   numpy.DType
	shape   []int
	fortran bool
	length  int64 // of the header and all before it, in bytes
}

// readNPYHeader reads the header of an array and checks it.
func readNPYHeader(r io.Reader) (*npyHeader, error) {
	var first [12]byte
	if _, err := io.ReadFull(r, first[:10]); err != nil {
		return nil, fmt.Errorf("truncated: not even the header of an npy array is there")
	}
	if string(first[:6]) != "\x93NUMPY" {
		return nil, fmt.Errorf("not an npy array: it does not begin with \\x93NUMPY")
	}
	n, length := int64(binary.LittleEndian.Uint16(first[8:])), int64(10)
	switch first[6] {
	case 1:
	case 2, 3:
		if _, err := io.ReadFull(r, first[10:]); err != nil {
			return nil, fmt.Errorf("truncated in its header")
		}
		n, length = int64(binary.LittleEndian.Uint32(first[8:])), 12
	default:
		return nil, fmt.Errorf("version %d of the npy format; 1, 2 and 3 are read", first[6])
	}
	if n > maxNPYHeader {
		return nil, fmt.Errorf("a header of %d bytes, more than the %d that are read", n, maxNPYHeader)
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(r, text); err != nil {
		return nil, fmt.Errorf("truncated in its header")
	}
	h, err := parseNPYHeader(string(text))
	if err != nil {
		return nil, fmt.Errorf("its header: %w", err)
	}
	h.length = length + n
	return h, nil
}

// column describes the array.
func (h *npyHeader) column(name string) Column {
	c := Column{Name: name, Kind: kinds[h.dtype.Kind], Shape: h.shape, Why: h.dtype.Why}
	if c.Kind != String && c.Kind != Other {
		c.Bits = 8 * h.dtype.Size
	}
	return c
}

// kinds are the kinds of columns that NumPy's kinds are read as.
var kinds = map[numpy.Kind]Kind{
	numpy.Other: Other, numpy.Bool: Bool, numpy.Int: Int, numpy.Uint: Int, numpy.Float: Float,
	numpy.Bytes: String, numpy.Text: String, numpy.Time: Time,
}

// check compares the array's size with the number of bytes that follow its header.
func (h *npyHeader) check(have int64) error {
	if need := h.bytes(); need != have {
		state := "truncated"
		if have > need {
			state = "damaged"
		}
		return fmt.Errorf("%s: %d bytes of values, and a shape of %v takes %d", state, have, h.shape, need)
	}
	return nil
}

// bytes returns the size of the values in bytes. The shape has been checked.
func (h *npyHeader) bytes() int64 { return int64(elements(h.shape)) * int64(h.dtype.Size) }

// read reads the values from r into a sink.
func (h *npyHeader) read(r io.Reader, into sink, f *Field) error {
	n, size := elements(h.shape), h.dtype.Size
	order := numpy.NewOrder(h.shape, h.fortran)
	buf := make([]byte, max(1<<16/size, 1)*size)
	for done := 0; done < n; {
		part := buf[:min(len(buf)/size, n-done)*size]
		if k, err := io.ReadFull(r, part); err != nil {
			return fmt.Errorf("truncated or damaged after %d of its %d bytes of values (%w)", int64(done)*int64(size)+int64(k), h.bytes(), err)
		}
		for at := 0; at < len(part); at += size {
			if err := h.set(into, order.Next(), part[at:at+size], f); err != nil {
				return err
			}
		}
		done += len(part) / size
	}
	return nil
}

// set converts the bytes of one value and stores it.
func (h *npyHeader) set(into sink, at int, b []byte, f *Field) error {
	v, err := h.value(b)
	if err == nil {
		err = into.set(at, v, f)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", place(at, h.shape), err)
	}
	return nil
}

// value returns the value that b is.
func (h *npyHeader) value(b []byte) (v value, err error) {
	d := &h.dtype
	v.kind = kinds[d.Kind]
	switch d.Kind {
	case numpy.Bool, numpy.Int, numpy.Uint:
		v.i, err = d.Int(b)
	case numpy.Float:
		v.f = d.Float(b)
	case numpy.Bytes, numpy.Text:
		v.s, err = d.String(b)
	case numpy.Time:
		if v.i, err = d.Int(b); err == nil {
			return timeOf(v.i, d.Unit)
		}
	}
	return v, err
}

// place writes the index of an element: value [3, 17].
func place(at int, shape []int) string {
	if len(shape) == 0 {
		return "value"
	}
	index := make([]string, len(shape))
	for d := len(shape) - 1; d >= 0; d-- {
		index[d] = fmt.Sprint(at % shape[d])
		at /= shape[d]
	}
	return "value [" + strings.Join(index, ", ") + "]"
}
