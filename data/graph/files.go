package graph

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"breakeven/internal/foreign"
	"breakeven/internal/regular"
)

// maxLine bounds a line of a text.
const maxLine = 16 << 20

// A folder is where the files of a graph lie: on disk, or in the program.
type folder struct {
	dir      string
	embedded fs.FS // nil: on disk
	most     int64 // bytes that are unpacked of a file
}

// place names a file of the folder in a message.
func (d folder) place(name string) string {
	if d.embedded != nil {
		return "embedded " + path.Join(d.dir, name)
	}
	return filepath.Join(d.dir, name)
}

// base is the name of the folder itself.
func (d folder) base() string {
	if full, err := filepath.Abs(d.dir); err == nil {
		return filepath.Base(full)
	}
	return filepath.Base(d.dir)
}

// find returns the first of names that the folder has, packed (NAME.gz) or not; "" if there is
// none.
func (d folder) find(names ...string) (string, error) {
	for _, name := range names {
		for _, name := range []string{name, name + ".gz"} {
			var err error
			if d.embedded != nil {
				_, err = fs.Stat(d.embedded, path.Join(d.dir, name))
			} else {
				_, err = os.Stat(filepath.Join(d.dir, name))
			}
			if err == nil {
				return name, nil
			}
			if !errors.Is(err, fs.ErrNotExist) {
				return "", err
			}
		}
	}
	return "", nil
}

// need is find for a file that must be there.
func (d folder) need(name string) (string, error) {
	found, err := d.find(name)
	if err == nil && found == "" {
		err = fmt.Errorf("no %s (or %s.gz) in %s: %w", name, name, d.dir, fs.ErrNotExist)
	}
	return found, err
}

func (d folder) open(name string) (io.ReadCloser, error) {
	if d.embedded != nil {
		return d.embedded.Open(path.Join(d.dir, name))
	}
	f, _, err := regular.Open(filepath.Join(d.dir, name))
	return f, err
}

// lines calls f with each line of a file, which may be packed by gzip, and its number, counted
// from 0. Errors name the file and, if f fails, the line.
func (d folder) lines(name string, f func(i int, line []byte) error) error {
	file, err := d.open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	r, err := unpacked(file)
	if err != nil {
		return fmt.Errorf("%s: %w", d.place(name), err)
	}
	left := &io.LimitedReader{R: r, N: d.most}
	s := bufio.NewScanner(left)
	s.Buffer(make([]byte, 0, 1<<16), maxLine)
	for i := 0; ; i++ {
		if !s.Scan() {
			err := s.Err()
			switch {
			case errors.Is(err, bufio.ErrTooLong):
				return fmt.Errorf("%s:%d: a line of more than %d bytes", d.place(name), i+1, maxLine)
			case err != nil:
				return fmt.Errorf("%s: damaged or truncated after line %d (%w)", d.place(name), i, err)
			case left.N == 0:
				return fmt.Errorf("%s: it has more than %d bytes, the most that is read", d.place(name), d.most)
			case i == 0:
				return fmt.Errorf("%s is empty", d.place(name))
			}
			return nil
		}
		if err := f(i, s.Bytes()); err != nil {
			return fmt.Errorf("%s:%d: %w", d.place(name), i+1, err)
		}
	}
}

// read returns the content of a small file, which may be packed by gzip.
func (d folder) read(name string, most int64) ([]byte, error) {
	file, err := d.open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	r, err := unpacked(file)
	var b []byte
	if err == nil {
		b, err = io.ReadAll(io.LimitReader(r, most+1))
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", d.place(name), err)
	case int64(len(b)) > most:
		return nil, fmt.Errorf("%s: it has more than %d bytes, the most that is read", d.place(name), most)
	case len(b) == 0:
		return nil, fmt.Errorf("%s is empty", d.place(name))
	}
	return b, nil
}

// unpacked returns the text that r holds, packed by gzip or not. It refuses what is no text.
func unpacked(r io.Reader) (*bufio.Reader, error) {
	b := bufio.NewReaderSize(r, 1<<16)
	if head, _ := b.Peek(2); bytes.Equal(head, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(b)
		if err != nil {
			return nil, fmt.Errorf("a damaged gzip file (%w)", err)
		}
		b = bufio.NewReaderSize(z, 1<<16)
	}
	head, err := b.Peek(foreign.Size)
	if what := foreign.Name(head); what != "" {
		return nil, fmt.Errorf("it is %s", what)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("damaged or truncated (%w)", err)
	}
	return b, nil
}
