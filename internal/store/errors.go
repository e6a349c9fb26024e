package store

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"
	"strings"
	"syscall"

	"breakeven/internal/objects"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// What can go wrong, for errors.Is.
var (
	ErrNoStore      = errors.New("no runs are kept here")
	ErrNotFound     = errors.New("no such run")
	ErrNoSweep      = errors.New("no such sweep")
	ErrNone         = errors.New("no trial is left to be taken")
	ErrNumerics     = errors.New("its runs were made by another version of the program, with other numerics")
	ErrAmbiguous    = errors.New("more than one run begins like this")
	ErrLocked       = errors.New("in use by another process")
	ErrHeld         = errors.New("a process works on it")
	ErrEnded        = errors.New("it has ended")
	ErrLost         = errors.New("another process has taken it over")
	ErrUnreachable  = errors.New("the server cannot be reached")
	ErrRefused      = objects.ErrRefused
	ErrFull         = errors.New("disk full")
	ErrDamaged      = errors.New("damaged")
	ErrNewer        = errors.New("written by a newer program")
	ErrDiffers      = errors.New("measured again with other results")
	ErrNoCheckpoint = errors.New("the run has no checkpoint to go on from")
)

// explain adds to an error the store, what it was doing, and what to do.
func explain(dir, doing string, err error) error { return explainWriting(dir, doing, err, 0) }

// explainWriting is explain for work that also needs room for files.
func explainWriting(dir, doing string, err error, files int64) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("store %s: %s: %w", dir, doing, classify(dir, err, files))
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

// full says how much room is needed, for the files and for the database.
func full(dir string, err error, files int64) error {
	const megabyte = 1e6
	return fmt.Errorf("%w: free at least %.0f MB there, then resume (%w)", ErrFull, math.Ceil(float64(files+databaseRoom(dir))/megabyte), err)
}

// databaseRoom is what the database may need before its log starts over: the rest of the log, and
// the same in the database, to which the log is copied.
func databaseRoom(dir string) int64 {
	const pages, page, frame = logPages, 4096, 4096 + 24
	return max(0, pages*frame-size(filepath.Join(dir, logFile))) + pages*page
}

// checkpointRoom is what the checkpoints of a run may need when one of the given size is saved:
// the new one is written before the oldest is removed.
func (s *Store) checkpointRoom(id string, size int64) int64 {
	if s.depot == nil {
		return size
	}
	need := (kept + 1) * size
	files, _ := s.depot.list(id) // none if it cannot be asked
	for _, f := range files {
		need -= f.size
	}
	return max(size, need)
}

// classify maps errors of the databases and of the file system to those of this package.
func classify(dir string, err error, files int64) error {
	if isFull(err) {
		return full(dir, err, files)
	}
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return fmt.Errorf("%w; name a folder that can be written to", err)
	}
	if err, ok := classifyServer(err); ok {
		return err
	}
	var db *sqlite.Error
	if !errors.As(err, &db) {
		return err
	}
	switch db.Code() & 0xff { // the primary code; the rest is detail
	case sqlite3.SQLITE_FULL:
		return full(dir, err, files)
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%w: %s is not a whole database; bring back a copy, or move the folder away and begin anew (%w)", ErrDamaged, database, err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fmt.Errorf("%w: try again (%w)", ErrLocked, err)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		return fmt.Errorf("%w: %w; name a folder that can be written to", fs.ErrPermission, err)
	}
	return err
}

// classifyServer maps errors of a server, and reports whether there is one.
func classifyServer(err error) (error, bool) {
	var refused *pgconn.PgError
	switch {
	case errors.Is(err, ErrUnreachable):
		return err, true
	case passing(err):
		return settled(err), true
	case !errors.As(err, &refused):
		return err, false
	}
	switch {
	case refused.Code == "53100":
		return fmt.Errorf("%w: that of the server (%w)", ErrFull, err), true
	case strings.HasPrefix(refused.Code, "28"):
		return fmt.Errorf("%w: %w; name a user in the address, and put the password into the environment variable PGPASSWORD or the file ~/.pgpass", fs.ErrPermission, err), true
	case refused.Code == "42501", refused.Code == "25006":
		return fmt.Errorf("%w: %w; name a user who may write there", fs.ErrPermission, err), true
	case refused.Code == "3D000":
		return fmt.Errorf("%w; createdb makes one", err), true
	}
	return err, true
}
