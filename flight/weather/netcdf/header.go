package netcdf

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"unicode/utf8"
)

// A header reads what stands before the values. The first error stays, and all that follows is zero.
type header struct {
	r    io.Reader
	at   int64
	size int64 // no more bytes than that
	wide bool  // offsets have 64 bits
	err  error
}

func (h *header) fail(format string, args ...any) {
	if h.err == nil {
		h.err = fmt.Errorf(format, args...)
	}
}

// bytes returns the next n bytes.
func (h *header) bytes(n int64) []byte {
	if h.err == nil && (n < 0 || n > h.size-h.at) {
		h.fail("the file ends in it: it is truncated or damaged")
	}
	if h.err != nil {
		return make([]byte, min(max(n, 0), 8))
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(h.r, b); err != nil {
		h.fail("%w", err)
	}
	h.at += n
	return b
}

func (h *header) word() uint32 { return binary.BigEndian.Uint32(h.bytes(4)) }

// count returns a number of things that take at least so many bytes each.
func (h *header) count(each int64) int {
	n := h.word()
	if int64(n)*each > h.size-h.at {
		h.fail("it claims %d entries, more than the file can have", n)
		return 0
	}
	return int(n)
}

// padded returns n bytes, and goes over those that fill up to four.
func (h *header) padded(n int64) []byte {
	b := h.bytes((n + 3) &^ 3)
	if h.err != nil {
		return nil
	}
	return b[:n]
}

// name returns a name, which is printed in errors.
func (h *header) name() string {
	n := h.count(1)
	if n > 4096 {
		h.fail("a name of %d bytes", n)
	}
	if h.err != nil {
		return ""
	}
	s := string(h.padded(int64(n)))
	for _, c := range s {
		if c < ' ' || c == 0x7f || c == utf8.RuneError {
			h.fail("the name %q is not text", s)
		}
	}
	return s
}

// list begins a list of things with a tag, and returns how many it has.
func (h *header) list(tag uint32, each int64) int {
	got := h.word()
	n := h.count(each)
	if got != tag && (got != 0 || n != 0) {
		h.fail("tag %d stands where %d should", got, tag)
	}
	if h.err != nil {
		return 0
	}
	return n
}

const (
	tagDim  = 10
	tagVar  = 11
	tagAttr = 12
)

// streaming is the number of records of a file that was never closed.
const streaming = math.MaxUint32

func (h *header) file(size int64) *File {
	records := h.word()
	f := &File{}
	for range h.list(tagDim, 8) {
		f.Dims = append(f.Dims, h.dim(records))
		if h.err != nil {
			return nil
		}
	}
	f.Attrs = h.attrs()
	for range h.list(tagVar, 28) {
		f.Vars = append(f.Vars, h.variable(f, size))
		if h.err != nil {
			return nil
		}
	}
	if h.err == nil {
		h.err = f.place(records, size)
	}
	return f
}

func (h *header) dim(records uint32) Dim {
	d := Dim{Name: h.name()}
	n := h.word()
	if n == 0 {
		d.Record = true
		n = records
	}
	if n > math.MaxInt32 && n != streaming {
		h.fail("dimension %s has %d entries", d.Name, n)
	}
	d.Len = int(n)
	return d
}

func (h *header) attrs() []Attr {
	var list []Attr
	for range h.list(tagAttr, 12) {
		a := Attr{Name: h.name()}
		k := kind(h.word())
		if h.err == nil && k.size() == 0 {
			h.fail("attribute %s is of type %d", a.Name, k)
		}
		n := h.count(max(k.size(), 1))
		b := h.padded(int64(n) * k.size())
		if h.err != nil {
			return nil
		}
		if k == kindChar {
			a.Text = string(b)
		} else {
			for ; int64(len(b)) >= k.size(); b = b[k.size():] {
				a.Numbers = append(a.Numbers, k.value(b))
			}
		}
		list = append(list, a)
	}
	return list
}

func (h *header) variable(f *File, size int64) *Variable {
	v := &Variable{Name: h.name(), size: size}
	for k := range h.count(4) {
		id := h.word()
		if int64(id) >= int64(len(f.Dims)) {
			h.fail("variable %s has dimension %d of %d", v.Name, id, len(f.Dims))
			return v
		}
		if d := &f.Dims[id]; d.Record && k > 0 {
			h.fail("variable %s has records in dimension %d, where only the first may have them", v.Name, k+1)
		} else {
			v.Dims = append(v.Dims, d)
		}
	}
	v.Attrs = h.attrs()
	v.kind = kind(h.word())
	if h.err == nil && v.kind.size() == 0 {
		h.fail("variable %s is of type %d", v.Name, v.kind)
	}
	h.word() // the size, which follows from the dimensions and may not fit
	if h.wide {
		v.begin = int64(h.word()) << 32
	}
	v.begin |= int64(h.word())
	return v
}

// place checks that the file holds all values, and finds how far apart its records are.
func (f *File) place(records uint32, size int64) error {
	stride, recorded := int64(0), 0
	for _, v := range f.Vars {
		bytes, err := v.bytes(size)
		if err != nil {
			return err
		}
		if v.recorded() {
			stride += (bytes + 3) &^ 3
			recorded++
			v.stride = bytes
		} else if v.begin < 0 || v.begin > size-bytes {
			return fmt.Errorf("the values of variable %s lie beyond the end of the file: it is truncated", v.Name)
		}
	}
	if recorded == 0 {
		return nil
	}
	if records == streaming {
		return errors.New("the number of its records is not written: the program that made it did not close it")
	}
	for _, v := range f.Vars {
		if !v.recorded() {
			continue
		}
		bytes := v.stride
		if recorded > 1 { // the records of one variable alone are not padded
			v.stride = stride
		}
		last := max(int64(records)-1, 0)
		if v.begin < 0 || v.begin > size || records > 0 && (v.stride > 0 && last > (size-v.begin)/v.stride || v.begin+last*v.stride > size-bytes) {
			return fmt.Errorf("the %d records of variable %s end beyond the end of the file: it is truncated", records, v.Name)
		}
	}
	return nil
}

func (v *Variable) recorded() bool { return len(v.Dims) > 0 && v.Dims[0].Record }

// bytes returns the size of the values of a variable, or of one of its records.
func (v *Variable) bytes(size int64) (int64, error) {
	bytes := v.kind.size()
	for _, d := range v.Dims {
		if d.Record {
			continue
		}
		if n := int64(d.Len); n == 0 || bytes > size/n {
			return 0, fmt.Errorf("variable %s is larger than the file: it is truncated or damaged", v.Name)
		}
		bytes *= int64(d.Len)
	}
	return bytes, nil
}
