package store

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"breakeven/internal/atomicfile"

	_ "modernc.org/sqlite" // the database driver "sqlite"
)

// DefaultDir is the folder of the store if the user names no other.
const DefaultDir = "breakeven-runs"

// A Store is an open store. Its methods may be called from several
// goroutines.
type Store struct {
	dir    string
	db     *sql.DB
	writer *writer // nil for a reader
	notes  []string
}

// logPages is the length of the database's log at which it is copied into the database.
const logPages = 1000

// Open opens the store in dir for writing, creates it if there is none, and removes unfinished files
// of killed processes. Other processes may have it open too; Open waits while another one opens it,
// and fails with ErrLocked if that takes long, or if a program holds it that knows no leases. See
// Notes.
func Open(dir string) (*Store, error) {
	for _, folder := range []string{runsFolder, writersFolder} {
		if err := atomicfile.MakeFolder(filepath.Join(dir, folder)); err != nil {
			return nil, explain(dir, "making the folder", err)
		}
	}
	release, err := acquire(filepath.Join(dir, lockName), patience)
	if err != nil {
		return nil, explain(dir, "locking", err)
	}
	s := &Store{dir: dir}
	if err := s.enter(); err != nil {
		return nil, errors.Join(err, s.Close(), release())
	}
	if err := release(); err != nil {
		return nil, errors.Join(explain(dir, "unlocking", err), s.Close())
	}
	return s, nil
}

// enter opens the database, brings it to Format and removes what others have left unfinished. The
// store is locked meanwhile.
func (s *Store) enter() error {
	if err := lostDatabase(s.dir); err != nil {
		return explain(s.dir, "opening", err)
	}
	var err error
	if s.writer, err = enlist(s.dir); err != nil {
		return explain(s.dir, "opening", err)
	}
	if err := s.openDatabase("mode=rwc", "_pragma=journal_mode(WAL)", "_pragma=synchronous(FULL)", "_pragma=foreign_keys(1)",
		fmt.Sprintf("_pragma=wal_autocheckpoint(%d)", logPages), "_txlock=immediate"); err != nil {
		return err
	}
	if err := s.migrate(); err != nil {
		return explain(s.dir, "opening", err)
	}
	if err := bury(s.dir); err != nil {
		s.note("what is left of processes that have ended cannot be removed: %v", err)
	}
	s.tidy()
	return nil
}

// Notes returns what Open found that the user should know: checkpoints that are not in the database,
// files that cannot be removed.
func (s *Store) Notes() []string { return s.notes }

func (s *Store) note(format string, args ...any) {
	s.notes = append(s.notes, fmt.Sprintf(format, args...))
}

// lostDatabase refuses a folder whose database is missing while its log is there: SQLite would create
// a new database and remove the log, which may hold runs.
func lostDatabase(dir string) error {
	if size(filepath.Join(dir, database)) > 0 || size(filepath.Join(dir, logFile)) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s is gone, and %s, which belongs to it, is there; bring back the database, or move %s away to begin anew",
		ErrDamaged, database, logFile, logFile)
}

// OpenReader opens the store in dir for reading, whether or not another process writes to it. It
// fails with ErrNoStore if there is none.
func OpenReader(dir string) (*Store, error) {
	if _, err := os.Stat(filepath.Join(dir, database)); errors.Is(err, fs.ErrNotExist) {
		if found := abandoned(dir); len(found) > 0 {
			err = fmt.Errorf("%w: %s is gone, and there are checkpoints (%s); bring back a copy of it", ErrDamaged, database, few(found))
			return nil, explain(dir, "opening", err)
		}
		return nil, explain(dir, "opening", ErrNoStore)
	}
	if err := lostDatabase(dir); err != nil {
		return nil, explain(dir, "opening", err)
	}
	s := &Store{dir: dir}
	err := s.openDatabase("mode=ro")
	if errors.Is(err, fs.ErrPermission) && !exists(filepath.Join(dir, logFile)) {
		// Readers and writers share files, which cannot exist in a folder that is not writable.
		// A database without a log is complete.
		err = s.openDatabase("mode=ro", "immutable=1")
	}
	if err == nil {
		if checked := s.checkVersion(); checked != nil {
			err = explain(dir, "opening", checked)
		}
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// openDatabase connects to the database file and checks that it is one.
func (s *Store) openDatabase(settings ...string) error {
	name := filepath.ToSlash(filepath.Join(s.dir, database))
	dsn := "file:" + (&url.URL{Path: name}).EscapedPath() + "?_pragma=busy_timeout(60000)"
	for _, setting := range settings {
		dsn += "&" + setting
	}
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return explain(s.dir, "opening", err)
	}
	db.SetMaxOpenConns(1)
	if err := check(db); err != nil {
		return errors.Join(explain(s.dir, "opening", err), db.Close())
	}
	s.db = db
	return nil
}

func exists(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}

// size returns the size of a file, or 0 if there is none.
func size(name string) int64 {
	info, err := os.Stat(name)
	if err != nil {
		return 0
	}
	return info.Size()
}

// Dir returns the folder of the store.
func (s *Store) Dir() string { return s.dir }

// Close closes the store and gives back the runs that it holds, with the status that they have.
// Closing it again does nothing.
func (s *Store) Close() error {
	var errs []error
	if s.db != nil {
		errs = append(errs, s.db.Close())
		s.db = nil
	}
	if s.writer != nil {
		errs = append(errs, s.writer.leave())
		s.writer = nil
	}
	return errors.Join(errs...)
}
