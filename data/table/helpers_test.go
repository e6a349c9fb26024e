package table

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// file writes b to a file of the given name.
func file(name string, b []byte, o *Options) (*File, error) {
	return New(name, bytes.NewReader(b), int64(len(b)), o)
}

// opened is file for contents that can be opened.
func opened(t testing.TB, name, content string) *File {
	t.Helper()
	f, err := file(name, []byte(content), nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// read opens and reads content, and returns the first error.
func read(name, content string, fields ...Field) error {
	f, err := file(name, []byte(content), nil)
	if err != nil {
		return err
	}
	return f.Read(fields...)
}

// fixture opens a file of testdata.
func fixture(t testing.TB, name string) *File {
	t.Helper()
	f, err := Open(filepath.Join("testdata", name), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// column reads one column or array.
func column[T Element](t testing.TB, f *File, name string, change ...func(*Field)) *Array[T] {
	t.Helper()
	a := new(Array[T])
	field := Field{Names: []string{name}, Into: a}
	for _, c := range change {
		c(&field)
	}
	if err := f.Read(field); err != nil {
		t.Fatal(err)
	}
	return a
}

func zipped(t testing.TB, b []byte) []byte {
	t.Helper()
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	if _, err := z.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// complains checks that err is one line with the wanted text in it.
func complains(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case err == nil:
		t.Errorf("no error, want %q", want)
	case !strings.Contains(err.Error(), want):
		t.Errorf("error %q, want %q in it", err, want)
	case strings.ContainsAny(err.Error(), "\n\r\x1b\x00"):
		t.Errorf("error %q moves a terminal's cursor", err)
	}
}

// shared returns the path of a file for development beside the module, or skips
// the test.
func shared(t testing.TB, name string) string {
	path := filepath.Join("..", "..", "..", "shared", filepath.FromSlash(name))
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("needs ../shared/%s, which is not here", name)
	}
	return path
}
