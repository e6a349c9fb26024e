package weights

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"breakeven/run"
)

// maxFile bounds a file for which Read allocates memory: 512 million float32 parameters. Load has
// no bound, since its caller provides the memory.
const maxFile = 2 << 30

// chunk is how many bytes of a tensor are read at a time: a multiple of every
// dtype's size.
const chunk = 1 << 18

// Overhead bounds what Load and Read allocate besides the tensors, in bytes, for a file with a
// header of at most 64 kB, which is that of 800 tensors. A longer header adds 32 bytes for each
// of its bytes. A file of PyTorch takes 4 kB more for each of its tensors, those of an optimizer among them.
const Overhead = 2 << 20

// ReadFile reads the file with the given name, as Read does, or the files that an index names.
func ReadFile(name string) (file *File, err error) {
	err = open(name, func(r io.ReaderAt, size int64, h *header) error {
		if file, err = h.read(r, size); err != nil {
			return fmt.Errorf("weights: %s: %w", name, err)
		}
		return nil
	})
	return file, err
}

// Read reads all tensors of a file of the given size: of a safetensors file, or of the state dict
// in a file of PyTorch. It needs memory for the tensors, once, and Overhead.
func Read(r io.ReaderAt, size int64) (*File, error) {
	h, err := readHeader(r, size)
	if err != nil {
		return nil, err
	}
	return h.read(r, size)
}

// read reads all tensors of a file of the given size whose header was read.
func (h *header) read(r io.ReaderAt, size int64) (*File, error) {
	if size > maxFile {
		return nil, fmt.Errorf("it has %d bytes, more than the %d that are read", size, int64(maxFile))
	}
	if err := h.choose(nil, nil); err != nil {
		return nil, err
	}
	values := int64(0)
	for _, e := range h.tensors { // all of them before memory is taken for one
		if !e.readable() && !e.counter() {
			return nil, fmt.Errorf("tensor %s: dtype %s is not read; save it as F32", label(e.name), e.dtype)
		}
		// Values of a file of PyTorch can be shared, and stand in a tensor many times.
		if values += int64(e.elements()); values > size {
			return nil, fmt.Errorf("its tensors have more numbers than the file has bytes")
		}
	}
	file, buffer := &File{Meta: h.meta, Notes: append(h.notes, h.converted()...)}, make([]byte, chunk)
	for _, e := range h.tensors {
		if e.counter() {
			continue
		}
		t := run.Tensor{Name: e.name, Shape: e.shape, Data: make([]float32, e.elements())}
		if err := h.fill(t.Data, e, r, buffer); err != nil {
			return nil, err
		}
		file.Tensors = append(file.Tensors, t)
	}
	return file, nil
}

// Decode reads the bytes of a file.
func Decode(content []byte) (*File, error) {
	return Read(bytes.NewReader(content), int64(len(content)))
}

// fill reads the tensor e into dst, which has its number of elements.
func (h *header) fill(dst []float32, e entry, r io.ReaderAt, buffer []byte) error {
	if e.check != nil {
		if err := e.check(); err != nil {
			return fmt.Errorf("tensor %s: %w", label(e.name), err)
		}
	}
	if e.strides != nil {
		return e.gather(dst, r, buffer)
	}
	d, at := dtypes[e.dtype], e.at
	for done := 0; done < len(dst); {
		n := min(len(dst)-done, len(buffer)/int(d.size))
		b := buffer[:n*int(d.size)]
		if err := readAt(r, b, at); err != nil {
			return unreadable(e, b, at, err)
		}
		for i := range n {
			x, ok := d.decode(b[i*int(d.size):])
			if !ok {
				return tooLarge(e, done+i)
			}
			dst[done+i] = x
		}
		done, at = done+n, at+int64(len(b))
	}
	return nil
}

func unreadable(e entry, b []byte, at int64, err error) error {
	return fmt.Errorf("tensor %s: reading %d bytes from byte %d on: %w", label(e.name), len(b), at, err)
}

func tooLarge(e entry, index int) error {
	return fmt.Errorf("tensor %s: element %d is too large for float32", label(e.name), index)
}

// readable reports whether tensors of this dtype are read.
func (e entry) readable() bool { return dtypes[e.dtype].decode != nil }

// converted returns one line for each dtype that is converted to float32.
func (h *header) converted() []string {
	counts, all := map[string]int{}, 0
	for _, e := range h.tensors {
		if !e.counter() {
			counts[e.dtype]++
			all++
		}
	}
	var lines []string
	for _, dtype := range []string{"F64", "F16", "BF16"} {
		if n := counts[dtype]; n > 0 {
			lines = append(lines, fmt.Sprintf("%d of %d tensors are %s, and were read as float32", n, all, dtype))
		}
	}
	return lines
}

// A dtype is a type of numbers: its size in bytes and, if it is read, a function that decodes one
// from the beginning of a little-endian slice and reports whether float32 can hold it.
type dtype struct {
	size   uint64
	decode func([]byte) (x float32, ok bool)
}

// dtypes are the types of the format whose elements are whole bytes.
var dtypes = map[string]dtype{
	"F32": {4, func(b []byte) (float32, bool) { return math.Float32frombits(binary.LittleEndian.Uint32(b)), true }},
	"F64": {8, float64bits},
	"F16": {2, func(b []byte) (float32, bool) { return float16(binary.LittleEndian.Uint16(b)), true }},
	"BF16": {2, func(b []byte) (float32, bool) {
		return math.Float32frombits(uint32(binary.LittleEndian.Uint16(b)) << 16), true
	}},
	"BOOL": {1, nil}, "U8": {1, nil}, "I8": {1, nil}, "U16": {2, nil}, "I16": {2, nil}, "U32": {4, nil}, "I32": {4, nil},
	"U64": {8, nil}, "I64": {8, nil}, "C64": {8, nil}, "F8_E4M3": {1, nil}, "F8_E5M2": {1, nil}, "F8_E8M0": {1, nil},
}

// float64bits rounds to float32. A finite number must stay finite.
func float64bits(b []byte) (float32, bool) {
	x := math.Float64frombits(binary.LittleEndian.Uint64(b))
	y := float32(x)
	return y, !math.IsInf(float64(y), 0) || math.IsInf(x, 0)
}

// float16 widens an IEEE 754 binary16 number: 1 sign bit, 5 of exponent with
// bias 15, 10 of fraction.
func float16(h uint16) float32 {
	sign := uint32(h>>15) << 31
	exponent := uint32(h>>10) & 0x1f
	fraction := uint32(h) & 0x3ff
	switch exponent {
	case 0: // zero and subnormal: fraction · 2⁻²⁴
		magnitude := float32(fraction) * 0x1p-24
		return math.Float32frombits(sign | math.Float32bits(magnitude))
	case 0x1f: // infinity and NaN
		return math.Float32frombits(sign | 0x7f800000 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | fraction<<13)
}
