package numpy

import (
	"archive/zip"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"
)

// A Writer writes an npz file of float64 arrays, one after the other and each row by row, so
// that an array may be larger than the memory. Close ends the file.
type Writer struct {
	z *zip.Writer
}

// NewWriter writes to w.
func NewWriter(w io.Writer) *Writer { return &Writer{zip.NewWriter(w)} }

// Array begins an array. What is written to the result are its numbers, in order.
func (w *Writer) Array(name string, shape ...int) (*Rows, error) {
	entry, err := w.z.CreateHeader(&zip.FileHeader{Name: name + ".npy", Method: zip.Store})
	if err != nil {
		return nil, err
	}
	sizes := ""
	for _, n := range shape {
		sizes += fmt.Sprintf("%d, ", n)
	}
	if len(shape) != 1 {
		sizes = strings.TrimSuffix(sizes, ", ")
	}
	header := fmt.Sprintf("{'descr': '<f8', 'fortran_order': False, 'shape': (%s), }", strings.TrimSuffix(sizes, " "))
	const before = len("\x93NUMPY\x01\x00") + 2
	header += strings.Repeat(" ", 63-(before+len(header))%64) + "\n"
	text := append([]byte("\x93NUMPY\x01\x00"), byte(len(header)), byte(len(header)>>8))
	_, err = entry.Write(append(text, header...))
	return NewRows(entry), err
}

// Close writes the directory of the file.
func (w *Writer) Close() error { return w.z.Close() }

// Rows receives the numbers of an array.
type Rows struct {
	w     io.Writer
	bytes []byte
}

// NewRows writes numbers to w without a header, as Copy reads them.
func NewRows(w io.Writer) *Rows { return &Rows{w: w} }

// Copy appends what other Rows have written.
func (r *Rows) Copy(from io.Reader) error {
	_, err := io.Copy(r.w, from)
	return err
}

// Write appends numbers.
func (r *Rows) Write(numbers []float64) error {
	r.bytes = r.bytes[:0]
	for _, v := range numbers {
		r.bytes = binary.LittleEndian.AppendUint64(r.bytes, math.Float64bits(v))
	}
	_, err := r.w.Write(r.bytes)
	return err
}
