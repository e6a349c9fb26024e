// Package netcdf reads files in the classic format of NetCDF (NetCDF Classic and 64-bit Offset Format
// Specifications, OGC 10-092r3): versions 1 and 2. Version 5 and NetCDF-4, which is HDF5, are named and
// refused.
//
// Laws:
//
//   - [Open] reads the header only, and [Variable.Read] one slice of a variable.
//   - A file is hostile until read: every count and length is compared with the size of the file
//     before memory is taken for it.
package netcdf

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// maxHeader bounds the bytes of a header.
const maxHeader = 64 << 20

// A File is the header of a file.
type File struct {
	Dims  []Dim
	Attrs []Attr // of the whole file
	Vars  []*Variable
}

// A Dim is a dimension. The length of the record dimension is the number of records.
type Dim struct {
	Name   string
	Len    int
	Record bool
}

// An Attr is an attribute: text, or numbers.
type Attr struct {
	Name    string
	Text    string
	Numbers []float64
}

// A Variable is an array of numbers, with the dimension that varies slowest first.
type Variable struct {
	Name  string
	Dims  []*Dim
	Attrs []Attr

	kind   kind
	begin  int64
	stride int64 // bytes from one record to the next
	size   int64 // of the file
}

// kind is the external type of values.
type kind uint32

const (
	kindByte kind = 1 + iota
	kindChar
	kindShort
	kindInt
	kindFloat
	kindDouble
)

// size returns the bytes of a value, 0 if there is no such kind.
func (k kind) size() int64 {
	if k < kindByte || k > kindDouble {
		return 0
	}
	return [...]int64{1, 1, 2, 4, 4, 8}[k-1]
}

// Open reads the header of a file of the given size.
func Open(r io.ReaderAt, size int64) (*File, error) {
	h := &header{r: io.NewSectionReader(r, 0, size), size: min(size, maxHeader)}
	magic := h.bytes(4)
	switch {
	case h.err == nil && bytes.Equal(magic, []byte("\x89HDF")):
		return nil, errors.New("it is NetCDF-4 (HDF5), and classic NetCDF-3 is read; convert it, as with: nccopy -k classic IN OUT")
	case h.err == nil && bytes.Equal(magic, []byte("CDF\x05")):
		return nil, errors.New("it is NetCDF of version 5, and versions 1 and 2 are read; convert it, as with: nccopy -k classic IN OUT")
	case h.err != nil || !bytes.Equal(magic, []byte("CDF\x01")) && !bytes.Equal(magic, []byte("CDF\x02")):
		return nil, errors.New("it is not a NetCDF file")
	}
	h.wide = magic[3] == 2
	f := h.file(size)
	if h.err != nil {
		return nil, fmt.Errorf("at byte %d of the header: %w", h.at, h.err)
	}
	return f, nil
}

// Attr returns an attribute of the variable, and whether there is one.
func (v *Variable) Attr(name string) (Attr, bool) {
	for _, a := range v.Attrs {
		if a.Name == name {
			return a, true
		}
	}
	return Attr{}, false
}

// Len returns the number of values in one slice of the variable, with its first n dimensions fixed.
func (v *Variable) Len(n int) int {
	size := 1
	for _, d := range v.Dims[n:] {
		size *= d.Len
	}
	return size
}

// Read writes to dst the values at the given indices of the first dimensions; all values without
// indices. Missing values (_FillValue, missing_value) are NaN; scale_factor and add_offset are applied.
func (v *Variable) Read(r io.ReaderAt, dst []float64, index ...int) error {
	if len(dst) != v.Len(len(index)) {
		panic(fmt.Sprintf("netcdf: %d values for a slice of %d", len(dst), v.Len(len(index))))
	}
	if v.kind == kindChar {
		return fmt.Errorf("variable %s is text", v.Name)
	}
	// A variable with records lies in pieces, one a record.
	if len(index) == 0 && len(v.Dims) > 0 && v.Dims[0].Record {
		n := v.Len(1)
		for i := range v.Dims[0].Len {
			if err := v.Read(r, dst[i*n:(i+1)*n], i); err != nil {
				return err
			}
		}
		return nil
	}
	b := make([]byte, int64(len(dst))*v.kind.size())
	if n, err := r.ReadAt(b, v.offset(index)); n < len(b) {
		return fmt.Errorf("variable %s: the file ends in its values (%w): it is truncated", v.Name, cause(err))
	}
	v.decode(dst, b)
	return nil
}

// cause returns an error of reading, with the end of a file as what it is: unexpected.
func cause(err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// offset returns the byte in the file at which a slice begins.
func (v *Variable) offset(index []int) int64 {
	at := v.begin
	for k, i := range index {
		if i < 0 || i >= v.Dims[k].Len {
			panic(fmt.Sprintf("netcdf: index %d of a dimension of %d", i, v.Dims[k].Len))
		}
		if v.Dims[k].Record {
			at += int64(i) * v.stride
		} else {
			at += int64(i) * int64(v.Len(k+1)) * v.kind.size()
		}
	}
	return at
}

// decode converts values as stored.
func (v *Variable) decode(dst []float64, b []byte) {
	scale, offset := v.number("scale_factor", 1), v.number("add_offset", 0)
	fill, missing := v.number("_FillValue", v.kind.fill()), v.number("missing_value", math.NaN())
	for i := range dst {
		x := v.kind.value(b)
		b = b[v.kind.size():]
		if x == fill || x == missing {
			dst[i] = math.NaN()
		} else {
			dst[i] = x*scale + offset
		}
	}
}

// number returns an attribute of one number.
func (v *Variable) number(name string, otherwise float64) float64 {
	if a, ok := v.Attr(name); ok && len(a.Numbers) == 1 {
		return a.Numbers[0]
	}
	return otherwise
}

// fill returns what stands for values that were never written, where the file does not say.
func (k kind) fill() float64 {
	switch k {
	case kindShort:
		return -32767
	case kindInt:
		return -2147483647
	case kindFloat, kindDouble:
		return float64(float32(9.9692099683868690e+36))
	}
	return math.NaN()
}

// value returns the first value in b.
func (k kind) value(b []byte) float64 {
	switch k {
	case kindByte, kindChar:
		return float64(int8(b[0]))
	case kindShort:
		return float64(int16(binary.BigEndian.Uint16(b)))
	case kindInt:
		return float64(int32(binary.BigEndian.Uint32(b)))
	case kindFloat:
		return float64(math.Float32frombits(binary.BigEndian.Uint32(b)))
	}
	return math.Float64frombits(binary.BigEndian.Uint64(b))
}
