package table

import (
	"fmt"
	"math"
	"slices"
)

// An Element is a type that values can be read as.
type Element interface {
	float64 | float32 | int64 | int32 | bool | string
}

// An Array is a column or an array of a file.
type Array[T Element] struct {
	Name    string   // name under which it was found; empty if the file does not have it
	Columns []string // names of the columns, for a matrix of Field.Rest, which has no name
	Shape   []int    // [rows] for a column; empty for a single number
	Data    []T      // row-major
	Missing []int    // indices of missing values, ascending; Data has NaN or zero there
}

// Len returns the number of elements.
func (a *Array[T]) Len() int { return len(a.Data) }

// sink is an Array of any element type, as the readers of formats use it.
type sink interface {
	// begin allocates n elements and sets the names.
	begin(name string, columns []string, n int)
	// set converts a value to element at. Errors say what is wrong with the value.
	set(at int, v value, f *Field) error
	// end gives the array its shape. Elements beyond it are dropped.
	end(shape []int)
	// size returns the bytes that an element takes.
	size() int64
}

func (a *Array[T]) begin(name string, columns []string, n int) {
	*a = Array[T]{Name: name, Columns: columns, Data: make([]T, n)}
}

func (a *Array[T]) end(shape []int) {
	a.Shape, a.Data = shape, a.Data[:elements(shape)]
	slices.Sort(a.Missing) // values may have been read column by column
}

func (a *Array[T]) size() int64 {
	switch any(a).(type) {
	case *Array[float64], *Array[int64]:
		return 8
	case *Array[float32], *Array[int32]:
		return 4
	case *Array[bool]:
		return 1
	}
	return 16 // of a string, besides its text
}

func (a *Array[T]) set(at int, v value, f *Field) error {
	x := any(&a.Data[at])
	if v.absent(x) {
		if !f.Missing {
			return fmt.Errorf("%s, where a value is needed", v.absence())
		}
		a.Missing = append(a.Missing, at)
		switch x := x.(type) {
		case *float64:
			*x = math.NaN()
		case *float32:
			*x = float32(math.NaN())
		}
		return nil
	}
	if f.Time {
		var err error
		if v, err = v.seconds(); err != nil {
			return err
		}
	}
	return v.store(x)
}

// elements returns the number of elements of a shape.
func elements(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}
