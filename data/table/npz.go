package table

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"breakeven/internal/numpy"
)

const (
	// maxInflation is the largest ratio of unpacked to packed size that deflate can reach.
	maxInflation = 1032
	// maxMembers bounds the arrays of an npz file.
	maxMembers = 1 << 16
)

// arrays are the arrays of an npy or npz file.
type arrays struct {
	list []array
}

// An array is one of them, with the header that was read when the file was opened.
type array struct {
	header *npyHeader
	open   func() (io.ReadCloser, error)
}

func (a *arrays) noun() string { return "array" }

// openNPY reads the header of the one array of an npy file. Its column is named
// after the file.
func (f *File) openNPY(r io.ReaderAt, size int64) error {
	open := func() (io.ReadCloser, error) { return io.NopCloser(io.NewSectionReader(r, 0, size)), nil }
	h, err := readNPYHeader(io.NewSectionReader(r, 0, size))
	if err != nil {
		return err
	}
	if h.dtype.Kind != numpy.Other {
		if err := h.check(size - h.length); err != nil {
			return err
		}
	}
	name := strings.TrimSuffix(filepath.Base(f.name), ".npy")
	f.columns, f.nameless = []Column{h.column(name)}, true
	f.source = &arrays{[]array{{h, open}}}
	return nil
}

// openNPZ reads the headers of the arrays of an npz file.
func (f *File) openNPZ(r io.ReaderAt, size int64) error {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return fmt.Errorf("a damaged or truncated npz file (%w)", err)
	}
	if len(z.File) > maxMembers {
		return fmt.Errorf("%d files in it, more than the %d that are read", len(z.File), maxMembers)
	}
	source := &arrays{}
	var others []string
	seen := map[string]bool{}
	for _, member := range z.File {
		name, isArray := strings.CutSuffix(member.Name, ".npy")
		if !isArray {
			others = append(others, member.Name)
			continue
		}
		if seen[name] {
			return fmt.Errorf("two arrays in it are called %s", bare(name))
		}
		seen[name] = true
		h, err := memberHeader(member)
		if errors.Is(err, errRecords) {
			h, err = &npyHeader{dtype: numpy.DType{Why: errRecords.Error()}}, nil
		}
		if err != nil {
			return fmt.Errorf("array %s: %w", bare(name), err)
		}
		f.columns = append(f.columns, h.column(name))
		source.list = append(source.list, array{h, member.Open})
	}
	if len(source.list) == 0 {
		return zipKind(others)
	}
	f.source = source
	return nil
}

// memberHeader reads the header of a member and compares it with the sizes in the archive.
func memberHeader(member *zip.File) (*npyHeader, error) {
	r, err := member.Open()
	if err != nil {
		return nil, fmt.Errorf("it cannot be unpacked (%w)", err)
	}
	defer r.Close()
	h, err := readNPYHeader(r)
	if err != nil || h.dtype.Kind == numpy.Other {
		return h, err
	}
	have := member.UncompressedSize64
	if have > maxInflation*(member.CompressedSize64+1) {
		return nil, fmt.Errorf("damaged: %d bytes cannot be packed into %d", have, member.CompressedSize64)
	}
	return h, h.check(int64(have) - h.length)
}

// read reads the arrays that are taken.
func (a *arrays) read(f *File, list []take) error {
	var bytes int64
	for _, t := range list {
		h := a.list[t.columns[0]].header
		bytes += t.into.size()*int64(elements(h.shape)) + h.bytes()
		if bytes > f.most || bytes < 0 {
			return fmt.Errorf("what is wanted takes more than %d bytes of memory, the most that is allowed", f.most)
		}
	}
	for _, t := range list {
		at := t.columns[0]
		if err := a.list[at].read(t, f.columns[at].Name); err != nil {
			return fmt.Errorf("array %s: %w", bare(f.columns[at].Name), err)
		}
	}
	return nil
}

func (a *array) read(t take, name string) error {
	r, err := a.open()
	if err != nil {
		return err
	}
	defer r.Close()
	if _, err := io.CopyN(io.Discard, r, a.header.length); err != nil {
		return fmt.Errorf("its header cannot be read again (%w)", err)
	}
	t.into.begin(name, nil, elements(a.header.shape))
	if err := a.header.read(r, t.into, t.Field); err != nil {
		return err
	}
	// Reading to the end of a member verifies its checksum.
	if n, err := io.Copy(io.Discard, io.LimitReader(r, 1)); err != nil || n > 0 {
		return fmt.Errorf("damaged: its checksum or its length is not what it should be")
	}
	t.into.end(append([]int{}, a.header.shape...))
	return nil
}
