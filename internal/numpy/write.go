package numpy

import (
	"archive/zip"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"
)

// A Writer writes arrays of float64 into an npz file, one after the other. numpy.load
// reads it.
type Writer struct {
	zip  *zip.Writer
	open *Values
}

// NewWriter returns a writer of an npz file to w. Close it.
func NewWriter(w io.Writer) *Writer { return &Writer{zip: zip.NewWriter(w)} }

// Array writes a row-major array.
func (w *Writer) Array(name string, shape []int, values []float64) error {
	v, err := w.Begin(name, shape, false)
	if err != nil {
		return err
	}
	return v.Write(values)
}

// Begin begins an array whose values follow piece by piece: row-major or, if fortran is
// set, column-major. An array that was begun before must be whole.
func (w *Writer) Begin(name string, shape []int, fortran bool) (*Values, error) {
	if err := w.whole(); err != nil {
		return nil, err
	}
	n, err := Elements(shape)
	if err != nil {
		return nil, fmt.Errorf("array %s: %w", name, err)
	}
	to, err := w.zip.CreateHeader(&zip.FileHeader{Name: name + ".npy", Method: zip.Store})
	if err != nil {
		return nil, err
	}
	if _, err := io.WriteString(to, header(shape, fortran)); err != nil {
		return nil, err
	}
	w.open = &Values{name: name, to: to, left: n}
	return w.open, nil
}

// Close ends the file. It does not close what the file is written to.
func (w *Writer) Close() error {
	if err := w.whole(); err != nil {
		return err
	}
	return w.zip.Close()
}

// whole returns an error if the array that was begun last lacks values.
func (w *Writer) whole() error {
	if w.open != nil && w.open.left > 0 {
		return fmt.Errorf("array %s: %d values are missing", w.open.name, w.open.left)
	}
	return nil
}

// Values takes the values of one array.
type Values struct {
	name  string
	to    io.Writer
	left  int
	bytes []byte
}

// Write writes the next values.
func (v *Values) Write(values []float64) error {
	if len(values) > v.left {
		return fmt.Errorf("array %s: %d values, and %d are missing", v.name, len(values), v.left)
	}
	v.left -= len(values)
	const piece = 8192
	for len(values) > 0 {
		n := min(piece, len(values))
		v.bytes = v.bytes[:0]
		for _, x := range values[:n] {
			v.bytes = binary.LittleEndian.AppendUint64(v.bytes, math.Float64bits(x))
		}
		if _, err := v.to.Write(v.bytes); err != nil {
			return fmt.Errorf("array %s: %w", v.name, err)
		}
		values = values[n:]
	}
	return nil
}

// header returns what stands before the values of an npy file, padded so that these begin
// at a multiple of 64 bytes.
func header(shape []int, fortran bool) string {
	sizes := make([]string, len(shape))
	for i, n := range shape {
		sizes[i] = fmt.Sprint(n)
	}
	order := "False"
	if fortran {
		order = "True"
	}
	tuple := strings.Join(sizes, ", ")
	if len(shape) == 1 {
		tuple += ","
	}
	text := fmt.Sprintf("{'descr': '<f8', 'fortran_order': %s, 'shape': (%s), }", order, tuple)
	const before = 10 // magic, version, length
	text += strings.Repeat(" ", 63-(before+len(text))%64) + "\n"
	return "\x93NUMPY\x01\x00" + string([]byte{byte(len(text)), byte(len(text) >> 8)}) + text
}
