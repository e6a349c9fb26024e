package numpy

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/sbinet/npyio/npz"
)

// What is written is read back by another reader, in one piece and in many, with values
// that no arithmetic changes.
func TestWriter(t *testing.T) {
	values := []float64{0, math.Copysign(0, -1), math.Inf(1), 5e-324, -1.5, math.MaxFloat64}
	long := make([]float64, 20000)
	for i := range long {
		long[i] = float64(i)
	}
	var b bytes.Buffer
	w := NewWriter(&b)
	if err := w.Array("a", []int{2, 3}, values); err != nil {
		t.Fatal(err)
	}
	v, err := w.Begin("long", []int{20000}, true)
	if err != nil {
		t.Fatal(err)
	}
	for piece := range slices.Chunk(long, 7001) {
		if err := v.Write(piece); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := npz.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]float64{"a.npy": values, "long.npy": long} {
		var got []float64
		if err := file.Read(name, &got); err != nil {
			t.Fatal(err)
		}
		if !slices.EqualFunc(got, want, func(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) }) {
			t.Errorf("%s differs", name)
		}
	}
	if h := file.Header("a.npy"); !slices.Equal(h.Descr.Shape, []int{2, 3}) || h.Descr.Fortran {
		t.Errorf("%+v", h)
	}
	if h := file.Header("long.npy"); !h.Descr.Fortran {
		t.Errorf("%+v", h)
	}
}

// Values that are too many or too few are an error.
func TestWriterCounts(t *testing.T) {
	w := NewWriter(&bytes.Buffer{})
	if err := w.Array("a", []int{2}, make([]float64, 3)); err == nil || !strings.Contains(err.Error(), "array a: 3 values, and 2 are missing") {
		t.Error(err)
	}
	for _, err := range []error{w.Close(), w.Array("b", []int{1}, []float64{1})} {
		if err == nil || !strings.Contains(err.Error(), "array a: 2 values are missing") {
			t.Error(err)
		}
	}
	if err := NewWriter(&bytes.Buffer{}).Array("a", []int{-1}, nil); err == nil {
		t.Error("a negative shape")
	}
}
