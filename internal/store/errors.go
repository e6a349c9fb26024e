package store

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// What can go wrong, for errors.Is. The text of the errors says what to do.
var (
	ErrNoStore      = errors.New("no runs are kept here; `breakeven run` begins one")
	ErrNotFound     = errors.New("no such run; `breakeven runs` lists them")
	ErrAmbiguous    = errors.New("more than one run begins like this")
	ErrLocked       = errors.New("in use by another process")
	ErrFull         = errors.New("disk full")
	ErrDamaged      = errors.New("damaged")
	ErrNewer        = errors.New("written by a newer program")
	ErrDiffers      = errors.New("measured again with other results")
	ErrNoCheckpoint = errors.New("the run has no checkpoint to go on from")
)

// explain wraps an error of the world: which store, what it was doing, what
// to do.
func explain(dir, doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("store %s: %s: %w", dir, doing, classify(err))
}

// inLine joins errors on one line. It is nil if all of them are.
func inLine(errs ...error) (all error) {
	for _, err := range errs {
		switch {
		case err == nil:
		case all == nil:
			all = err
		default:
			all = fmt.Errorf("%w; %w", all, err)
		}
	}
	return all
}

// reserve is what the database may need beside a checkpoint when a full disk
// is freed: its log grows to about 4 MB before it is folded in.
const reserve = 16 << 20

// classify gives the errors of SQLite and of the file system their meaning.
func classify(err error) error {
	if isFull(err) {
		return fmt.Errorf("%w: free at least %d MB there, then resume (%w)", ErrFull, reserve>>20, err)
	}
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return fmt.Errorf("%w; name a folder that can be written to", err)
	}
	var db *sqlite.Error
	if !errors.As(err, &db) {
		return err
	}
	switch db.Code() & 0xff { // the primary code; the rest is detail
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("%w: free at least %d MB there, then resume (%w)", ErrFull, reserve>>20, err)
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%w: %s is not a whole database; bring back a copy, or move the folder away and begin anew (%w)", ErrDamaged, database, err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fmt.Errorf("%w: try again (%w)", ErrLocked, err)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		return fmt.Errorf("%w: %w; name a folder that can be written to", fs.ErrPermission, err)
	}
	return err
}
