package table

import (
	"fmt"
	"slices"
	"strings"
)

// A Field is what a caller wants from a file: one column, one array, or with Rest a matrix of
// many columns.
type Field struct {
	Names    []string // names that it may have; the first that the file has is taken
	Into     any      // *Array[T], the destination
	Optional bool     // the file may lack it: then Into stays empty
	Missing  bool     // single values may be missing; see Array.Missing
	Time     bool     // values are times, read as seconds since 1970, UTC

	// Rest takes all columns that no other field takes, in the order of the file, as a
	// matrix [rows, columns]; Names is ignored. Only tables have rows for that, npz files do
	// not. Those that Without names stay out of it, of whatever type they are.
	Rest    bool
	Without []string
}

// take is a field with the columns that a file has for it.
type take struct {
	*Field
	into    sink
	columns []int // numbers of columns, at least one
}

// bind finds the columns for each field. It panics for a field that no file could fill.
func (f *File) bind(fields []Field) ([]take, error) {
	var list []take
	taken := make([]bool, len(f.columns))
	for i := range fields {
		field := &fields[i]
		into, ok := field.Into.(sink)
		if !ok {
			panic(fmt.Sprintf("table: field %s into %T, which is no *Array", field.label(), field.Into))
		}
		into.begin("", nil, 0)
		if field.Rest {
			continue
		}
		at, err := f.find(field, len(fields))
		if err != nil {
			return nil, err
		}
		if at >= 0 {
			taken[at] = true
			list = append(list, take{field, into, []int{at}})
		}
	}
	for i := range fields {
		if field := &fields[i]; field.Rest {
			rest, err := f.rest(field, taken)
			if err != nil {
				return nil, err
			}
			if len(rest) > 0 {
				list = append(list, take{field, field.Into.(sink), rest})
			}
		}
	}
	for _, t := range list {
		for _, at := range t.columns {
			if c := f.columns[at]; c.Kind == Other {
				return nil, fmt.Errorf("%s: %s %s cannot be read: it is %s", f.name, f.source.noun(), bare(c.Name), c.Why)
			}
		}
	}
	return list, nil
}

// find returns the number of the column for a field, or -1 if it is optional and missing. An
// exact name is preferred to one that differs in case.
func (f *File) find(field *Field, fields int) (int, error) {
	if len(field.Names) == 0 {
		panic("table: a field without a name")
	}
	if f.nameless {
		if fields > 1 {
			return 0, fmt.Errorf("%s holds one array without a name, and %d are wanted; save them with names in an npz file", f.name, fields)
		}
		return 0, nil
	}
	for _, name := range field.Names {
		exact, folded := f.numbers(name)
		if len(exact) == 0 {
			exact = folded
		}
		switch len(exact) {
		case 0:
		case 1:
			return exact[0], nil
		default:
			return 0, fmt.Errorf("%s: the name %s stands for several columns, number %d and number %d; rename one",
				f.name, bare(name), exact[0]+1, exact[1]+1)
		}
	}
	if field.Optional {
		return -1, nil
	}
	return 0, fmt.Errorf("%s: no %s %s; it has %s", f.name, f.source.noun(), field.label(), f.has())
}

// numbers returns the numbers of the columns with a name, and of those whose names differ from
// it only in case.
func (f *File) numbers(name string) (exact, folded []int) {
	for i, c := range f.columns {
		if c.Name == name {
			exact = append(exact, i)
		} else if strings.EqualFold(c.Name, name) {
			folded = append(folded, i)
		}
	}
	return exact, folded
}

// rest returns the numbers of the columns that are not taken.
func (f *File) rest(field *Field, taken []bool) ([]int, error) {
	if f.source.noun() != "column" {
		return nil, fmt.Errorf("%s: a matrix of columns is wanted, and an %s file has none; name one array with the shape [rows, columns]", f.name, f.format)
	}
	var list []int
	for i, t := range taken {
		if !t && !slices.Contains(field.Without, f.columns[i].Name) {
			list = append(list, i)
		}
	}
	if len(list) == 0 && !field.Optional {
		return nil, fmt.Errorf("%s: no columns are left for %s; it has %s", f.name, field.label(), f.has())
	}
	return list, nil
}

// label names a field for a message: lat (or lat_deg, latitude).
func (field *Field) label() string {
	if len(field.Names) == 0 {
		return "the matrix of columns"
	}
	if len(field.Names) == 1 {
		return field.Names[0]
	}
	return field.Names[0] + " (or " + strings.Join(field.Names[1:], ", ") + ")"
}

// has lists the names in a file, as many as fit into a message.
func (f *File) has() string {
	const most = 12
	if len(f.columns) == 0 {
		return "none"
	}
	var names []string
	for _, c := range f.columns[:min(most, len(f.columns))] {
		names = append(names, bare(c.Name))
	}
	text := strings.Join(names, ", ")
	if more := len(f.columns) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
