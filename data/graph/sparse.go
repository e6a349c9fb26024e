package graph

import (
	"fmt"
	"math"
)

// A sparse is a matrix of SciPy by rows: of row i the values start[i] … start[i+1]-1, each with
// its column, in any order.
type sparse struct {
	rows, cols    int
	start, column []int64
	value         []float64
}

// check returns an error unless all parts agree.
func (s *sparse) check() error {
	switch {
	case s.rows < 0 || s.cols < 0 || s.rows >= math.MaxInt32 || s.cols >= math.MaxInt32:
		return fmt.Errorf("a sparse matrix of %d rows and %d columns, more than are read", s.rows, s.cols)
	case len(s.start) != s.rows+1 || s.start[0] != 0 || len(s.column) != len(s.value) || s.start[s.rows] != int64(len(s.column)):
		return fmt.Errorf("a sparse matrix of %d rows with %d starts, %d columns and %d values", s.rows, len(s.start), len(s.column), len(s.value))
	}
	for i := range s.rows {
		if s.start[i+1] < s.start[i] || s.start[i+1] > int64(len(s.column)) {
			return fmt.Errorf("a sparse matrix whose row %d is values %d to %d, of %d", i, s.start[i], s.start[i+1], len(s.column))
		}
		for _, j := range s.column[s.start[i]:s.start[i+1]] {
			if j < 0 || j >= int64(s.cols) {
				return fmt.Errorf("a sparse matrix of %d columns with a value in column %d of row %d", s.cols, j, i)
			}
		}
	}
	return nil
}

// row puts row i into m.
func (s *sparse) row(i int, m *matrix) error {
	for e := s.start[i]; e < s.start[i+1]; e++ {
		if err := m.add(int(s.column[e]), float32(s.value[e])); err != nil {
			return err
		}
	}
	return m.end()
}
