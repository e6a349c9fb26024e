package onnx

import (
	"encoding/binary"
	"fmt"
	"math"
)

// each calls f for the bits of each number, of the width of its kind.
func (t *tensor) each(folder string, f func(i int, bits uint64)) error {
	if t.at != nil {
		return fmt.Errorf("tensor %q, rows of %q, is supported as what is added to the steps of a sequence only", t.name, t.of.name)
	}
	if t.of != nil { // whose first numbers they are
		last := int(t.count())
		return t.of.each(folder, func(i int, bits uint64) {
			if i < last {
				f(i, bits)
			}
		})
	}
	if t.flip != nil {
		return fmt.Errorf("tensor %q, transposed, is supported as the weight of a dense layer only", t.name)
	}
	if t.plus != nil {
		return fmt.Errorf("numbers of %q plus a constant are supported as what is added to scores of attention only", t.source.name)
	}
	if t.source != nil {
		from := make([]uint64, t.source.count())
		err := t.source.each(folder, func(i int, bits uint64) { from[i] = bits })
		for i, at := range t.places {
			f(i, from[at])
		}
		return err
	}
	done := 0
	for _, r := range t.runs {
		err := r.of.each(folder, func(i int, bits uint64) {
			if i -= int(r.from); i >= 0 && i < int(r.count) {
				f(done+i, bits)
			}
		})
		if err != nil {
			return err
		}
		done += int(r.count)
	}
	if t.runs != nil {
		return nil
	}
	if t.words != nil {
		for i, w := range t.words {
			f(i, uint64(w))
		}
		return nil
	}
	b, err := t.bytes(folder)
	if err != nil {
		return err
	}
	size := int(sizes[t.kind])
	var word [8]byte
	for i := range len(b) / size {
		clear(word[:])
		copy(word[:], b[i*size:(i+1)*size])
		f(i, binary.LittleEndian.Uint64(word[:]))
	}
	return nil
}

// float returns the number with the given bits.
func (k kind) float(bits uint64) float64 {
	switch k {
	case float32s:
		return float64(math.Float32frombits(uint32(bits)))
	case float64s:
		return math.Float64frombits(bits)
	case bfloat16s:
		return float64(math.Float32frombits(uint32(bits) << 16))
	case float16s:
		return half(uint16(bits))
	}
	return float64(k.int(bits))
}

// int returns the integer with the given bits.
func (k kind) int(bits uint64) int64 {
	switch k {
	case int8s:
		return int64(int8(bits))
	case int32s:
		return int64(int32(bits))
	case uint8s, bools:
		return int64(uint8(bits))
	}
	return int64(bits)
}

// half returns the number of 16 bits (IEEE 754).
func half(b uint16) float64 {
	sign, exponent, fraction := 1-2*float64(b>>15), int(b>>10&31), float64(b&1023)
	switch exponent {
	case 0:
		return sign * math.Ldexp(fraction, -24)
	case 31:
		if fraction != 0 {
			return math.NaN()
		}
		return math.Inf(int(sign))
	}
	return sign * math.Ldexp(1024+fraction, exponent-25)
}

// fill sets dst to the numbers.
func (t *tensor) fill(dst []float32, folder string) error {
	if t.count() != int64(len(dst)) {
		return fmt.Errorf("tensor %q of shape %v has not %d numbers", t.name, t.dims, len(dst))
	}
	return t.each(folder, func(i int, bits uint64) { dst[i] = float32(t.kind.float(bits)) })
}

// small is how many numbers a constant that is computed with may have.
const small = 1 << 22

// floats returns the numbers of a constant.
func (t *tensor) floats(folder string) ([]float64, error) {
	if t.count() > small {
		return nil, fmt.Errorf("constant %q has more than the %d numbers that are computed with", t.name, small)
	}
	x := make([]float64, t.count())
	err := t.each(folder, func(i int, bits uint64) { x[i] = t.kind.float(bits) })
	return x, err
}

// ints returns the integers of a constant.
func (t *tensor) ints(folder string) ([]int64, error) {
	if !t.kind.integer() {
		return nil, fmt.Errorf("constant %q holds numbers of %v where integers are wanted", t.name, t.kind)
	}
	if t.count() > small {
		return nil, fmt.Errorf("constant %q has more than the %d numbers that are computed with", t.name, small)
	}
	x := make([]int64, t.count())
	err := t.each(folder, func(i int, bits uint64) { x[i] = t.kind.int(bits) })
	return x, err
}

// integers returns a constant of integers that was computed.
func integers(name string, dims []int64, x []int64) *tensor {
	if x == nil {
		x = []int64{}
	}
	return &tensor{name: name, kind: int64s, dims: dims, made: true, words: x}
}
