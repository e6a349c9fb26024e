package graph

import (
	"fmt"
	"strings"

	"breakeven/data/table"
)

// columns are the columns or arrays of a file from which the parts of a graph are read.
type columns struct {
	*table.File
	text   bool // rows are lines
	header int  // lines before the first row of a text
}

// openColumns opens a table or a set of arrays.
func openColumns(path string, most int64, header bool) (*columns, error) {
	f, err := table.Open(path, &table.Options{Most: most, NoHeader: !header})
	if err != nil {
		return nil, err
	}
	c := &columns{File: f, text: f.Format() == "CSV" || f.Format() == "TSV"}
	if header {
		c.header = 1
	}
	return c, nil
}

// has returns the first of names that the file has, exactly or in other letters; "" if there is
// none.
func (f *columns) has(names ...string) string {
	for _, name := range names {
		if _, ok := f.column(name); ok {
			return name
		}
	}
	return ""
}

// column returns the named column.
func (f *columns) column(name string) (table.Column, bool) {
	for _, same := range []func(string) bool{
		func(s string) bool { return s == name },
		func(s string) bool { return strings.EqualFold(s, name) },
	} {
		for _, c := range f.Columns() {
			if same(c.Name) {
				return c, true
			}
		}
	}
	return table.Column{}, false
}

// at returns a function that names the place of a row; of row -1, that of the column.
func (f *columns) at(name string) func(row int) string {
	return func(row int) string {
		switch {
		case f.Format() == "npz" && row < 0:
			return fmt.Sprintf("%s: array %s", f.Name(), name)
		case row < 0:
			return f.Name()
		case f.text:
			return fmt.Sprintf("%s:%d", f.Name(), row+1+f.header)
		case f.Format() == "npz":
			return fmt.Sprintf("%s: array %s, row %d", f.Name(), name, row)
		}
		return fmt.Sprintf("%s: row %d", f.Name(), row)
	}
}

// want is a field that the file must have unless it is optional.
func want(into any, optional bool, names ...string) table.Field {
	return table.Field{Names: names, Into: into, Optional: optional}
}

// setDense sets the features to a dense matrix [nodes, features].
func (c *content) setDense(x *table.Array[float32], most int64, at func(row int) string) error {
	if len(x.Shape) != 2 {
		return fmt.Errorf("%s: features of the shape %v, where [nodes, features] is wanted", at(-1), x.Shape)
	}
	rows, cols := x.Shape[0], x.Shape[1]
	if rows == 0 {
		return fmt.Errorf("%s: no nodes", at(-1))
	}
	m := newMatrix(cols, most)
	for i := range rows {
		for j, v := range x.Data[i*cols : (i+1)*cols] {
			if err := m.add(j, v); err != nil {
				return fmt.Errorf("%s: %w", at(i), err)
			}
		}
		if err := m.end(); err != nil {
			return fmt.Errorf("%s: %w", at(i), err)
		}
	}
	c.features = m.csr(cols)
	return nil
}
