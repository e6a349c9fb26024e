package grib2

import (
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"
)

// Read writes the values of the field to dst, which has as many as the grid has points, in the
// order of [Grid.Point]; NaN where there is none. The file is the one that was scanned. The error
// says which message, and of what kind it is if that is not read.
func (m *Message) Read(r io.ReaderAt, dst []float32) error {
	if err := m.Check(); err != nil {
		return err
	}
	if len(dst) != m.Grid.Len() {
		panic(fmt.Sprintf("grib2: %d values for a grid of %d points", len(dst), m.Grid.Len()))
	}
	if err := m.read(r, dst); err != nil {
		return m.wrap(err)
	}
	return nil
}

// Check returns an error if the message is of a kind that is not read.
func (m *Message) Check() error {
	switch err := m.pack.check(); {
	case m.Grid.fault != "":
		return m.wrap(errors.New(m.Grid.fault))
	case m.fault != "":
		return m.wrap(errors.New(m.fault))
	case err != nil:
		return m.wrap(err)
	}
	return nil
}

func (m *Message) read(r io.ReaderAt, dst []float32) error {
	there, err := m.readBitmap(r, len(dst))
	if err != nil {
		return err
	}
	if there == nil && m.pack.n != len(dst) {
		return fmt.Errorf("%d values for %d points: it is damaged", m.pack.n, len(dst))
	}
	data, err := load(r, m.data, 5)
	if err != nil {
		return err
	}
	x, err := m.pack.unpack(data)
	if err != nil {
		return err
	}
	if err := m.pack.scale(dst[:len(x)], x); err != nil {
		return err
	}
	if there != nil {
		spread(dst, len(x), there)
	}
	return nil
}

// load reads a section without its head.
func load(r io.ReaderAt, b block, head int64) ([]byte, error) {
	data := make([]byte, b.size-head)
	return data, readAt(r, data, b.offset+head)
}

// readBitmap returns which points have values, a bit each; nil if all have.
func (m *Message) readBitmap(r io.ReaderAt, points int) ([]byte, error) {
	if m.bitmap.size == 0 {
		return nil, nil
	}
	need := int64(points+7) / 8
	if m.bitmap.size-6 < need {
		return nil, fmt.Errorf("a bitmap of %d bytes for %d points: it is damaged", m.bitmap.size-6, points)
	}
	there, err := load(r, block{m.bitmap.offset, 6 + need}, 6)
	if err != nil {
		return nil, err
	}
	if tail := points % 8; tail > 0 {
		there[need-1] &= ^byte(0) << (8 - tail)
	}
	n := 0
	for _, b := range there {
		n += bits.OnesCount8(b)
	}
	if n != m.pack.n {
		return nil, fmt.Errorf("a bitmap with %d points, and %d values: it is damaged", n, m.pack.n)
	}
	return there, nil
}

// spread moves the first n values of dst to the points of a bitmap with n bits, the last first.
func spread(dst []float32, n int, there []byte) {
	for k := len(dst) - 1; k >= 0; k-- {
		if there[k/8]>>(7-k%8)&1 == 0 {
			dst[k] = float32(math.NaN())
			continue
		}
		n--
		dst[k] = dst[n]
	}
}
