package table

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/format"
)

// A pageCheck unpacks a page itself, to exactly the size in the page's header, and counts the
// values in runs. The library would unpack any amount, and repeat a value as often as a run of
// five bytes says, so that a damaged page could take all memory.
type pageCheck struct {
	codec    format.CompressionCodec
	optional bool // values may be null, so that a page begins with levels
}

// plainDictionary is an old number of the dictionary encoding, which old programs wrote.
const plainDictionary = format.Encoding(2)

var errPage = errors.New("damaged: a page is not what its header says")

// check checks the page with the given header.
func (c *pageCheck) check(h *format.PageHeader, body []byte) error {
	switch {
	case h.DictionaryPageHeader.Valid:
		_, err := c.unpack(body, int(h.UncompressedPageSize))
		return err
	case h.DataPageHeader.Valid:
		d := &h.DataPageHeader.V
		page, err := c.unpack(body, int(h.UncompressedPageSize))
		if err != nil {
			return err
		}
		if c.optional {
			if page, err = levels(page, d.DefinitionLevelEncoding, int64(d.NumValues)); err != nil {
				return err
			}
		}
		return values(page, d.Encoding, int64(d.NumValues))
	case h.DataPageHeaderV2.Valid:
		return c.checkV2(h, body)
	}
	return nil
}

// checkV2 checks a page of the second kind, whose levels are not packed.
func (c *pageCheck) checkV2(h *format.PageHeader, body []byte) error {
	d := &h.DataPageHeaderV2.V
	n := int64(d.DefinitionLevelsByteLength)
	if d.RepetitionLevelsByteLength != 0 || n < 0 || n > int64(len(body)) || n > int64(h.UncompressedPageSize) {
		return errPage
	}
	if err := runs(body[:n], 1, int64(d.NumValues)); err != nil {
		return err
	}
	page := body[n:]
	if !d.IsCompressed.Valid || d.IsCompressed.V {
		var err error
		if page, err = c.unpack(page, int(int64(h.UncompressedPageSize)-n)); err != nil {
			return err
		}
	}
	return values(page, d.Encoding, int64(d.NumValues))
}

// unpack returns the unpacked form of b, which has size bytes.
func (c *pageCheck) unpack(b []byte, size int) ([]byte, error) {
	switch c.codec {
	case format.Uncompressed:
		if len(b) != size {
			return nil, errPage
		}
		return b, nil
	case format.Snappy:
		if n, err := snappy.DecodedLen(b); err != nil || n != size {
			return nil, errPage
		}
		page, err := snappy.Decode(nil, b)
		if err != nil {
			return nil, errPage
		}
		return page, nil
	case format.Gzip:
		z, err := gzip.NewReader(bytes.NewReader(b))
		if err != nil {
			return nil, errPage
		}
		return exactly(z, size)
	case format.Zstd:
		z, err := zstd.NewReader(bytes.NewReader(b), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(DefaultMost))
		if err != nil {
			return nil, errPage
		}
		defer z.Close()
		return exactly(z, size)
	}
	return nil, fmt.Errorf("packed by %s, which is not read; write it with Snappy, gzip or zstd", c.codec)
}

// exactly reads the size bytes that r must have.
func exactly(r io.Reader, size int) ([]byte, error) {
	var page bytes.Buffer // grows with the data, not with the claimed size
	if n, err := page.ReadFrom(io.LimitReader(r, int64(size)+1)); err != nil || n != int64(size) {
		return nil, errPage
	}
	return page.Bytes(), nil
}

// levels checks the levels at the beginning of a page of the first kind, which say for n values
// whether they are null, and returns the bytes after them.
func levels(page []byte, e format.Encoding, n int64) ([]byte, error) {
	if e != format.RLE {
		return nil, fmt.Errorf("levels in the encoding %s, which is not read; write it with a newer program", e)
	}
	if len(page) < 4 {
		return nil, errPage
	}
	length := int64(binary.LittleEndian.Uint32(page))
	if length > int64(len(page)-4) {
		return nil, errPage
	}
	return page[4+length:], runs(page[4:4+length], 1, n)
}

// values checks the bytes after the levels: n values, or fewer if some are null.
func values(page []byte, e format.Encoding, n int64) error {
	switch e {
	case format.Plain, format.ByteStreamSplit:
		return nil // the library counts the bytes of these
	case plainDictionary, format.RLEDictionary:
		if len(page) == 0 {
			return nil // all are null
		}
		if page[0] > 32 {
			return errPage
		}
		return runs(page[1:], int64(page[0]), n)
	case format.RLE: // bools
		if len(page) < 4 {
			return errPage
		}
		return runs(page[4:], 1, n)
	case format.DeltaBinaryPacked, format.DeltaLengthByteArray:
		// The size of a block, the parts of it, and the number of values.
		var total uint64
		for range 3 {
			u, k := binary.Uvarint(page)
			if k <= 0 {
				return errPage
			}
			total, page = u, page[k:]
		}
		if total > uint64(n) {
			return errPage
		}
		return nil
	}
	return fmt.Errorf("in the encoding %s, which is not read; write it as PLAIN or with a dictionary", e)
}

// runs counts the values of b, each width bits wide, in runs of one value and packed groups of
// eight. There must not be more than n, except for the padding of the last groups.
func runs(b []byte, width, n int64) error {
	const fill = 512
	for most := uint64(n) + fill; len(b) > 0; {
		head, k := binary.Uvarint(b)
		if k <= 0 {
			return errPage
		}
		b = b[k:]
		count, size := head>>1, uint64(width+7)/8
		if head&1 == 1 {
			if count > most/8 {
				return errPage
			}
			count, size = 8*count, count*uint64(width)
		}
		if count > most || size > uint64(len(b)) {
			return errPage
		}
		most -= count
		b = b[size:]
	}
	return nil
}
