package data

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"

	"breakeven/internal/regular"
)

// An idxFile is an open idx file, gzipped or not.
type idxFile struct {
	name string // for errors
	size int64  // in bytes, as stored
	io.ReadCloser
}

// openIDX opens the file at path.
func openIDX(path string) (idxFile, error) {
	f, size, err := regular.Open(path)
	if err != nil {
		return idxFile{name: path}, err
	}
	if err := recognised(f); err != nil {
		f.Close()
		return idxFile{name: path}, fmt.Errorf("%s: %w", path, err)
	}
	return idxFile{path, size, f}, nil
}

// readIDX reads an idx file of unsigned bytes with known dimensions: the number of items, then
// the shape of an item. It returns the items and the sha256 of the whole file, unpacked. Before
// it allocates memory for the items it compares the header with the dimensions and, if the file
// is not gzipped, with its size in bytes.
//
// The format (MNIST's): two zero bytes, a byte 8 for "unsigned bytes", the
// number of dimensions; each dimension as a big-endian uint32; the items.
func readIDX(in io.Reader, bytes int64, dims ...int) (items []byte, sum string, err error) {
	r, packed, err := plain(in)
	if err != nil {
		return nil, "", fmt.Errorf("corrupt gzip header (%w)", err)
	}
	size := 1
	for _, d := range dims {
		size *= d
	}
	head := make([]byte, 4+4*len(dims))
	want := int64(len(head) + size)
	if err := fill(r, head[:4], 0, want); err != nil {
		return nil, "", err
	}
	if magic := binary.BigEndian.Uint32(head); magic != uint32(0x800+len(dims)) {
		return nil, "", fmt.Errorf("not the idx file it should be: it begins with %08x, not %08x", magic, 0x800+len(dims))
	}
	if err := fill(r, head[4:], 4, want); err != nil {
		return nil, "", err
	}
	for i, d := range dims {
		if got := binary.BigEndian.Uint32(head[4+4*i:]); uint64(got) != uint64(d) {
			return nil, "", fmt.Errorf("dimension %d is %d in its header, %d in the published file", i, got, d)
		}
	}
	if !packed {
		if err := sized(bytes, want); err != nil {
			return nil, "", err
		}
	}
	items = make([]byte, size)
	if err := fill(r, items, int64(len(head)), want); err != nil {
		return nil, "", err
	}
	if err := end(r, want); err != nil {
		return nil, "", err
	}
	h := sha256.New()
	h.Write(head)
	h.Write(items)
	return items, hex.EncodeToString(h.Sum(nil)), nil
}

// checkLabels returns an error unless all labels are below classes.
func checkLabels(labels []uint8, classes int) error {
	for i, l := range labels {
		if int(l) >= classes {
			return fmt.Errorf("example %d has label %d; labels go from 0 to %d", i, l, classes-1)
		}
	}
	return nil
}
