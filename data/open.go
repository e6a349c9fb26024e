package data

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"breakeven/internal/foreign"
)

// Open reads the named set from the files in folder dir; "" is DefaultDir. Warnings must be
// told to the user beside every result made from the set. Errors wrap fs.ErrNotExist if files
// are missing.
func Open(name, dir string) (train, test *Set, warnings []string, err error) {
	in, err := Lookup(name)
	if err != nil {
		return nil, nil, nil, err
	}
	if dir, err = folder(&in, dir); err != nil {
		return nil, nil, nil, err
	}
	train, test, warnings, err = in.open(&in, dir)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("data: %s: %w", name, err)
	}
	return train, test, warnings, nil
}

// DefaultDir returns the folder of data sets if none is given: that of the environment variable
// BREAKEVEN_DATA, else breakeven/data in the user's cache folder.
func DefaultDir() (string, error) {
	if dir := os.Getenv("BREAKEVEN_DATA"); dir != "" {
		return dir, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("data: no folder for data sets (%w); set BREAKEVEN_DATA, or %w", err, ErrFolder)
	}
	return filepath.Join(cache, "breakeven", "data"), nil
}

// folder returns the folder to look into. An embedded set needs none.
func folder(in *Info, dir string) (string, error) {
	if dir != "" || in.Embedded() {
		return dir, nil
	}
	return DefaultDir()
}

// locate returns the path of the first of names that exists, looking into each of the set's
// folders below dir; "" if there is none.
func (in *Info) locate(dir string, names ...string) (string, error) {
	return Locate(dir, in.folders, names...)
}

// Locate returns the path of the first of names that exists, looking into each of the folders
// below dir; "" if there is none.
func Locate(dir string, folders []string, names ...string) (string, error) {
	for _, sub := range folders {
		for _, name := range names {
			path := filepath.Join(dir, sub, name)
			_, err := os.Stat(path)
			if err == nil {
				return path, nil
			}
			if !errors.Is(err, fs.ErrNotExist) {
				return "", fmt.Errorf("cannot look for the files: %w; check the folder and its permissions", err)
			}
		}
	}
	return "", nil
}

// missing is the error for files that are not there.
func (in *Info) missing(dir string, what string) error {
	state := "has no " + what
	if _, err := os.Stat(dir); err != nil {
		state = "does not exist"
	}
	return &FilesError{Set: in.Name, Missing: true, Err: absent(fmt.Sprintf("folder %s %s", dir, state))}
}

// recognised returns an error if r is something that often stands in place of a file of a data
// set: a web page, a pointer of Git LFS, another archive.
func recognised(r io.ReaderAt) error {
	head, err := foreign.Head(r)
	if err != nil {
		return err
	}
	if what := foreign.Name(head); what != "" {
		return fmt.Errorf("it is %s", what)
	}
	return nil
}

// plain returns r unpacked if it begins like a gzip stream, else r itself, and whether it was
// packed.
func plain(r io.Reader) (out io.Reader, packed bool, err error) {
	b := bufio.NewReaderSize(r, 1<<16)
	if head, _ := b.Peek(2); !bytes.Equal(head, []byte{0x1f, 0x8b}) {
		return b, false, nil
	}
	out, err = gzip.NewReader(b)
	return out, true, err
}

// sized returns an error unless a file has the size that it should have.
func sized(have, want int64) error {
	switch {
	case have < want:
		return fmt.Errorf("truncated: it has %d of %d bytes", have, want)
	case have > want:
		return fmt.Errorf("too long: it has %d bytes, the published file %d", have, want)
	}
	return nil
}

// fill reads exactly len(b) bytes. have is the number of bytes read before them, of the want
// bytes of the file.
func fill(r io.Reader, b []byte, have, want int64) error {
	n, err := io.ReadFull(r, b)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("truncated: it ends after %d of %d bytes", have+int64(n), want)
	}
	if err != nil {
		return fmt.Errorf("corrupt after %d of %d bytes (%w)", have+int64(n), want, err)
	}
	return nil
}

// end returns an error unless r is at its end, after want bytes.
func end(r io.Reader, want int64) error {
	var b [1]byte
	n, err := io.ReadFull(r, b[:])
	switch {
	case n > 0:
		return fmt.Errorf("too long: it goes on after its %d bytes", want)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("truncated: its compressed form ends early")
	case !errors.Is(err, io.EOF):
		return fmt.Errorf("corrupt at its end (%w)", err)
	}
	return nil
}

// list joins names as in "a, b and c".
func list(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
