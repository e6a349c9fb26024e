package hierarchy

import (
	"fmt"
	"io"

	"breakeven/internal/numpy"
)

// Save computes K^(1) = f, K^(2), …, K^(p) and writes them to w as arrays K1, K2, …, Kp
// of an npz file, with the points as x and x_test. Orders from 3 on are written block by
// block and never held ([Stream]). With more test points than go together, the rows of
// the further ones are arrays of their own, K4_from_48 if they begin with row 48. It returns
// what was written of the kernels.
func Save(w io.Writer, net *Network, points Points, p int, o *Options) ([]Saved, error) {
	k, err := Kernels(net, points, min(p, 2), o)
	if err != nil {
		return nil, err
	}
	s := &saver{file: numpy.NewWriter(w), net: net, points: points, o: o}
	for i, x := range [][][]float64{points.Train, points.Test} {
		if err := s.writePoints([]string{"x", "x_test"}[i], x); err != nil {
			return nil, fmt.Errorf("hierarchy: %w", err)
		}
	}
	for _, t := range k {
		shape := []int{t.Rows, t.N}[:t.Order]
		if err := s.file.Array(fmt.Sprintf("K%d", t.Order), shape, t.Data); err != nil {
			return nil, fmt.Errorf("hierarchy: %w", err)
		}
		s.list = append(s.list, Saved{fmt.Sprintf("K%d", t.Order), shape, t.Max()})
	}
	for r := 3; r <= p; r++ {
		if err := s.blocks(r); err != nil {
			return nil, err
		}
	}
	if err := s.file.Close(); err != nil {
		return nil, fmt.Errorf("hierarchy: %w", err)
	}
	return s.list, nil
}

// Saved is an array that was written.
type Saved struct {
	Name  string
	Shape []int
	Max   float64 // largest magnitude
}

// A saver writes one file.
type saver struct {
	file   *numpy.Writer
	net    *Network
	points Points
	o      *Options
	list   []Saved
}

func (s *saver) writePoints(name string, x [][]float64) error {
	if len(x) == 0 {
		return nil
	}
	var all []float64
	for _, row := range x {
		all = append(all, row...)
	}
	return s.file.Array(name, []int{len(x), len(x[0])}, all)
}

// blocks writes K^(r). In column-major order, where the last index runs slowest, the
// blocks are one after the other.
func (s *saver) blocks(r int) error {
	n := len(s.points.Train)
	var to *numpy.Values
	var turned []float64
	return Stream(s.net, s.points, r, s.o, func(b Block) (err error) {
		if b.Last == 0 {
			name, shape := fmt.Sprintf("K%d", r), []int{b.Rows}
			if b.First > 0 {
				name += fmt.Sprintf("_from_%d", b.First)
			}
			for range r - 1 {
				shape = append(shape, n)
			}
			if to, err = s.file.Begin(name, shape, true); err != nil {
				return err
			}
			s.list, turned = append(s.list, Saved{name, shape, 0}), make([]float64, len(b.Data))
		}
		now := &s.list[len(s.list)-1]
		now.Max = max(now.Max, largest(b.Data))
		columnMajor(turned, b.Data, b.Rows, n, r-2)
		return to.Write(turned)
	})
}

// columnMajor sets dst to src, of rows × n × … × n numbers with so many n, in
// column-major order.
func columnMajor(dst, src []float64, rows, n, count int) {
	columns := power(n, count)
	for j := range columns {
		to := 0 // the digits of j in reverse order
		for rest, k := j, 0; k < count; k++ {
			to, rest = to*n+rest%n, rest/n
		}
		for x := range rows {
			dst[to*rows+x] = src[x*columns+j]
		}
	}
}
