package onnx

import (
	"encoding/binary"
	"math"
	"slices"
)

// An array is a constant that is computed with: what exporters write for shapes and masks.
type array struct {
	kind  kind
	dims  []int64
	ints  []int64   // integers and truth values
	reals []float64 // other numbers
}

// newArray returns an array of zeros.
func newArray(k kind, dims []int64) *array {
	size := int64(1)
	for _, d := range dims {
		if d < 0 || d > 0 && size > small/d {
			failf("it makes a constant of the shape %s, of more than %d numbers", sized(dims), small)
		}
		size *= d
	}
	a := &array{kind: k, dims: dims}
	if k.integer() {
		a.ints = make([]int64, size)
	} else {
		a.reals = make([]float64, size)
	}
	return a
}

// equals reports whether arrays of one shape have the same numbers.
func (a *array) equals(other *array) bool {
	return slices.Equal(a.ints, other.ints) && slices.Equal(a.reals, other.reals)
}

func (a *array) size() int { return len(a.ints) + len(a.reals) }

// array returns the numbers of a constant.
func (b *builder) array(t *tensor) *array {
	a := &array{kind: t.kind, dims: t.dims}
	if t.kind.integer() {
		a.ints = b.ints(t)
	} else {
		a.reals = b.floats(t)
	}
	return a
}

// tensor returns the array as a constant.
func (a *array) tensor(name string) *tensor {
	if !a.kind.integer() {
		return reals(name, a.dims, a.reals)
	}
	t := integers(name, a.dims, a.ints)
	if a.kind == bools {
		t = &tensor{name: name, kind: bools, dims: a.dims, made: true, raw: make([]byte, 0, len(a.ints))}
		for _, x := range a.ints {
			t.raw = append(t.raw, byte(x))
		}
	}
	return t
}

// real returns number i.
func (a *array) real(i int) float64 {
	if a.kind.integer() {
		return float64(a.ints[i])
	}
	return a.reals[i]
}

// strides returns how far neighbours along each axis are from each other.
func strides(dims []int64) []int64 {
	steps, size := make([]int64, len(dims)), int64(1)
	for k, d := range slices.Backward(dims) {
		steps[k] = size
		size *= d
	}
	return steps
}

// taken returns an array of the given shape: the numbers from first on, in the given steps along each axis.
func (a *array) taken(dims, steps []int64, first int64) *array {
	out := newArray(a.kind, dims)
	at, place := first, make([]int64, len(dims))
	for i := range out.size() {
		out.copy(i, a, int(at))
		for k := len(dims) - 1; k >= 0; k-- {
			at += steps[k]
			if place[k]++; place[k] < dims[k] {
				break
			}
			at -= steps[k] * dims[k]
			place[k] = 0
		}
	}
	return out
}

// between returns the part lo … hi-1 of an axis.
func (a *array) between(axis int, lo, hi int64) *array {
	dims, steps := slices.Clone(a.dims), strides(a.dims)
	dims[axis] = hi - lo
	return a.taken(dims, steps, lo*steps[axis])
}

// copy sets number i to number k of another array of the same kind.
func (a *array) copy(i int, from *array, k int) {
	if a.kind.integer() {
		a.ints[i] = from.ints[k]
	} else {
		a.reals[i] = from.reals[k]
	}
}

// expanded repeats the array along axes of length 1, and along new ones before its own.
func (a *array) expanded(dims []int64) *array {
	if slices.Equal(a.dims, dims) {
		return a
	}
	steps, own := make([]int64, len(dims)), strides(a.dims)
	for k, d := range a.dims {
		at := len(dims) - len(a.dims) + k
		if at < 0 || d != 1 && d != dims[at] {
			failf("the shape %s does not fit %s", sized(a.dims), sized(dims))
		}
		if d != 1 {
			steps[at] = own[k]
		}
	}
	return a.taken(dims, steps, 0)
}

// tiled puts copies of the array behind each other, so many along each axis.
func (a *array) tiled(times []int64) *array {
	if len(times) != len(a.dims) {
		failf("it repeats %s by %d numbers: want one for each axis", sized(a.dims), len(times))
	}
	var dims, steps, out []int64
	for k, step := range strides(a.dims) {
		dims, steps, out = append(dims, times[k], a.dims[k]), append(steps, 0, step), append(out, times[k]*a.dims[k])
	}
	return a.taken(dims, steps, 0).shaped(out)
}

// common returns the shape that arrays are expanded to before they are computed with number by number.
func common(shapes ...[]int64) []int64 {
	var dims []int64
	for _, s := range shapes {
		for len(dims) < len(s) {
			dims = slices.Insert(dims, 0, 1)
		}
		for k, d := range s {
			at := len(dims) - len(s) + k
			switch {
			case dims[at] == 1:
				dims[at] = d
			case d != 1 && d != dims[at]:
				failf("the shapes %s and %s do not fit", sized(shapes[0]), sized(s))
			}
		}
	}
	return dims
}

// as returns the array as numbers of another kind.
func (a *array) as(k kind) *array {
	out := newArray(k, a.dims)
	for i := range a.size() {
		switch {
		case k == bools && a.real(i) != 0:
			out.ints[i] = 1
		case k == bools:
		case k.integer() && a.kind.integer():
			out.ints[i] = a.ints[i]
		case k.integer():
			out.ints[i] = int64(a.reals[i])
		default:
			out.reals[i] = a.real(i)
		}
	}
	return out
}

// reals returns a constant of real numbers.
func reals(name string, dims []int64, x []float64) *tensor {
	t := &tensor{name: name, kind: float64s, dims: dims, made: true, raw: make([]byte, 0, 8*len(x))}
	for _, v := range x {
		t.raw = binary.LittleEndian.AppendUint64(t.raw, math.Float64bits(v))
	}
	return t
}
