// Package regular opens the files that a user names, and no thing of another
// kind under such a name.
//
// # Laws
//
//   - What is no regular file (a folder, a pipe, a socket, a device) is refused
//     with an error that says what it is and what to do.
//   - Opening never waits for anybody: not for the other end of a pipe, not
//     even if the name is given to a pipe at the last moment.
//   - Read takes memory for what the file has, and never for more than its
//     caller allows.
//
// A symbolic link is followed, and judged by what it leads to. All readers of
// files from outside begin here; what comes from a pipe is read from standard
// input, where a command offers that.
package regular

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// Open opens the regular file with the given name for reading and returns its
// size in bytes. Errors name the file; that of a missing one wraps
// fs.ErrNotExist.
func Open(name string) (f *os.File, size int64, err error) {
	// Opening a device can do something to it, so that it is looked at first.
	info, err := os.Stat(name)
	if err != nil {
		return nil, 0, err
	}
	if err := judge(name, info.Mode()); err != nil {
		return nil, 0, err
	}
	return open(name)
}

// open opens a name that stood for a regular file a moment ago. What was
// opened decides: the name may be another's by now, and a pipe's.
func open(name string) (*os.File, int64, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err == nil {
		err = judge(name, info.Mode())
	}
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}

// Read returns what the regular file with the given name holds, which may be
// at most so many bytes.
func Read(name string, most int64) ([]byte, error) {
	f, size, err := Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if size > most {
		return nil, fmt.Errorf("%s has %d bytes, more than the %d that are read", name, size, most)
	}
	var b bytes.Buffer
	b.Grow(int(size) + bytes.MinRead)
	// Some files, as those of /proc, hold more than their size.
	if _, err := b.ReadFrom(io.LimitReader(f, most+1)); err != nil {
		return nil, err
	}
	if int64(b.Len()) > most {
		return nil, fmt.Errorf("%s has more than the %d bytes that are read", name, most)
	}
	return b.Bytes(), nil
}

// Sum returns the SHA-256 of the file with the given name, in hexadecimal digits. It
// holds little of the file at a time.
func Sum(name string) (string, error) {
	f, _, err := Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// judge returns an error unless a name stands for a regular file.
func judge(name string, mode fs.FileMode) error {
	switch {
	case mode.IsRegular():
		return nil
	case mode.IsDir():
		return fmt.Errorf("%s is a folder; give the name of a file", name)
	case mode&fs.ModeNamedPipe != 0:
		return fmt.Errorf("%s is a pipe, not a file; write what comes out of it to a file, and give the name of that", name)
	case mode&fs.ModeSocket != 0:
		return fmt.Errorf("%s is a socket, not a file; give the name of a file", name)
	case mode&fs.ModeDevice != 0:
		return fmt.Errorf("%s is a device, not a file; give the name of a file", name)
	}
	return fmt.Errorf("%s is not a regular file; give the name of one", name)
}
