package weights

import (
	"cmp"
	"fmt"
	"io"
	"slices"
)

// An axis is a dimension of a tensor: its size, and how far its values lie apart in the file and in
// row-major memory.
type axis struct{ size, from, to int }

// axes returns the dimensions of a tensor, those that reach farthest in the file first, so that
// it is read from front to back. It is an error if values overlap, other than by being the same.
func (e entry) axes() ([]axis, error) {
	list, step := make([]axis, len(e.shape)), 1
	for d := len(e.shape) - 1; d >= 0; d-- {
		list[d] = axis{e.shape[d], e.strides[d], step}
		step *= e.shape[d]
	}
	list = slices.DeleteFunc(list, func(a axis) bool { return a.size == 1 })
	slices.SortStableFunc(list, func(a, b axis) int { return cmp.Compare(b.from, a.from) })
	reach := 0 // of the values of the dimensions behind
	for i := len(list) - 1; i >= 0; i-- {
		if a := list[i]; a.from > 0 && a.from <= reach {
			return nil, fmt.Errorf("tensor %s: its values overlap in memory (strides %v of shape %s); save its clone()", label(e.name), e.strides, shapeText(e.shape))
		}
		reach += (list[i].size - 1) * list[i].from
	}
	return list, nil
}

// gather reads a tensor whose values are not row-major in the file: one that was transposed, or is a
// part of another.
func (e entry) gather(dst []float32, r io.ReaderAt, buffer []byte) error {
	axes, err := e.axes()
	if err != nil || len(dst) == 0 {
		return err
	}
	last := 0
	for _, a := range axes {
		last += (a.size - 1) * a.from
	}
	d, index := dtypes[e.dtype], make([]int, len(axes))
	size := int(d.size)
	window := struct{ begin, end int }{} // values that are in the buffer
	for at, to := 0, 0; ; {
		if at < window.begin || at >= window.end {
			window.begin, window.end = at, min(at+len(buffer)/size, last+1)
			b := buffer[:(window.end-window.begin)*size]
			if err := readAt(r, b, e.at+int64(at)*int64(size)); err != nil {
				return unreadable(e, b, e.at+int64(at)*int64(size), err)
			}
		}
		x, ok := d.decode(buffer[(at-window.begin)*size:])
		if !ok {
			return tooLarge(e, to)
		}
		dst[to] = x
		k := len(axes) - 1
		for ; k >= 0; k-- {
			a := axes[k]
			index[k]++
			at, to = at+a.from, to+a.to
			if index[k] < a.size {
				break
			}
			at, to = at-a.size*a.from, to-a.size*a.to
			index[k] = 0
		}
		if k < 0 {
			return nil
		}
	}
}
