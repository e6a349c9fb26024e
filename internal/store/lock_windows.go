package store

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/windows"
)

// region is the one byte that is locked. It is far beyond the content, since other processes cannot
// read a locked byte.
var region = windows.Overlapped{OffsetHigh: 1 << 20}

// acquire takes the lock on the file with the given name. The system releases it when the process
// ends, however it ends. acquire keeps trying for a moment, longer than a reader holds the lock to
// look at it (holder).
func acquire(name string) (release func() error, err error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	for range 5 {
		err = lockFile(f, windows.LOCKFILE_EXCLUSIVE_LOCK)
		if !errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	switch {
	case errors.Is(err, windows.ERROR_LOCK_VIOLATION):
		return nil, errors.Join(locked(pidIn(f)), f.Close())
	case err != nil:
		return nil, errors.Join(err, f.Close())
	}
	if err := signIn(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() error { return errors.Join(f.Truncate(0), f.Close()) }, nil
}

func lockFile(f *os.File, flags uint32) error {
	at := region
	return windows.LockFileEx(windows.Handle(f.Fd()), flags|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &at)
}

// holder returns the process that holds the lock, and whether one does.
func holder(name string) (pid int, held bool) {
	f, err := os.Open(name)
	if err != nil {
		return 0, false
	}
	defer f.Close()
	if err := lockFile(f, 0); err != nil {
		return pidIn(f), errors.Is(err, windows.ERROR_LOCK_VIOLATION)
	}
	return 0, false
}

// isFull reports whether there is no room on the disk.
func isFull(err error) bool { return errors.Is(err, windows.ERROR_DISK_FULL) }
