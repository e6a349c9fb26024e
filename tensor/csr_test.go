package tensor

import (
	"math"
	"slices"
	"testing"

	"breakeven/rng"
)

// drawn returns a matrix of which about a third of the entries are there, and its dense twin.
func drawn(rows, cols int) (*CSR, []float32) {
	r := rng.New(1, "csr")
	start, index, value, dense := []int{0}, []int32{}, []float32{}, make([]float32, rows*cols)
	for i := range rows {
		for j := range cols {
			if i != 2 && r.Float64() < 0.3 { // row 2 is empty
				v := float32(r.NormFloat64())
				index, value, dense[i*cols+j] = append(index, int32(j)), append(value, v), v
			}
		}
		start = append(start, len(index))
	}
	return NewCSR(rows, cols, start, index, value), dense
}

func (m *CSR) dense() []float32 {
	d := make([]float32, m.Rows*m.Cols)
	for i := range m.Rows {
		index, value := m.Row(i)
		for e, j := range index {
			d[i*m.Cols+int(j)] = value[e]
		}
	}
	return d
}

func TestCSRMul(t *testing.T) {
	const rows, cols, width = 300, 70, 5
	m, dense := drawn(rows, cols)
	if m.Tasks() < 2 {
		t.Fatalf("%d tasks", m.Tasks())
	}
	r := rng.New(2, "csr")
	x, y := make([]float32, cols*width), make([]float32, rows*width)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	for i := range y {
		y[i] = float32(r.NormFloat64())
	}
	for _, acc := range []bool{false, true} {
		got := slices.Clone(y)
		for task := range m.Tasks() {
			m.Mul(task, got, x, width, 0.5, acc)
		}
		for i := range rows {
			for k := range width {
				want := 0.0
				if acc {
					want = float64(y[i*width+k])
				}
				for j := range cols {
					want += 0.5 * float64(dense[i*cols+j]) * float64(x[j*width+k])
				}
				if math.Abs(float64(got[i*width+k])-want) > 1e-5 {
					t.Fatalf("acc %v: row %d, column %d is %v, want %v", acc, i, k, got[i*width+k], want)
				}
			}
		}
	}
}

func TestCSRForms(t *testing.T) {
	m, dense := drawn(40, 23)
	turned := m.T().dense()
	for i := range 40 {
		for j := range 23 {
			if turned[j*40+i] != dense[i*23+j] {
				t.Fatalf("entry %d, %d of the transposed matrix is %v", j, i, turned[j*40+i])
			}
		}
	}
	first := m.T()
	if first.T() != m || m.T() != first {
		t.Error("the transposed matrix is made again")
	}
	if got := m.Slice(1, 7).dense(); !slices.Equal(got, dense[23:7*23]) {
		t.Error("rows 1 to 6 differ")
	}
	rows, both := m.Reversed(false).dense(), m.Reversed(true).dense()
	for i := range 40 {
		for j := range 23 {
			if rows[(39-i)*23+j] != dense[i*23+j] || both[(39-i)*23+22-j] != dense[i*23+j] {
				t.Fatalf("reversed: entry %d, %d", i, j)
			}
		}
	}
}

func TestNewCSRChecks(t *testing.T) {
	for what, build := range map[string]func(){
		"a start too few":          func() { NewCSR(2, 2, []int{0, 1}, []int32{0}, []float32{1}) },
		"a column out of range":    func() { NewCSR(1, 2, []int{0, 1}, []int32{2}, []float32{1}) },
		"columns out of order":     func() { NewCSR(1, 3, []int{0, 2}, []int32{1, 0}, []float32{1, 1}) },
		"a column twice":           func() { NewCSR(1, 3, []int{0, 2}, []int32{1, 1}, []float32{1, 1}) },
		"a row that ends too soon": func() { NewCSR(2, 3, []int{0, 2, 1}, []int32{1}, []float32{1}) },
		"too few values":           func() { NewCSR(1, 3, []int{0, 1}, []int32{1}, nil) },
		"a wrong width":            func() { m, _ := drawn(3, 3); m.Mul(0, make([]float32, 3), make([]float32, 6), 2, 1, false) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", what)
				}
			}()
			build()
		}()
	}
}
