package table

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	// maxRecord bounds the bytes of one line, or of one record in quotes. A table
	// of 100,000 columns takes about 1 MB.
	maxRecord = 16 << 20
	// maxColumns bounds the columns of a table.
	maxColumns = 1 << 17
)

// text is a CSV or TSV file.
type text struct {
	r       io.ReaderAt
	size    int64
	packed  bool // by gzip
	tabs    bool // TSV
	header  bool
	columns int
}

func (t *text) noun() string { return "column" }

// openText reads the header.
func (f *File) openText(r io.ReaderAt, size int64, o *Options) error {
	t := &text{r: r, size: size, packed: f.format == "gzip", header: !o.NoHeader}
	name := strings.ToLower(f.name)
	if t.packed {
		name = strings.TrimSuffix(name, ".gz")
	}
	switch {
	case strings.HasSuffix(name, ".csv"):
		f.format = "CSV"
	case strings.HasSuffix(name, ".tsv"), strings.HasSuffix(name, ".tab"):
		f.format, t.tabs = "TSV", true
	}
	f.source = t
	if err := t.look(f.format); err != nil {
		return err
	}
	rows, err := t.open(f.most)
	if err != nil {
		return err
	}
	first, line, err := rows.next()
	if errors.Is(err, io.EOF) {
		return otherFile("empty")
	}
	if err != nil {
		return err
	}
	t.columns = len(first)
	if t.columns > maxColumns {
		return fmt.Errorf("%d columns, more than the %d that are read", t.columns, maxColumns)
	}
	if t.header {
		if err := t.checkHeader(first); err != nil {
			return &lineError{line, err}
		}
	}
	for i, name := range first {
		if !t.header {
			name = strconv.Itoa(i + 1)
		}
		f.columns = append(f.columns, Column{Name: strings.Clone(strings.TrimSpace(name)), Kind: String})
	}
	return nil
}

// look returns an error for a file that is not text which can be read.
func (t *text) look(format string) error {
	head, err := t.head()
	if err != nil {
		return err
	}
	if t.packed && len(head) > 0 {
		inner, err := formatOf(head)
		if err != nil {
			return fmt.Errorf("what it holds, packed by gzip, %w", err)
		}
		if inner != "text" {
			return fmt.Errorf("what it holds is %s, packed by gzip; unpack it", inner)
		}
	}
	switch {
	case len(head) == 0:
		return otherFile("empty")
	case format != "CSV" && format != "TSV":
		return errors.New("how its columns are separated is not known, since its name ends neither in .csv nor in .tsv (with or without .gz); rename it, or save it in another format")
	case bytes.Count(head, []byte{'\r'}) > 1 && bytes.IndexByte(head, '\n') < 0:
		return errors.New("its lines end in carriage returns alone, as on old computers; save it with line feeds")
	}
	return nil
}

// head returns the beginning of the text.
func (t *text) head() ([]byte, error) {
	head := make([]byte, 4096)
	if !t.packed {
		n, err := t.r.ReadAt(head, 0)
		if errors.Is(err, io.EOF) {
			err = nil
		}
		return head[:n], err
	}
	z, err := gzip.NewReader(io.NewSectionReader(t.r, 0, t.size))
	if err != nil {
		return nil, fmt.Errorf("a damaged gzip file (%w)", err)
	}
	n, err := io.ReadFull(z, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fmt.Errorf("a damaged gzip file (%w)", err)
	}
	return head[:n], nil
}

// checkHeader refuses a first line that names no columns, or is in a dialect that is not read.
func (t *text) checkHeader(names []string) error {
	numbers := 0
	for _, name := range names {
		if _, err := parseFloat(name, 64); err == nil {
			numbers++
		}
	}
	switch one := len(names) == 1; {
	case strings.HasPrefix(names[0], "#"):
		return errors.New("it begins with #: comments are not read; let the file begin with the names of its columns")
	case numbers == len(names):
		return errors.New("numbers stand where the names of the columns should: put a line with the names before it")
	case one && !t.tabs && strings.Contains(names[0], "\t"):
		return errors.New("columns are separated by tabs; let the file's name end in .tsv")
	case one && !t.tabs && strings.Contains(names[0], ";"):
		return errors.New("columns are separated by semicolons; save it with commas, and with points in numbers")
	case one && t.tabs && strings.Contains(names[0], ","):
		return errors.New("columns are separated by commas; let the file's name end in .csv")
	}
	return nil
}

