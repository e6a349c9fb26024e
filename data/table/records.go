package table

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// records are the rows of a text, one after another.
type records interface {
	// next returns the fields of a row and the number of its first line, counted from 1. The
	// slice is overwritten by the next call. At the end the error is io.EOF.
	next() (fields []string, line int, err error)
}

// open returns the rows of the file, beginning with its first line.
func (t *text) open(most int64) (records, error) {
	r, err := t.unpacked(most)
	if err != nil {
		return nil, err
	}
	b := bufio.NewReaderSize(r, 1<<16)
	if head, _ := b.Peek(len(bom)); bytes.Equal(head, bom) {
		if _, err := b.Discard(len(bom)); err != nil {
			return nil, err
		}
	}
	if t.tabs {
		s := bufio.NewScanner(b)
		s.Buffer(make([]byte, 0, 1<<16), maxRecord)
		return &tabbed{lines: s}, nil
	}
	q := &quoted{record: &bounded{r: b, why: errLong}}
	q.csv = csv.NewReader(q.record)
	q.csv.FieldsPerRecord, q.csv.ReuseRecord = -1, true
	return q, nil
}

var errLong = fmt.Errorf("a line, or a field in quotes, of more than %d bytes; is a quote missing?", maxRecord)

// tabbed reads TSV, in which a quote is an ordinary character.
type tabbed struct {
	lines  *bufio.Scanner
	line   int
	fields []string
}

func (t *tabbed) next() ([]string, int, error) {
	for empty := 0; ; {
		if !t.lines.Scan() {
			if err := t.lines.Err(); errors.Is(err, bufio.ErrTooLong) {
				return nil, 0, &lineError{t.line + 1, errLong}
			} else if err != nil {
				return nil, 0, err
			}
			return nil, 0, io.EOF
		}
		t.line++
		text := strings.TrimSuffix(t.lines.Text(), "\r")
		if text == "" {
			if empty == 0 {
				empty = t.line
			}
			continue
		}
		if empty > 0 {
			return nil, 0, &lineError{empty, errEmptyLine}
		}
		t.fields = t.fields[:0]
		for field := range strings.SplitSeq(text, "\t") {
			t.fields = append(t.fields, field)
		}
		return t.fields, t.line, nil
	}
}

var errEmptyLine = errors.New("an empty line before a row; take it out, or write what is missing as NA")

// quoted reads CSV.
type quoted struct {
	csv    *csv.Reader
	record *bounded // bounds the bytes of a record
	line   int      // last line of the previous record
}

func (q *quoted) next() ([]string, int, error) {
	q.record.left = maxRecord
	fields, err := q.csv.Read()
	var parse *csv.ParseError
	switch {
	case errors.As(err, &parse):
		return nil, 0, &lineError{parse.StartLine, quoteFault(parse.Err)}
	case errors.Is(err, errLong):
		return nil, 0, &lineError{q.line + 1, err}
	case err != nil:
		return nil, 0, err
	}
	line, _ := q.csv.FieldPos(0)
	if line > q.line+1 {
		return nil, 0, &lineError{q.line + 1, errEmptyLine}
	}
	last := len(fields) - 1
	end, _ := q.csv.FieldPos(last)
	q.line = end + strings.Count(fields[last], "\n")
	return fields, line, nil
}

// quoteFault says what is wrong with a quote.
func quoteFault(err error) error {
	switch {
	case errors.Is(err, csv.ErrBareQuote):
		return errors.New(`a quote in a field that does not begin with one; put the field in quotes, and write a quote in it as ""`)
	case errors.Is(err, csv.ErrQuote):
		return errors.New(`a field in quotes does not end, or goes on after its quote; a quote in it is written as ""`)
	}
	return err
}
