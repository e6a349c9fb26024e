// Package grib2 reads gridded weather from files of the WMO's format GRIB, edition 2 (Manual on
// Codes, WMO-No. 306, volume I.2), as far as analyses and forecasts of NAM and GFS need it:
//
//	grid                  3.0 latitude and longitude, 3.30 Lambert conformal on a sphere
//	product               4.0 at one time, on one surface
//	packing               5.0 simple, 5.2 complex, 5.3 complex with spatial differences
//	missing values        bitmaps, and both missing values of complex packing
//	order of the points   every scanning mode without offsets
//
// Laws:
//
//   - [Scan] reads headers only and [Message.Read] the values of one message, so that memory is
//     taken for one field at a time.
//   - A file is hostile until read. Every length and count in it is compared with what the file
//     has before memory is taken for it or a loop runs over it, and no grid has more than MaxPoints.
//   - A message that is sound, and of a kind that is not read, is no fault of the file: Scan lists
//     it, and Read says what it is.
package grib2

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"
)

const (
	// MaxPoints bounds the points of a grid. The finest global analyses have 7 million.
	MaxPoints = 1 << 23
	// maxMessages bounds the fields in a file.
	maxMessages = 1 << 18
)

// A Parameter is what the values of a message mean, by discipline, category and number of the
// WMO's tables 0.0, 4.1 and 4.2.
type Parameter struct{ Discipline, Category, Number uint8 }

// Parameters that are often asked for.
var (
	Temperature = Parameter{0, 0, 0} // K
	WindU       = Parameter{0, 2, 2} // m/s, along the grid's x or to the east: see Grid.Turned
	WindV       = Parameter{0, 2, 3} // m/s, along the grid's y or to the north
)

// Isobaric is the type of a surface of constant pressure, whose level is in pascals (table 4.5).
const Isobaric = 100

// A Message is the header of one field of values.
type Message struct {
	Number    int   // of the message in the file, from 1; several fields may share one
	Offset    int64 // of the message's first byte
	Parameter Parameter
	Surface   uint8   // its type, as Isobaric
	Level     float64 // of the surface, in the unit of its type
	Reference float64 // the analysis or start of the forecast, in seconds since 1970, UTC
	Valid     float64 // the time the values are for
	Grid      Grid

	fault  string  // why it is not read, as far as section 4 says
	pack   packing // section 5
	bitmap block   // section 6
	data   block   // section 7
}

// A block is a piece of the file.
type block struct{ offset, size int64 }

// wrap says which message an error is of.
func (m *Message) wrap(err error) error {
	return fmt.Errorf("message %d at byte %d: %w", m.Number, m.Offset, err)
}

// Scan returns the headers of all fields of a file of the given size, in the file's order. The
// error names the message and the byte where it begins.
func Scan(r io.ReaderAt, size int64) ([]*Message, error) {
	var list []*Message
	number := 0
	for at := int64(0); ; {
		begin, err := find(r, at, size)
		if err != nil {
			return nil, err
		}
		if begin < 0 {
			break
		}
		number++
		s := scanner{r: r, header: Message{Number: number, Offset: begin}}
		if at, err = s.message(size, &list); err != nil {
			return nil, s.header.wrap(err)
		}
	}
	if number == 0 {
		return nil, errors.New("no GRIB message is in it")
	}
	return list, nil
}

// find returns where the next message begins, or -1. Telecommunication headers may stand between
// messages.
func find(r io.ReaderAt, at, size int64) (int64, error) {
	const mark, window = "GRIB", 1 << 16
	buf := make([]byte, min(window, max(size-at, 0)))
	for at+int64(len(mark)) <= size {
		b := buf[:min(int64(len(buf)), size-at)]
		if err := readAt(r, b, at); err != nil {
			return 0, err
		}
		if i := bytes.Index(b, []byte(mark)); i >= 0 {
			return at + int64(i), nil
		}
		at += int64(len(b) - len(mark) + 1)
	}
	return -1, nil
}

