package store

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// region is the one byte that is locked. It is far beyond the content, since other processes cannot
// read a locked byte.
var region = windows.Overlapped{OffsetHigh: 1 << 20}

// lockFile locks an open file, for this process alone or with others that do not ask for it alone,
// and reports whether it could at once.
func lockFile(f *os.File, alone bool) (ok bool, err error) {
	var flags uint32 = windows.LOCKFILE_FAIL_IMMEDIATELY
	if alone {
		flags |= windows.LOCKFILE_EXCLUSIVE_LOCK
	}
	at := region
	err = windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, &at)
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return false, nil
	}
	return err == nil, err
}

// isFull reports whether there is no room on the disk.
func isFull(err error) bool { return errors.Is(err, windows.ERROR_DISK_FULL) }
