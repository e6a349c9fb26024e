package onnx

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"breakeven/internal/regular"
)

// maxRank is how many dimensions a tensor may have.
const maxRank = 16

// A kind is the type of the numbers of a tensor, as ONNX numbers them.
type kind int32

const (
	float32s  kind = 1
	uint8s    kind = 2
	int8s     kind = 3
	int32s    kind = 6
	int64s    kind = 7
	bools     kind = 9
	float16s  kind = 10
	float64s  kind = 11
	bfloat16s kind = 16
)

// sizes are the bytes of a number of each kind.
var sizes = map[kind]int64{float32s: 4, uint8s: 1, int8s: 1, int32s: 4, int64s: 8, bools: 1, float16s: 2, float64s: 8, bfloat16s: 2}

func (k kind) integer() bool {
	return slices.Contains([]kind{uint8s, int8s, int32s, int64s, bools}, k)
}

func (k kind) String() string {
	names := map[kind]string{float32s: "float32", uint8s: "uint8", int8s: "int8", int32s: "int32", int64s: "int64", bools: "bool", float16s: "float16", float64s: "float64", bfloat16s: "bfloat16"}
	if s, ok := names[k]; ok {
		return s
	}
	return fmt.Sprintf("type %d", int32(k))
}

// A tensor is an array of constant numbers. They are where the file has them, until they are
// asked for.
type tensor struct {
	name     string
	role     string // in PyTorch, if the exporter notes it
	dims     []int64
	kind     kind
	raw      []byte            // the numbers, little-endian
	words    []int64           // in place of raw: integers, or the bits of 16-bit numbers
	external map[string]string // in place of raw: where they are
	made     bool              // it is computed, and so no parameter
	inline   bool              // it stands in a node
	of       *tensor           // it is rows of another one
	at       []int32           // which; nil: the first
	flip     *tensor           // it is a matrix that is another one transposed
	runs     []run             // in place of raw: parts of other ones
	source   *tensor           // in place of raw: the numbers are picked from this one
	places   []int64           // where it has them
	plus     *value            // a constant or a deferred value that is added to them, for scores of attention; nil: none
}

// decodeTensor reads a tensor and compares its shape with its numbers.
func (g *graph) decodeTensor(b []byte) (*tensor, error) {
	t := &tensor{}
	var location int64
	err := fields(b, func(f field) (err error) {
		switch f.num {
		case 1:
			if t.dims, err = f.ints(t.dims); err == nil && len(t.dims) > maxRank {
				err = fmt.Errorf("a tensor of more than %d dimensions", maxRank)
			}
		case 2:
			t.kind = kind(f.bits)
		case 4, 10: // float32 and float64, packed as they are in raw
			width := 4
			if f.num == 10 {
				width = 8
			}
			switch {
			case f.data != nil && t.raw == nil:
				t.raw = slices.Clip(f.data)
			case f.data != nil:
				t.raw = append(t.raw, f.data...)
			default:
				t.raw = append(t.raw, binary.LittleEndian.AppendUint64(nil, f.bits)[:width]...)
			}
		case 5, 7, 11:
			t.words, err = f.ints(t.words)
		case 8:
			err = f.text(&t.name)
		case 9:
			t.raw, err = f.message()
		case 13:
			err = t.decodeExternal(f)
		case 14:
			location = int64(f.bits)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if location == 0 {
		t.external = nil
	} else if t.external == nil {
		t.external = map[string]string{}
	}
	return t, t.check()
}

func (t *tensor) decodeExternal(f field) error {
	b, err := f.message()
	if err != nil {
		return err
	}
	var key, value string
	err = fields(b, func(f field) error {
		switch f.num {
		case 1:
			return f.text(&key)
		case 2:
			return f.text(&value)
		}
		return nil
	})
	if t.external == nil {
		t.external = map[string]string{}
	}
	if t.external[key] = value; len(t.external) > 16 {
		return errors.New("a tensor with too many places outside of the file")
	}
	return err
}

// count returns the number of elements.
func (t *tensor) count() int64 {
	n := int64(1)
	for _, d := range t.dims {
		n *= d
	}
	return n
}

// check returns an error unless the numbers fit the shape.
func (t *tensor) check() error {
	n := int64(1)
	for _, d := range t.dims {
		if d < 0 || d > 0 && n > math.MaxInt32/d {
			return fmt.Errorf("tensor %q has the shape %v: it holds too many numbers, or less than none", t.name, t.dims)
		}
		n *= d
	}
	size, ok := sizes[t.kind]
	switch {
	case !ok:
		return fmt.Errorf("tensor %q holds numbers of %v, which are not read", t.name, t.kind)
	case t.external != nil:
	case t.words != nil && int64(len(t.words)) == n && (t.kind.integer() || size == 2):
	case t.words == nil && int64(len(t.raw)) == n*size:
	default:
		return fmt.Errorf("tensor %q of shape %v has not as many numbers as that: the file is damaged", t.name, t.dims)
	}
	return nil
}

// bytes returns the numbers as they are in raw.
func (t *tensor) bytes(folder string) ([]byte, error) {
	if t.external == nil {
		return t.raw, nil
	}
	name, size := t.external["location"], t.count()*sizes[t.kind]
	if name == "" || !filepath.IsLocal(filepath.FromSlash(name)) {
		return nil, fmt.Errorf("the numbers of %q are in %q, which is no file in the folder of the model", t.name, name)
	}
	offset, err := parsed(t.external["offset"], 0)
	length, err2 := parsed(t.external["length"], size)
	if err != nil || err2 != nil || length != size {
		return nil, fmt.Errorf("the numbers of %q, of shape %v, are said to be %q bytes from %q of %s", t.name, t.dims, t.external["length"], t.external["offset"], name)
	}
	f, has, err := regular.Open(filepath.Join(folder, filepath.FromSlash(name)))
	if err != nil {
		return nil, fmt.Errorf("the numbers of %q are in a file of their own: %w", t.name, err)
	}
	defer f.Close()
	if offset > has || size > has-offset {
		return nil, fmt.Errorf("%s ends before the numbers of %q, %d bytes from %d", f.Name(), t.name, size, offset)
	}
	b := make([]byte, size)
	if _, err := f.ReadAt(b, offset); err != nil {
		return nil, fmt.Errorf("the numbers of %q: %w", t.name, err)
	}
	return b, nil
}

// parsed returns the number that a text is, or another if there is none.
func parsed(text string, other int64) (int64, error) {
	if text == "" {
		return other, nil
	}
	n, err := strconv.ParseUint(strings.TrimSpace(text), 10, 62)
	return int64(n), err
}