// read reads the file twice: first it counts the lines, so that memory is allocated once, then
// it reads the values.
func (t *text) read(f *File, list []take) error {
	lines, err := t.count(f.most)
	if err != nil {
		return err
	}
	if err := f.begin(list, lines); err != nil {
		return err
	}
	rows, err := t.open(f.most)
	if err != nil {
		return err
	}
	if t.header {
		if _, _, err := rows.next(); err != nil {
			return err
		}
	}
	words := words{}
	n := 0
	for ; ; n++ {
		fields, line, err := rows.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if len(fields) != t.columns {
			return &lineError{line, fmt.Errorf("it has %d fields, and %s has %d", len(fields), t.firstLine(), t.columns)}
		}
		for i := range list {
			if err := list[i].row(f, n, fields, words); err != nil {
				return &lineError{line, err}
			}
		}
	}
	end(list, n)
	return nil
}

func (t *text) firstLine() string {
	if t.header {
		return "the header"
	}
	return "the first line"
}

// row converts the fields of row n.
func (t *take) row(f *File, n int, fields []string, words words) error {
	_, text := t.into.(*Array[string])
	for j, at := range t.columns {
		cell := fields[at]
		if text {
			if !utf8.ValidString(cell) {
				return fmt.Errorf("column %s: %s is not UTF-8; save the file in UTF-8", bare(f.columns[at].Name), label(cell))
			}
			cell = words.own(cell)
		}
		if err := t.into.set(n*len(t.columns)+j, value{kind: String, s: cell}, t.Field); err != nil {
			return fmt.Errorf("column %s: %w", bare(f.columns[at].Name), err)
		}
	}
	return nil
}

// words are strings that were read before. A string that occurs in many rows, such as the name of
// a flight, takes memory once.
type words map[string]string

// own returns a copy of s that does not keep its line in memory.
func (w words) own(s string) string {
	if kept, ok := w[s]; ok {
		return kept
	}
	s = strings.Clone(s)
	if len(s) <= 64 && len(w) < 1<<16 {
		w[s] = s
	}
	return s
}

// count returns the number of lines, which is the most rows that the file can have.
func (t *text) count(most int64) (int64, error) {
	r, err := t.unpacked(most)
	if err != nil {
		return 0, err
	}
	buf := make([]byte, 1<<16)
	lines, last := int64(0), byte('\n')
	for {
		n, err := r.Read(buf)
		lines += int64(bytes.Count(buf[:n], []byte{'\n'}))
		if n > 0 {
			last = buf[n-1]
		}
		if errors.Is(err, io.EOF) {
			if last != '\n' {
				lines++
			}
			return lines, nil
		}
		if err != nil {
			return 0, err
		}
	}
}

// unpacked returns the file's text, bounded to the given number of bytes.
func (t *text) unpacked(most int64) (io.Reader, error) {
	var r io.Reader = io.NewSectionReader(t.r, 0, t.size)
	if t.packed {
		z, err := gzip.NewReader(bufio.NewReaderSize(r, 1<<16))
		if err != nil {
			return nil, fmt.Errorf("a damaged gzip file (%w)", err)
		}
		r = gunzip{z}
	}
	return &bounded{r: r, left: most, why: fmt.Errorf("it has more than %d bytes, the most that is read", most)}, nil
}

// gunzip turns errors of unpacking into ones that say that the file is damaged.
type gunzip struct{ z *gzip.Reader }

func (g gunzip) Read(b []byte) (int, error) {
	n, err := g.z.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("a damaged or truncated gzip file (%w)", err)
	}
	return n, err
}

// bounded reads at most left bytes of r and then fails with why.
type bounded struct {
	r    io.Reader
	left int64
	why  error
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		var one [1]byte
		if n, err := b.r.Read(one[:]); n == 0 {
			return 0, err
		}
		return 0, b.why
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}
