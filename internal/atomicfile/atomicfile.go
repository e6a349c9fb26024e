// Package atomicfile writes files that are either wholly there or not at all.
//
// # Laws
//
//   - A name holds one whole file at any time: the one that was there before,
//     or the new one. Nobody ever reads the beginning of a file.
//   - When Write has returned nil, the content and the name are on disk: a
//     power cut does not undo them (as far as the disk keeps its word).
//   - When Write fails before the new file has its name, the old one is
//     untouched and nothing new is left in the folder. Only one step comes
//     after that, bringing the folder to disk. When that fails, the error is
//     ErrNamed: the new file is in place, and a power cut may bring the old one
//     back. So whoever must be able to go back writes under a new name.
//   - A process killed half-way leaves at most one file whose name IsTemp
//     recognises; it may be removed by anyone who knows that no writer lives.
package atomicfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"breakeven/internal/fault"
)

// mark ends the names of unfinished files.
const mark = ".unfinished"

// ErrNamed is the failure of the last step of Write: the new file has its
// name, and is whole, but a power cut may take the name away again.
var ErrNamed = errors.New("the file is written, but its name may not be on disk")

// Write calls write with a writer of a new file in the folder of name, brings
// the file to disk and then gives it its name, in place of any file that has
// it. The error is that of write, or of the file system with that name.
func Write(name string, write func(io.Writer) error) error {
	if isFolder(name) {
		return &fs.PathError{Op: "write", Path: name, Err: syscall.EISDIR}
	}
	dir := filepath.Dir(name)
	if err := fault.At("create " + name); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, "."+filepath.Base(name)+".*"+mark)
	if err != nil {
		return renamed(err, func(path string) bool { return IsTemp(path) && filepath.Dir(path) == dir }, name)
	}
	err = fill(f, write)
	if err == nil {
		err = rename(f.Name(), name)
	}
	if err != nil {
		err = renamed(err, func(path string) bool { return path == f.Name() }, name)
		return errors.Join(err, ignoreClosed(f.Close()), os.Remove(f.Name()))
	}
	if err := syncFolder(dir); err != nil {
		return fmt.Errorf("%w: %w", ErrNamed, err)
	}
	return nil
}

func rename(from, to string) error {
	if err := fault.At("rename " + to); err != nil {
		return err
	}
	err := os.Rename(from, to)
	var link *os.LinkError
	if errors.As(err, &link) {
		return &fs.PathError{Op: link.Op, Path: to, Err: link.Err}
	}
	return err
}

// renamed gives an error of the unfinished file the name that this was to have, which alone its user knows.
func renamed(err error, unfinished func(path string) bool, name string) error {
	var at *fs.PathError
	if errors.As(err, &at) && unfinished(at.Path) {
		at.Path = name
	}
	return err
}

// MakeFolder makes a folder, and those above it that are missing, and brings
// their names to disk. A folder that is there already is left as it is.
func MakeFolder(dir string) error {
	if isFolder(dir) {
		return nil
	}
	above := filepath.Dir(dir)
	if above != dir {
		if err := MakeFolder(above); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o777); err != nil && !isFolder(dir) {
		return err
	}
	return syncFolder(above)
}

func isFolder(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// fill writes, syncs and closes f.
func fill(f *os.File, write func(io.Writer) error) error {
	b := bufio.NewWriterSize(f, 1<<18)
	if err := write(b); err != nil {
		return err
	}
	if err := b.Flush(); err != nil {
		return err
	}
	if err := f.Chmod(0o644); err != nil {
		return err
	}
	if err := fault.At("sync " + f.Name()); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return f.Close()
}

func ignoreClosed(err error) error {
	if errors.Is(err, fs.ErrClosed) {
		return nil
	}
	return err
}

// syncFolder brings the names in a folder to disk. Windows has no such call
// and needs none.
func syncFolder(dir string) error {
	if err := fault.At("sync folder " + dir); err != nil || runtime.GOOS == "windows" {
		return err
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// IsTemp reports whether name is that of a file which a killed Write left
// unfinished.
func IsTemp(name string) bool {
	base := filepath.Base(name)
	return strings.HasPrefix(base, ".") && strings.HasSuffix(base, mark)
}