// readAt fills b. What is missing from a file that had it a moment ago is an unexpected end.
func readAt(r io.ReaderAt, b []byte, at int64) error {
	n, err := r.ReadAt(b, at)
	if n == len(b) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// A scanner reads the sections of one message. The header collects what they say; sections that
// are repeated replace what came before.
type scanner struct {
	r      io.ReaderAt
	header Message
	seen   uint8 // bit i: section i has come
	bitmap block // the last that was written out
	body   [160]byte
}

// message appends the fields of the message and returns where it ends.
func (s *scanner) message(size int64, list *[]*Message) (end int64, err error) {
	at := s.header.Offset
	b := s.body[:16]
	if size-at < int64(len(b)) {
		return 0, fmt.Errorf("the file ends in its first section: it is truncated")
	}
	if err := readAt(s.r, b, at); err != nil {
		return 0, err
	}
	s.header.Parameter.Discipline = b[6]
	if edition := b[7]; edition != 2 {
		return 0, fmt.Errorf("it is of GRIB edition %d, and edition 2 is read; convert it, as with: grib_set -s edition=2", edition)
	}
	total := binary.BigEndian.Uint64(b[8:])
	if total > uint64(size-at) {
		return 0, fmt.Errorf("it has %d bytes, and the file ends after %d of them: it is truncated", total, size-at)
	}
	if total < 16+4 {
		return 0, fmt.Errorf("it claims to have %d bytes", total)
	}
	end = at + int64(total)
	for at += 16; at < end-4; {
		if at, err = s.section(at, end-4, list); err != nil {
			return 0, err
		}
	}
	if err := readAt(s.r, b[:4], end-4); err != nil {
		return 0, err
	}
	if string(b[:4]) != "7777" {
		return 0, fmt.Errorf("it does not end in 7777: it is damaged")
	}
	return end, nil
}

// section reads one section, which lies before end, and returns where the next begins.
func (s *scanner) section(at, end int64, list *[]*Message) (int64, error) {
	head := s.body[:5]
	if end-at < int64(len(head)) {
		return 0, fmt.Errorf("%d bytes stand where a section should: it is damaged", end-at)
	}
	if err := readAt(s.r, head, at); err != nil {
		return 0, err
	}
	size, number := int64(binary.BigEndian.Uint32(head)), head[4]
	if size < 5 || size > end-at || number < 1 || number > 7 {
		return 0, fmt.Errorf("at byte %d a section %d claims %d bytes, and %d are left of the message: it is damaged", at, number, size, end-at)
	}
	body := s.body[:min(size, int64(len(s.body)))]
	if err := readAt(s.r, body, at); err != nil {
		return 0, err
	}
	if err := s.take(number, body, block{at, size}); err != nil {
		return 0, fmt.Errorf("section %d: %w", number, err)
	}
	if number == 7 {
		if len(*list) == maxMessages {
			return 0, fmt.Errorf("the file has more than the %d fields that are read", maxMessages)
		}
		m := s.header
		*list = append(*list, &m)
	}
	return at + size, nil
}

// take adds what a section says to the header. Body is the section's beginning.
func (s *scanner) take(number uint8, body []byte, where block) error {
	h := &s.header
	if need := []int{0, 21, 5, 14, 9, 11, 6, 5}[number]; len(body) < need {
		return fmt.Errorf("it has %d bytes, and at least %d are needed", len(body), need)
	}
	if number >= 4 && s.seen&(1<<(number-1)) == 0 {
		return fmt.Errorf("section %d does not come before it", number-1)
	}
	// A section that is repeated makes those after it due again.
	s.seen = s.seen&(1<<number-1) | 1<<number
	switch number {
	case 1:
		h.Reference = float64(time.Date(int(binary.BigEndian.Uint16(body[12:])), time.Month(body[14]), int(body[15]),
			int(body[16]), int(body[17]), int(body[18]), 0, time.UTC).Unix())
	case 3:
		h.Grid = gridOf(body)
	case 4:
		h.product(body)
	case 5:
		h.pack = packingOf(body)
	case 6:
		return s.takeBitmap(body[5], where)
	case 7:
		h.data = where
	}
	return nil
}

// takeBitmap notes which bitmap the next field has, by the indicator of section 6.
func (s *scanner) takeBitmap(indicator byte, where block) error {
	switch indicator {
	case 0:
		s.bitmap = where
		s.header.bitmap = where
	case 254: // that of a field before in this message
		if s.bitmap.size == 0 {
			return errors.New("it refers to a bitmap before it, and there is none")
		}
		s.header.bitmap = s.bitmap
	case 255:
		s.header.bitmap = block{}
	default:
		return fmt.Errorf("it refers to bitmap %d of the originating centre, which no file has", indicator)
	}
	return nil
}
