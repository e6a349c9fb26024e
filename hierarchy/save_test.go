package hierarchy

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/sbinet/npyio/npz"
)

// What is saved is what Kernels returns, in the shape that NumPy shows, with more test
// points than go together too.
func TestSave(t *testing.T) {
	net := drawNet(t, Shape{3, 6, 2, Tanh}, Init{Seed: 1})
	points, _ := sphere(3, 3, 20, 3)
	var b bytes.Buffer
	saved, err := Save(&b, net, points, 5, nil)
	if err != nil {
		t.Fatal(err)
	}
	file, err := npz.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range kernels(t, net, points, 5, Auto) {
		names := []string{fmt.Sprintf("K%d", k.Order)}
		if k.Order > 2 {
			names = append(names, names[0]+"_from_19") // 3 and 16 points go together
		}
		first := 0
		for _, name := range names {
			header := file.Header(name + ".npy")
			if header == nil {
				t.Fatalf("no array %s in %v", name, file.Keys())
			}
			if i := slices.IndexFunc(saved, func(s Saved) bool { return s.Name == name }); i < 0 || !slices.Equal(saved[i].Shape, header.Descr.Shape) || saved[i].Max > k.Max() || name == names[0] && saved[i].Max == 0 {
				t.Errorf("%s is said to be saved as %+v", name, saved)
			}
			var values []float64
			if err := file.Read(name+".npy", &values); err != nil {
				t.Fatal(err)
			}
			shape := header.Descr.Shape
			if want := append([]int{shape[0]}, slices.Repeat([]int{3}, k.Order-1)...); !slices.Equal(shape, want) {
				t.Errorf("%s has the shape %v", name, shape)
			}
			index := make([]int, k.Order)
			for i, v := range values {
				at := place(index, i, shape, header.Descr.Fortran)
				if at[0] += first; k.At(at...) != v {
					t.Fatalf("%s: %v at %v, want %v", name, v, at, k.At(at...))
				}
			}
			first += shape[0]
		}
		if first != k.Rows {
			t.Errorf("K%d: %d rows of %d", k.Order, first, k.Rows)
		}
	}
}

// place returns the index of value i of a file.
func place(index []int, i int, shape []int, fortran bool) []int {
	for d := range shape {
		axis := len(shape) - 1 - d
		if fortran {
			axis = d
		}
		index[axis], i = i%shape[axis], i/shape[axis]
	}
	return index
}

// A full disk is an error, and so is what Kernels refuses.
func TestSaveFails(t *testing.T) {
	net := drawNet(t, Shape{3, 6, 2, Tanh}, Init{Seed: 1})
	points, _ := sphere(3, 30, 0, 3)
	for room := range 10 {
		if _, err := Save(&small{left: room * 5000}, net, points, 4, nil); !errors.Is(err, errFull) {
			t.Errorf("with room for %d bytes: error %v", room*5000, err)
		}
	}
	if _, err := Save(&bytes.Buffer{}, net, points, 0, nil); err == nil {
		t.Error("order 0 was saved")
	}
}

var errFull = errors.New("full")

// small is a file of a few bytes.
type small struct{ left int }

func (s *small) Write(b []byte) (int, error) {
	if s.left -= len(b); s.left < 0 {
		return 0, errFull
	}
	return len(b), nil
}
