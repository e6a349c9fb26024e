package weights

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path/filepath"

	"breakeven/internal/foreign"
	"breakeven/internal/regular"
)

// open opens a file, or the files that it names if it is an index, reads the header and calls f with what
// reads the tensors.
func open(name string, f func(r io.ReaderAt, size int64, h *header) error) error {
	file, size, err := regular.Open(name)
	if err != nil {
		return fmt.Errorf("weights: %w", err)
	}
	defer file.Close()
	if head, err := foreign.Head(file); err == nil && isIndex(head) {
		var called error
		x, err := readIndex(name)
		if err == nil {
			err = x.open(func(r io.ReaderAt, size int64, h *header) error {
				called = f(r, size, h)
				return nil
			})
		}
		if err != nil {
			return fmt.Errorf("weights: %s: %w", name, err)
		}
		return called
	}
	h, err := readHeader(file, size)
	if err != nil {
		return fmt.Errorf("weights: %s: %w", name, err)
	}
	return f(file, size, h)
}

// Sum returns the SHA-256 of a weights file in hexadecimal digits. That of an index is made of its own and
// of those of the files that it names.
func Sum(name string) (string, error) {
	file, _, err := regular.Open(name)
	if err != nil {
		return "", err
	}
	head, err := foreign.Head(file)
	file.Close()
	if err != nil || !isIndex(head) {
		return regular.Sum(name)
	}
	x, err := readIndex(name)
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	all := sha256.New()
	for _, part := range append([]string{filepath.Base(name)}, x.parts...) {
		sum, err := regular.Sum(filepath.Join(x.folder, part))
		if err != nil {
			return "", err
		}
		fmt.Fprintln(all, sum)
	}
	return hex.EncodeToString(all.Sum(nil)), nil
}
