package table

import (
	"fmt"
	"io"

	"breakeven/internal/regular"
)

// A Kind is the type of a column's values in the file.
type Kind string

// The kinds of columns.
const (
	Bool   Kind = "bool"
	Int    Kind = "integer"
	Float  Kind = "float"
	String Kind = "string" // in CSV and TSV every column is: the caller's type decides
	Time   Kind = "time"
	Other  Kind = "other" // cannot be read; see Column.Why
)

// A Column describes a column or an array of a file.
type Column struct {
	Name  string
	Kind  Kind
	Bits  int    // of a number in a binary format
	Shape []int  // [rows] for a column; nil if it is known only after reading
	Why   string // what it is, if it cannot be read
}

// DefaultMost is how many bytes are read of one file unless Options.Most says otherwise.
const DefaultMost = 4 << 30

// Options say how a file is opened.
type Options struct {
	// NoHeader says that the first line of a CSV or TSV file already holds values. The
	// columns are called "1", "2" and so on.
	NoHeader bool

	// Most bounds the bytes unpacked from the file, and the bytes that values take in memory.
	// 0 is DefaultMost.
	Most int64
}

// A File is a table or a set of arrays. Its names are known; its values are not read yet.
type File struct {
	name     string
	format   string
	columns  []Column
	nameless bool // one array that has no name
	source   source
	most     int64
	closer   io.Closer
}

// source reads values of a format.
type source interface {
	// noun is the word for what a name refers to: column or array.
	noun() string
	// read fills the arrays. Errors name the place in the file, but not the file.
	read(f *File, list []take) error
}

// Open opens the named file, which must be a regular one, and reads the names in it. Options may
// be nil. If the file is missing the error wraps fs.ErrNotExist.
func Open(name string, o *Options) (*File, error) {
	r, size, err := regular.Open(name)
	if err != nil {
		return nil, err
	}
	f, err := New(name, r, size, o)
	if err != nil {
		r.Close()
		return nil, err
	}
	f.closer = r
	return f, nil
}

// New is Open for an open file of size bytes. The name is for errors, and its ending says how
// text is separated.
func New(name string, r io.ReaderAt, size int64, o *Options) (*File, error) {
	if o == nil {
		o = &Options{}
	}
	f := &File{name: name, most: o.Most}
	if f.most <= 0 {
		f.most = DefaultMost
	}
	format, err := recognise(r, size)
	if err == nil {
		f.format = format
		err = f.open(r, size, o)
	}
	if err != nil {
		return nil, f.in(err)
	}
	return f, nil
}

func (f *File) open(r io.ReaderAt, size int64, o *Options) error {
	switch f.format {
	case "npy":
		return f.openNPY(r, size)
	case "npz":
		return f.openNPZ(r, size)
	case "Parquet":
		return f.openParquet(r, size)
	}
	return f.openText(r, size, o)
}

// Name returns the name that the file was opened by.
func (f *File) Name() string { return f.name }

// Format returns CSV, TSV, npy, npz or Parquet.
func (f *File) Format() string { return f.format }

// Columns returns the columns or arrays of the file, in its order.
func (f *File) Columns() []Column { return f.columns }

// Read reads the fields: all of them, or there is an error and the contents of their arrays are
// undefined. A file may be read again.
func (f *File) Read(fields ...Field) error {
	list, err := f.bind(fields)
	if err != nil || len(list) == 0 {
		return err
	}
	if err := f.source.read(f, list); err != nil {
		return f.in(err)
	}
	return nil
}

// Close closes the file.
func (f *File) Close() error {
	if f.closer == nil {
		return nil
	}
	return f.closer.Close()
}

// Read reads fields of the named file.
func Read(name string, fields ...Field) error {
	f, err := Open(name, nil)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Read(fields...)
}

// begin allocates the arrays for the given number of rows, if f.most allows it.
func (f *File) begin(list []take, rows int64) error {
	var bytes int64
	for _, t := range list {
		row := t.into.size() * int64(len(t.columns))
		if rows > 0 && row > (f.most-bytes)/rows {
			return fmt.Errorf("%d rows of what is wanted take more than %d bytes of memory, the most that is allowed", rows, f.most)
		}
		bytes += row * rows
	}
	for _, t := range list {
		name, gathered := f.columns[t.columns[0]].Name, []string(nil)
		if t.Rest {
			name = ""
			for _, at := range t.columns {
				gathered = append(gathered, f.columns[at].Name)
			}
		}
		t.into.begin(name, gathered, int(rows)*len(t.columns))
	}
	return nil
}

// end gives the arrays their shapes.
func end(list []take, rows int) {
	for _, t := range list {
		if t.Rest {
			t.into.end([]int{rows, len(t.columns)})
		} else {
			t.into.end([]int{rows})
		}
	}
}

// A lineError is an error in a line of a text.
type lineError struct {
	line int
	err  error
}

func (e *lineError) Error() string { return fmt.Sprintf("line %d: %v", e.line, e.err) }
func (e *lineError) Unwrap() error { return e.err }

// in names the file in err.
func (f *File) in(err error) error {
	switch e := err.(type) {
	case *lineError:
		return fmt.Errorf("%s:%d: %w", f.name, e.line, e.err)
	case otherFile:
		return fmt.Errorf("%s %w", f.name, e)
	}
	return fmt.Errorf("%s: %w", f.name, err)
}
