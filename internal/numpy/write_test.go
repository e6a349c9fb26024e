package numpy_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"breakeven/data/table"
	"breakeven/internal/numpy"
)

// What is written is read back, by the reader of npz files, with shapes and names.
func TestWriter(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.npz")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	w := numpy.NewWriter(f)
	arrays := []struct {
		name   string
		shape  []int
		values []float64
	}{{"theta", []int{2, 3}, []float64{1, -2, 3e-300, 4, 5, 6}}, {"y", []int{3}, []float64{7, 8, 9}}, {"one", nil, []float64{0.5}}}
	for _, a := range arrays {
		rows, err := w.Array(a.name, a.shape...)
		if err != nil {
			t.Fatal(err)
		}
		for i := range a.values { // one at a time
			if err := rows.Write(a.values[i : i+1]); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := table.Open(name, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for i, a := range arrays {
		c := file.Columns()[i]
		var got table.Array[float64]
		if err := file.Read(table.Field{Names: []string{a.name}, Into: &got}); err != nil || !slices.Equal(got.Data, a.values) {
			t.Errorf("%s: %v, want %v: %v", a.name, got.Data, a.values, err)
		}
		if c.Name != a.name || !slices.Equal(c.Shape, a.shape) {
			t.Errorf("%s of shape %v, want %s of %v", c.Name, c.Shape, a.name, a.shape)
		}
	}
}
