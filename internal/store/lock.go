package store

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// signIn writes the number of this process to its lock file and syncs it, before any other process
// can be refused.
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
	if pid == 0 {
		return fmt.Errorf("%w; wait for it, or use another folder", ErrLocked)
	}
	return fmt.Errorf("%w (%d); wait for it, or use another folder", ErrLocked, pid)
}
