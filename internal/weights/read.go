package weights

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"strings"

	"github.com/nlpodyssey/safetensors"
)

const (
	// maxFile bounds a file: 512 million float32 parameters.
	maxFile = 2 << 30
	// maxHeader bounds a header. The format allows 100 MB, which decodes to
	// gigabytes; a state dict of ten thousand tensors needs 2 MB.
	maxHeader = 16 << 20
)

// ReadFile reads the safetensors file with the given name.
func ReadFile(name string) (*File, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("weights: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, fmt.Errorf("weights: %w", err)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("weights: %s is not a file", name)
	case info.Size() > maxFile:
		return nil, fmt.Errorf("weights: %s has %d bytes, more than the %d that are read", name, info.Size(), int64(maxFile))
	}
	buffer := make([]byte, info.Size())
	if _, err := io.ReadFull(f, buffer); err != nil {
		return nil, fmt.Errorf("weights: %w", err)
	}
	file, err := Decode(buffer)
	if err != nil {
		return nil, fmt.Errorf("weights: %s: %w", name, err)
	}
	file.Name = name
	return file, nil
}

// Decode reads the bytes of a safetensors file.
func Decode(buffer []byte) (*File, error) {
	header, err := headerOf(buffer)
	if err != nil {
		return nil, err
	}
	tensors, err := safetensors.Deserialize(buffer)
	if err != nil {
		return nil, explain(err, header, int64(len(buffer)-8-len(header)))
	}
	file := &File{}
	for _, t := range tensors.Tensors() {
		if err := file.add(t.Name, t.TensorView); err != nil {
			return nil, fmt.Errorf("tensor %q: %w", t.Name, err)
		}
	}
	var meta struct {
		Entries map[string]string `json:"__metadata__"`
	}
	if err := json.Unmarshal(header, &meta); err != nil {
		return nil, fmt.Errorf("not a safetensors file: __metadata__: %w", err)
	}
	file.Meta = meta.Entries
	return file, nil
}

// headerOf returns the JSON header, within bounds.
func headerOf(buffer []byte) ([]byte, error) {
	if len(buffer) < 8 {
		return nil, fmt.Errorf("not a safetensors file: it has %d bytes, and the length of the header alone takes 8", len(buffer))
	}
	n := binary.LittleEndian.Uint64(buffer)
	switch {
	case n > maxHeader:
		return nil, fmt.Errorf("not a safetensors file: a header of %d bytes, more than the %d that are read", n, maxHeader)
	case n > uint64(len(buffer)-8):
		return nil, fmt.Errorf("truncated, or not a safetensors file: a header of %d bytes, and %d bytes are there", n, len(buffer)-8)
	}
	return buffer[8 : 8+n], nil
}

// explain turns an error of the decoder into one that says whether the file
// is too short or too long for its header.
func explain(err error, header []byte, have int64) error {
	var meta safetensors.Metadata
	if meta.UnmarshalJSON(header) != nil {
		return fmt.Errorf("not a safetensors file: %w", err)
	}
	var end uint64
	for _, t := range meta.Tensors() {
		end = max(end, t.DataOffsets[1])
	}
	switch {
	case end > uint64(have):
		return fmt.Errorf("truncated: the header names %d bytes of tensors, and %d are there", end, have)
	case end < uint64(have):
		return fmt.Errorf("damaged: the header names %d bytes of tensors, and %d are there", end, have)
	}
	return fmt.Errorf("damaged: %w", err)
}

// add converts one tensor and appends it.
func (f *File) add(name string, view safetensors.TensorView) error {
	dtype := view.DType()
	decode, ok := decoders[dtype]
	if !ok {
		if dtype == safetensors.I64 && strings.HasSuffix(name, "num_batches_tracked") {
			return nil
		}
		return fmt.Errorf("dtype %s is not read; save it as F32", dtype)
	}
	shape := make([]int, len(view.Shape()))
	for i, n := range view.Shape() {
		if n > math.MaxInt32 {
			return fmt.Errorf("dimension of %d", n)
		}
		shape[i] = int(n)
	}
	if dtype != safetensors.F32 {
		f.Notes = append(f.Notes, fmt.Sprintf("%s: %s read as float32", name, dtype))
	}
	size := int(dtype.Size())
	raw := view.Data()
	data := make([]float32, len(raw)/size)
	for i := range data {
		data[i] = decode(raw[i*size:])
	}
	f.Tensors = append(f.Tensors, Tensor{name, shape, data})
	return nil
}

// decoders read one number each from the beginning of a little-endian slice.
var decoders = map[safetensors.DType]func([]byte) float32{
	safetensors.F32:  func(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) },
	safetensors.F64:  func(b []byte) float32 { return float32(math.Float64frombits(binary.LittleEndian.Uint64(b))) },
	safetensors.F16:  func(b []byte) float32 { return float16(binary.LittleEndian.Uint16(b)) },
	safetensors.BF16: func(b []byte) float32 { return math.Float32frombits(uint32(binary.LittleEndian.Uint16(b)) << 16) },
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
