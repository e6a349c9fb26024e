package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// A writer is a store that is open for writing, as other processes see it: a file that is locked as
// long as the store is open. The system releases the lock when the process ends, however it ends, so
// that nobody has to judge by a clock, or by the number of a process, whether it lives.
type writer struct {
	name string // of the file; no other writer ever has the same
	file *os.File
}

// enlist adds a writer to those of the store in dir. The caller holds the lock of the store, so that
// nobody takes a file that is not locked yet for that of a dead process.
func enlist(dir string) (*writer, error) {
	for {
		name := fmt.Sprintf("%d-%d", os.Getpid(), time.Now().UnixNano())
		f, err := os.OpenFile(filepath.Join(dir, writersFolder, name), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		w := &writer{name, f}
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

// leave takes a writer off the list.
func (w *writer) leave() error {
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

// A roster tells living writers from dead ones, and asks once for each.
type roster struct {
	dir   string
	known map[string]process
}

// A process is what is known of a writer.
type process struct {
	pid   int // 0: not known
	lives bool
}

func (s *Store) roster() *roster { return &roster{s.dir, map[string]process{}} }

// of returns the process of a writer. "" is no writer.
func (r *roster) of(name string) process {
	if !writerForm.MatchString(name) {
		return process{}
	}
	p, ok := r.known[name]
	if !ok {
		p.pid, p.lives = holder(filepath.Join(r.dir, writersFolder, name))
		r.known[name] = p
	}
	return p
}
