package table

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"
)

// maxFooter bounds the description at the end of a Parquet file.
const maxFooter = 64 << 20

// pq is a Parquet file.
type pq struct {
	r     io.ReaderAt
	size  int64
	file  *parquet.File
	types []pqType // of each column
	leafs []int    // of each column, its index among the file's leaves

	optional []bool // of each leaf: its values may be null
}

func (p *pq) noun() string { return "column" }

// A pqType converts a value of the library to one of ours.
type pqType func(v parquet.Value) (value, error)

// openParquet reads the description of the columns.
func (f *File) openParquet(r io.ReaderAt, size int64) (err error) {
	defer recovered(&err)
	if err := checkFooter(r, size); err != nil {
		return err
	}
	p := &pq{r: r, size: size}
	p.file, err = parquet.OpenFile(r, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true), parquet.OptimisticRead(false))
	if err != nil {
		return fmt.Errorf("a damaged Parquet file (%w)", err)
	}
	rows, err := p.rows()
	if err != nil {
		return err
	}
	f.columns, f.source = p.columns(int(rows)), p
	return nil
}

// columns describes the columns, each of which is a leaf or a group of them.
func (p *pq) columns(rows int) []Column {
	var list []Column
	open := 0 // parts of the current group that still follow
	for _, e := range p.file.Metadata().Schema[1:] {
		if open == 0 {
			c, convert := describe(&e)
			c.Shape = []int{rows}
			list = append(list, c)
			p.types, p.leafs = append(p.types, convert), append(p.leafs, len(p.optional))
			open = 1
		}
		open--
		if n := int(e.NumChildren.V); n > 0 {
			open += n
		} else {
			p.optional = append(p.optional, e.RepetitionType.Valid && e.RepetitionType.V == format.Optional)
		}
	}
	return list
}

// recovered turns a panic of the library into an error.
func recovered(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("a damaged Parquet file (%v)", r)
	}
}

// checkFooter refuses a file with an invalid description.
func checkFooter(r io.ReaderAt, size int64) error {
	var last [8]byte
	if size < 12 {
		return fmt.Errorf("a truncated Parquet file of %d bytes", size)
	}
	if _, err := r.ReadAt(last[:], size-8); err != nil {
		return err
	}
	if string(last[4:]) != "PAR1" {
		return errors.New("a truncated Parquet file: its end is missing")
	}
	n := int64(binary.LittleEndian.Uint32(last[:]))
	if n > size-12 || n > maxFooter {
		return fmt.Errorf("a damaged Parquet file: a description of %d bytes in a file of %d", n, size)
	}
	footer := make([]byte, n)
	if _, err := r.ReadAt(footer, size-8-n); err != nil {
		return err
	}
	_, err := thriftLength(footer)
	return err
}

// rows returns the number of rows.
func (p *pq) rows() (int64, error) {
	var total int64
	for _, g := range p.file.Metadata().RowGroups {
		if g.NumRows < 0 || total+g.NumRows < 0 {
			return 0, errors.New("a damaged Parquet file: a negative number of rows")
		}
		total += g.NumRows
	}
	return total, nil
}

// describe returns what a column is and how its values are read.
func describe(e *format.SchemaElement) (Column, pqType) {
	c := Column{Name: e.Name}
	other := func(why string) (Column, pqType) {
		c.Kind, c.Why = Other, why
		return c, nil
	}
	kind := func(k Kind, bits int, convert pqType) (Column, pqType) {
		c.Kind, c.Bits = k, bits
		return c, convert
	}
	switch {
	case e.NumChildren.V > 0:
		return other("nested (a list or a record); write its parts as columns")
	case e.RepetitionType.Valid && e.RepetitionType.V == format.Repeated:
		return other("a list in each row; write its parts as columns")
	case !e.Type.Valid:
		return other("of no type")
	}
	old := deprecated.ConvertedType(-1)
	if e.ConvertedType.Valid {
		old = e.ConvertedType.V
	}
	switch e.Type.V {
	case format.Boolean:
		return kind(Bool, 8, func(v parquet.Value) (value, error) {
			x := value{kind: Bool}
			if v.Boolean() {
				x.i = 1
			}
			return x, nil
		})
	case format.Float:
		return kind(Float, 32, func(v parquet.Value) (value, error) { return value{kind: Float, f: float64(v.Float())}, nil })
	case format.Double:
		return kind(Float, 64, func(v parquet.Value) (value, error) { return value{kind: Float, f: v.Double()}, nil })
	case format.Int32, format.Int64:
		return describeInt(c, e, old)
	case format.Int96:
		return other("of times in the old 96-bit form; write it as TIMESTAMP")
	}
	switch e.LogicalType.Value.(type) {
	case nil, *format.StringType, *format.EnumType, *format.JsonType:
	default:
		return other("of the type " + e.LogicalType.String() + "; write it as numbers or text")
	}
	if e.Type.V != format.ByteArray || old == deprecated.Decimal || old == deprecated.Bson || old == deprecated.Interval {
		return other("of bytes; write it as numbers or text")
	}
	return kind(String, 0, func(v parquet.Value) (value, error) {
		b := v.ByteArray()
		if !utf8.Valid(b) {
			return value{}, fmt.Errorf("%s is not UTF-8", label(string(b)))
		}
		return value{kind: String, s: string(b)}, nil
	})
}

// describeInt is describe for a column of integers, which may also be times and other things.
func describeInt(c Column, e *format.SchemaElement, old deprecated.ConvertedType) (Column, pqType) {
	read, width := func(v parquet.Value) int64 { return v.Int64() }, 64
	if e.Type.V == format.Int32 {
		read, width = func(v parquet.Value) int64 { return int64(v.Int32()) }, 32
	}
	times := func(unit int64) (Column, pqType) {
		c.Kind, c.Bits = Time, 64
		return c, func(v parquet.Value) (value, error) { return timeOf(read(v), unit) }
	}
	unsigned := old >= deprecated.Uint8 && old <= deprecated.Uint64
	switch l := e.LogicalType.Value.(type) {
	case *format.TimestampType:
		switch l.Unit.Value.(type) {
		case *format.MilliSeconds:
			return times(1e6)
		case *format.MicroSeconds:
			return times(1e3)
		case *format.NanoSeconds:
			return times(1)
		}
	case *format.DateType:
		return times(24 * 3600e9)
	case *format.IntType:
		unsigned = !l.IsSigned
	case nil:
	default:
		c.Kind, c.Why = Other, "of the type "+e.LogicalType.String()+"; write it as numbers"
		return c, nil
	}
	switch old {
	case deprecated.TimestampMillis:
		return times(1e6)
	case deprecated.TimestampMicros:
		return times(1e3)
	case deprecated.Date:
		return times(24 * 3600e9)
	case deprecated.Decimal, deprecated.TimeMillis, deprecated.TimeMicros:
		c.Kind, c.Why = Other, "of decimals or times of day; write it as numbers"
		return c, nil
	}
	c.Kind, c.Bits = Int, width
	return c, func(v parquet.Value) (value, error) {
		i := read(v)
		switch {
		case unsigned && width == 32:
			i = int64(uint32(i))
		case unsigned && i < 0:
			return value{}, fmt.Errorf("%d is beyond a 64-bit integer with a sign", uint64(i))
		}
		return value{kind: Int, i: i}, nil
	}
}
