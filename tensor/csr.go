package tensor

import (
	"fmt"
	"math"
	"sync"
)

// A CSR is a sparse matrix in compressed sparse rows: entries Start[i] … Start[i+1]-1 are
// those of row i, with their columns in Index and their values in Value. It does not
// change once it is made.
type CSR struct {
	Rows, Cols int
	Start      []int
	Index      []int32
	Value      []float32

	blocks     []int // first row of each task, and Rows
	once       sync.Once
	transposed *CSR
}

// entriesPerTask is about how many entries a task of a product has. It does not depend on
// the number of cores.
const entriesPerTask = 1 << 11

// NewCSR returns the matrix of the given entries, which it keeps. Within a row the columns
// must increase.
func NewCSR(rows, cols int, start []int, index []int32, value []float32) *CSR {
	m := &CSR{Rows: rows, Cols: cols, Start: start, Index: index, Value: value}
	if rows < 0 || cols < 0 || cols > math.MaxInt32 || len(start) != rows+1 || start[0] != 0 || start[rows] != len(index) || len(value) != len(index) {
		panic(fmt.Sprintf("tensor: sparse %d×%d matrix with %d starts, %d columns and %d values", rows, cols, len(start), len(index), len(value)))
	}
	for i := range rows {
		if start[i+1] < start[i] {
			panic(fmt.Sprintf("tensor: row %d of a sparse matrix begins after it ends", i))
		}
		for e := start[i]; e < start[i+1]; e++ {
			if j := index[e]; j < 0 || int(j) >= cols || e > start[i] && j <= index[e-1] {
				panic(fmt.Sprintf("tensor: row %d of a sparse matrix of %d columns has column %d out of order", i, cols, j))
			}
		}
	}
	m.cut()
	return m
}

// cut divides the rows among tasks of about as many entries.
func (m *CSR) cut() {
	m.blocks = []int{0}
	for i, first := 0, 0; i < m.Rows; i++ {
		if m.Start[i+1]-m.Start[first]+i-first >= entriesPerTask || i == m.Rows-1 {
			m.blocks = append(m.blocks, i+1)
			first = i + 1
		}
	}
}

// Bytes returns the memory that the matrix takes.
func (m *CSR) Bytes() int64 {
	return 8*int64(len(m.Start)+len(m.blocks)) + 8*int64(len(m.Index))
}

// T returns the transposed matrix. It is made when it is first asked for, and kept.
func (m *CSR) T() *CSR {
	m.once.Do(func() {
		t := &CSR{Rows: m.Cols, Cols: m.Rows, Start: make([]int, m.Cols+1), Index: make([]int32, len(m.Index)), Value: make([]float32, len(m.Value))}
		for _, j := range m.Index {
			t.Start[j+1]++
		}
		for j := range m.Cols {
			t.Start[j+1] += t.Start[j]
		}
		next := append([]int(nil), t.Start[:m.Cols]...)
		for i := range m.Rows {
			for e := m.Start[i]; e < m.Start[i+1]; e++ {
				at := next[m.Index[e]]
				t.Index[at], t.Value[at] = int32(i), m.Value[e]
				next[m.Index[e]]++
			}
		}
		t.cut()
		t.once.Do(func() { t.transposed = m })
		m.transposed = t
	})
	return m.transposed
}

// Slice returns rows lo … hi-1. Its entries are those of m, not copied.
func (m *CSR) Slice(lo, hi int) *CSR {
	start := make([]int, hi-lo+1)
	for i := range start {
		start[i] = m.Start[lo+i] - m.Start[lo]
	}
	s := &CSR{Rows: hi - lo, Cols: m.Cols, Start: start, Index: m.Index[m.Start[lo]:m.Start[hi]], Value: m.Value[m.Start[lo]:m.Start[hi]]}
	s.cut()
	return s
}

// Row returns the columns and the values of row i.
func (m *CSR) Row(i int) (index []int32, value []float32) {
	return m.Index[m.Start[i]:m.Start[i+1]], m.Value[m.Start[i]:m.Start[i+1]]
}

// Tasks returns the number of tasks of a product.
func (m *CSR) Tasks() int { return len(m.blocks) - 1 }

// Block returns the rows lo … hi-1 of y that a task computes.
func (m *CSR) Block(task int) (lo, hi int) { return m.blocks[task], m.blocks[task+1] }

// Mul is one task of y = scale·m·x or, with acc, y += scale·m·x, for x of Cols rows and y of
// Rows rows, both of the given width. The entries of a row are added in their order.
func (m *CSR) Mul(task int, y, x []float32, width int, scale float32, acc bool) {
	if len(y) != m.Rows*width || len(x) != m.Cols*width {
		panic(fmt.Sprintf("tensor: sparse %d×%d product of %d numbers to %d, of width %d", m.Rows, m.Cols, len(x), len(y), width))
	}
	lo, hi := m.Block(task)
	for i := lo; i < hi; i++ {
		m.MulRow(y[i*width:(i+1)*width], i, x, scale, acc)
	}
}

// MulRow computes row i of Mul. If x has fewer rows than m has columns, the entries of the
// others are left out.
func (m *CSR) MulRow(y []float32, i int, x []float32, scale float32, acc bool) {
	if !acc {
		clear(y)
	}
	index, value := m.Row(i)
	for e, j := range index {
		if int(j)*len(y) >= len(x) {
			return
		}
		Axpy(y, scale*value[e], x[int(j)*len(y):int(j+1)*len(y)])
	}
}

// Reversed returns the matrix with its rows in the opposite order, and with cols its columns,
// too. With cols the entries of a row are added in the opposite order.
func (m *CSR) Reversed(cols bool) *CSR {
	start := make([]int, 1, m.Rows+1)
	index, value := make([]int32, 0, len(m.Index)), make([]float32, 0, len(m.Value))
	for i := m.Rows - 1; i >= 0; i-- {
		js, vs := m.Row(i)
		for e := range js {
			if cols {
				last := len(js) - 1 - e
				index, value = append(index, int32(m.Cols-1)-js[last]), append(value, vs[last])
			} else {
				index, value = append(index, js[e]), append(value, vs[e])
			}
		}
		start = append(start, len(index))
	}
	return NewCSR(m.Rows, m.Cols, start, index, value)
}
