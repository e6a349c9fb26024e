package numpy

import (
	"fmt"
	"math"
	"slices"
)

// MaxRank bounds the dimensions of an array, as NumPy does.
const MaxRank = 64

// An Array is values in memory as a file holds them. Its bytes are shared with
// whoever made it.
type Array struct {
	Type    DType
	Shape   []int
	strides []int // in values
	data    []byte
}

// New returns the array of a shape whose values are data, row-major or, if
// fortran is set, column-major.
func New(t DType, shape []int, fortran bool, data []byte) (*Array, error) {
	n, err := Elements(shape)
	if err != nil {
		return nil, err
	}
	if need := n * t.Size; t.Size > 0 && n > math.MaxInt/t.Size || need != len(data) {
		return nil, fmt.Errorf("%d bytes of values, where a shape of %v of values of %d bytes is", len(data), shape, t.Size)
	}
	return &Array{Type: t, Shape: shape, strides: rowMajor(shape, fortran), data: data}, nil
}

// Elements returns the number of elements of a shape, which an array of texts
// of that shape could have in memory.
func Elements(shape []int) (int, error) {
	if len(shape) > MaxRank {
		return 0, fmt.Errorf("%d dimensions, more than the %d that there can be", len(shape), MaxRank)
	}
	n := 1
	for _, d := range shape {
		if d < 0 || d > 0 && n > math.MaxInt/16/d {
			return 0, fmt.Errorf("a shape of %v, more than can be counted", shape)
		}
		n *= max(d, 1)
	}
	if slices.Contains(shape, 0) {
		return 0, nil
	}
	return n, nil
}

// rowMajor returns the strides of an array without gaps.
func rowMajor(shape []int, fortran bool) []int {
	strides, step := make([]int, len(shape)), 1
	for i := range shape {
		d := i
		if !fortran {
			d = len(shape) - 1 - i
		}
		strides[d] = step
		step *= max(shape[d], 1)
	}
	return strides
}

// Len returns the number of values.
func (a *Array) Len() int {
	n := 1
	for _, d := range a.Shape {
		n *= d
	}
	return n
}

// each calls f with the bytes of every value, row-major.
func (a *Array) each(f func(i int, b []byte) error) error {
	if a.Type.Kind == Other {
		return fmt.Errorf("an array %s", a.Type.Why)
	}
	index, at, size := make([]int, len(a.Shape)), 0, a.Type.Size
	for i := range a.Len() {
		if err := f(i, a.data[at*size:(at+1)*size]); err != nil {
			return fmt.Errorf("value %d: %w", i, err)
		}
		for d := len(index) - 1; d >= 0; d-- {
			index[d]++
			at += a.strides[d]
			if index[d] < a.Shape[d] {
				break
			}
			at -= index[d] * a.strides[d]
			index[d] = 0
		}
	}
	return nil
}

// Float64s returns the values as floats, row-major. Integers are rounded to the
// nearest float.
func (a *Array) Float64s() ([]float64, error) { return floats[float64](a) }

// Float32s returns the values as floats of 32 bits, row-major, rounded once. A
// finite value beyond them is an error.
func (a *Array) Float32s() ([]float32, error) { return floats[float32](a) }

func floats[T float32 | float64](a *Array) ([]T, error) {
	list := make([]T, a.Len())
	return list, a.each(func(i int, b []byte) error {
		switch a.Type.Kind {
		case Bool, Int, Uint:
			x, err := a.Type.Int(b)
			list[i] = T(x)
			return err
		case Float:
			x := a.Type.Float(b)
			if list[i] = T(x); math.IsInf(float64(list[i]), 0) && !math.IsInf(x, 0) {
				return fmt.Errorf("%g is beyond a 32-bit float", x)
			}
			return nil
		}
		return fmt.Errorf("no number")
	})
}

// Int64s returns the values, which must be integers or bools, row-major.
func (a *Array) Int64s() ([]int64, error) {
	list := make([]int64, a.Len())
	return list, a.each(func(i int, b []byte) (err error) {
		switch a.Type.Kind {
		case Bool, Int, Uint:
			list[i], err = a.Type.Int(b)
			return err
		case Float:
			x := a.Type.Float(b)
			if list[i] = int64(x); x != math.Trunc(x) || math.Abs(x) > 1<<53 {
				return fmt.Errorf("%g is no integer", x)
			}
			return nil
		}
		return fmt.Errorf("no number")
	})
}

// An Order gives the places of a file's values in a row-major array, so that they
// can be put there as they come.
type Order struct {
	at     int
	shape  []int // nil if the file is row-major itself
	index  []int
	stride []int
}

// NewOrder returns the Order of a file that is row-major or, if fortran is set,
// column-major.
func NewOrder(shape []int, fortran bool) *Order {
	o := &Order{at: -1}
	if fortran && len(shape) > 1 {
		o.shape, o.index, o.stride = shape, make([]int, len(shape)), rowMajor(shape, false)
	}
	return o
}

// Next returns the place of the next value.
func (o *Order) Next() int {
	if o.shape == nil || o.at < 0 {
		o.at++
		return o.at
	}
	for d := range o.shape { // the first index runs fastest
		o.index[d]++
		o.at += o.stride[d]
		if o.index[d] < o.shape[d] {
			break
		}
		o.at -= o.index[d] * o.stride[d]
		o.index[d] = 0
	}
	return o.at
}
