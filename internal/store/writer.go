package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// A fileWriter is a writer of a store in a folder: a file that is locked as long as the store is open.
// The system releases the lock when the process ends, however it ends, so that nobody has to judge by
// a clock, or by the number of a process, whether it lives.
type fileWriter struct{ file *os.File }

// enlist adds a writer to those of the store in dir. The caller holds the lock of the store, so that
// nobody takes a file that is not locked yet for that of a dead process.
func enlist(dir string) (*fileWriter, error) {
	for {
		name := fmt.Sprintf("%d-%d", os.Getpid(), time.Now().UnixNano())
		f, err := os.OpenFile(filepath.Join(dir, writersFolder, name), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		w := &fileWriter{f}
		ok, err := lockFile(f, true)
		if err == nil && !ok {
			err = locked(0)
		}
		if err == nil {
			err = signIn(f)
		}
		if err != nil {
			return nil, errors.Join(err, w.leave())
		}
		return w, nil
	}
}

func (w *fileWriter) name() string { return filepath.Base(w.file.Name()) }

// leave takes a writer off the list.
func (w *fileWriter) leave() error {
	err := w.file.Close()
	if removed := os.Remove(w.file.Name()); !errors.Is(removed, fs.ErrNotExist) {
		err = errors.Join(err, removed)
	}
	return err
}

// bury removes the files of writers that are dead. The caller holds the lock of the store.
func bury(dir string) error {
	files, err := os.ReadDir(filepath.Join(dir, writersFolder))
	for _, f := range files {
		name := filepath.Join(dir, writersFolder, f.Name())
		if !writerForm.MatchString(f.Name()) || !f.Type().IsRegular() {
			continue
		}
		if _, lives := holder(name); lives {
			continue
		}
		if removed := os.Remove(name); !errors.Is(removed, fs.ErrNotExist) {
			err = errors.Join(err, removed)
		}
	}
	return err
}

// folderRoster asks once for each writer of the store in dir.
func folderRoster(dir string) roster {
	seen := map[string]process{}
	return func(name string) process {
		if !writerForm.MatchString(name) {
			return process{}
		}
		p, ok := seen[name]
		if !ok {
			p.pid, p.lives = holder(filepath.Join(dir, writersFolder, name))
			seen[name] = p
		}
		return p
	}
}
