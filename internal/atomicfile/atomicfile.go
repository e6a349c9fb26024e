// Package atomicfile writes files that are either wholly there or not at all.
//
// # Laws
//
//   - Until Write returns nil, whatever stood under the name before is
//     untouched; after a failure nothing new is left in the folder.
//   - When Write has returned nil, the content and the name are on disk: a
//     power cut does not undo them (as far as the disk keeps its word).
//   - A process killed half-way leaves at most one file whose name IsTemp
//     recognises; it may be removed by anyone who knows that no writer lives.
package atomicfile

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// mark ends the names of unfinished files.
const mark = ".unfinished"

// Write calls write with a writer of a new file in the folder of name, brings
// the file to disk and then gives it its name, in place of any file that has
// it. The error is that of write, or of the file system with its path.
func Write(name string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*"+mark)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, ignoreClosed(f.Close()), os.Remove(f.Name()))
		}
	}()
	if err := fill(f, write); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(name))
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
	if runtime.GOOS == "windows" {
		return nil
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
