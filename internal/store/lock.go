package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"
)

// patience is how long opening a store waits for another process that opens it, and a reader for a
// server.
const patience = 15 * time.Second

// acquire takes the lock on the file with the given name, and waits for it if another process has
// it. The system releases it when the process ends, however it ends.
func acquire(name string, patience time.Duration) (release func() error, err error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	for begun := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		ok, err := lockFile(f, true)
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		if ok {
			break
		}
		if time.Since(begun) > patience {
			return nil, errors.Join(locked(pidIn(f)), f.Close())
		}
	}
	if err := signIn(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() error { return errors.Join(f.Truncate(0), f.Close()) }, nil
}

// holder returns the process that holds the lock on a file, and whether one does. A file that cannot
// be opened is taken for one that is held.
func holder(name string) (pid int, held bool) {
	f, err := os.Open(name)
	if err != nil {
		return 0, !errors.Is(err, fs.ErrNotExist)
	}
	defer f.Close()
	ok, err := lockFile(f, false)
	if ok && err == nil {
		return 0, false
	}
	return pidIn(f), true
}

// signIn writes the number of this process to its lock file.
func signIn(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

// pidIn returns the number in a lock file, or 0 if there is none.
func pidIn(f *os.File) int {
	var text [32]byte
	n, _ := f.ReadAt(text[:], 0)
	pid, err := strconv.Atoi(strings.TrimSpace(string(text[:n])))
	if err != nil {
		return 0
	}
	return pid
}

// locked returns ErrLocked with the process that holds the lock.
func locked(pid int) error {
	return fmt.Errorf("%w%s; wait for it, or use another folder", ErrLocked, numbered(pid))
}

// numbered returns the number of a process for a message, or "" if it is not known.
func numbered(pid int) string {
	if pid == 0 {
		return ""
	}
	return fmt.Sprintf(" (%d)", pid)
}
