package table

import (
	"errors"
	"fmt"
	"io"
	"math/bits"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// read reads the columns that are taken, one after another.
func (p *pq) read(f *File, list []take) (err error) {
	defer recovered(&err)
	rows, err := p.rows()
	if err != nil {
		return err
	}
	for _, t := range list {
		for _, at := range t.columns {
			if err := p.check(p.leafs[at], f.most); err != nil {
				return fmt.Errorf("column %s: %w", bare(f.columns[at].Name), err)
			}
		}
	}
	if err := f.begin(list, rows); err != nil {
		return err
	}
	for _, t := range list {
		for j, at := range t.columns {
			c := &pqColumn{convert: p.types[at], into: t.into, field: t.Field, at: j, step: len(t.columns)}
			if err := c.read(p.file.RowGroups(), p.leafs[at]); err != nil {
				return fmt.Errorf("column %s: %w", bare(f.columns[at].Name), err)
			}
		}
	}
	end(list, int(rows))
	return nil
}

// A pqColumn is a column that is being read into an array.
type pqColumn struct {
	convert pqType
	into    sink
	field   *Field
	at      int // index of the next value
	step    int // from a row to the next
	buf     [1024]parquet.Value
	row     int64
	words   words
}

func (c *pqColumn) read(groups []parquet.RowGroup, leaf int) error {
	c.words = words{}
	for _, g := range groups {
		before := c.row
		if err := c.pages(g.ColumnChunks()[leaf].Pages(), before+g.NumRows()); err != nil {
			return err
		}
		if c.row != before+g.NumRows() {
			return fmt.Errorf("damaged: it ends after %d of %d rows", c.row, before+g.NumRows())
		}
	}
	return nil
}

// pages reads the pages of one group, up to a row.
func (c *pqColumn) pages(pages parquet.Pages, to int64) (err error) {
	defer func() {
		if closed := pages.Close(); err == nil {
			err = closed
		}
	}()
	for {
		page, err := pages.ReadPage()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("damaged after row %d (%w)", c.row, err)
		}
		err = c.page(page.Values(), to)
		parquet.Release(page)
		if err != nil {
			return err
		}
	}
}

func (c *pqColumn) page(values parquet.ValueReader, to int64) error {
	for {
		n, err := values.ReadValues(c.buf[:])
		if int64(n) > to-c.row {
			return fmt.Errorf("damaged: it goes on after %d rows", to)
		}
		for _, v := range c.buf[:n] {
			if err := c.set(v); err != nil {
				return fmt.Errorf("row %d: %w", c.row+1, err)
			}
			c.row++
			c.at += c.step
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("damaged after row %d (%w)", c.row, err)
		}
	}
}

func (c *pqColumn) set(v parquet.Value) error {
	var x value
	if !v.IsNull() {
		var err error
		if x, err = c.convert(v); err != nil {
			return err
		}
		if x.kind == String {
			x.s = c.words.own(x.s)
		}
	}
	return c.into.set(c.at, x, c.field)
}

// check walks over a column's pages and compares their sizes with the file.
func (p *pq) check(leaf int, most int64) error {
	var unpacked int64
	for _, g := range p.file.Metadata().RowGroups {
		if leaf >= len(g.Columns) {
			return errors.New("damaged: it is missing in a group of rows")
		}
		m := &g.Columns[leaf].MetaData
		begin := m.DataPageOffset
		if m.DictionaryPageOffset != 0 {
			begin = m.DictionaryPageOffset
		}
		end, over := bits.Add64(uint64(begin), uint64(m.TotalCompressedSize), 0)
		if begin < 4 || m.TotalCompressedSize < 0 || over > 0 || end > uint64(p.size) {
			return errors.New("damaged: it lies outside of the file")
		}
		values := int64(0)
		page := &pageCheck{codec: m.Codec, optional: p.optional[leaf]}
		for at := begin; at < int64(end); {
			h, n, err := p.pageHeader(at, int64(end))
			if err != nil {
				return err
			}
			unpacked += int64(h.UncompressedPageSize)
			if unpacked > most {
				return fmt.Errorf("it unpacks to more than %d bytes, the most that is read", most)
			}
			body := make([]byte, h.CompressedPageSize)
			if _, err := p.r.ReadAt(body, at+n); err != nil {
				return err
			}
			if err := page.check(h, body); err != nil {
				return err
			}
			values += pageValues(h)
			at += n + int64(h.CompressedPageSize)
		}
		if values != g.NumRows {
			return fmt.Errorf("damaged: %d values for %d rows", values, g.NumRows)
		}
	}
	return nil
}

// pageHeader reads the header of a page and returns its length.
func (p *pq) pageHeader(at, end int64) (*format.PageHeader, int64, error) {
	b, err := p.structure(at, end)
	if err != nil {
		return nil, 0, err
	}
	h := new(format.PageHeader)
	if err := thrift.Unmarshal(&thrift.CompactProtocol{}, b, h); err != nil {
		return nil, 0, fmt.Errorf("damaged: the header of a page makes no sense (%w)", err)
	}
	n := int64(len(b))
	packed, size := int64(h.CompressedPageSize), int64(h.UncompressedPageSize)
	if packed < 0 || size < 0 || packed > end-at-n {
		return nil, 0, errors.New("damaged: a page ends after its column")
	}
	if d := h.DictionaryPageHeader; d.Valid && int64(d.V.NumValues) > 8*size {
		return nil, 0, fmt.Errorf("damaged: a dictionary of %d values in %d bytes", d.V.NumValues, size)
	}
	return h, n, nil
}

// structure returns the bytes of the structure that begins at a place. Its statistics can hold
// long texts.
func (p *pq) structure(at, end int64) ([]byte, error) {
	for _, most := range []int64{1 << 10, 1 << 20} {
		b := make([]byte, min(most, end-at))
		if _, err := p.r.ReadAt(b, at); err != nil {
			return nil, err
		}
		if n, err := thriftLength(b); err == nil {
			return b[:n], nil
		}
	}
	return nil, errThrift
}

// pageValues returns how many values a page has for its rows.
func pageValues(h *format.PageHeader) int64 {
	switch {
	case h.DataPageHeader.Valid:
		return int64(h.DataPageHeader.V.NumValues)
	case h.DataPageHeaderV2.Valid:
		return int64(h.DataPageHeaderV2.V.NumValues)
	}
	return 0
}
