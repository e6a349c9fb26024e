package store

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"breakeven/internal/atomicfile"
)

// DefaultDir is the folder of the store if the user names no other.
const DefaultDir = "breakeven-runs"

// A Store is an open store. Its methods may be called from several
// goroutines.
type Store struct {
	dir    string // the folder, or the address on a server, as its user wrote it
	db     *sql.DB
	engine engine
	files  archive
	depot  depot  // files; nil: it is in the database
	writer writer // nil for a reader
	notes  []string
}

// Open opens the store in a folder, or at the address of a PostgreSQL server (see IsAddress), for
// writing, and creates it if there is none. It removes unfinished files of killed processes. Other
// processes may have it open too; Open waits while another one opens it, and fails with ErrLocked if
// that takes long, or if a program holds it that knows no leases. See Notes.
func Open(dir string) (*Store, error) {
	if IsAddress(dir) {
		return openServer(dir, true)
	}
	if err := checkName(dir); err != nil {
		return nil, err
	}
	for _, folder := range []string{runsFolder, writersFolder} {
		if err := atomicfile.MakeFolder(filepath.Join(dir, folder)); err != nil {
			return nil, explain(dir, "making the folder", err)
		}
	}
	release, err := acquire(filepath.Join(dir, lockName), patience)
	if err != nil {
		return nil, explain(dir, "locking", err)
	}
	s := inFolder(dir)
	if err := s.enter(); err != nil {
		return nil, errors.Join(explain(dir, "opening", err), s.Close(), release())
	}
	if err := release(); err != nil {
		return nil, errors.Join(explain(dir, "unlocking", err), s.Close())
	}
	return s, nil
}

func inFolder(dir string) *Store {
	return &Store{dir: dir, depot: filesFolder(dir), files: filesFolder(dir)}
}

// use makes e the engine of a store.
func (s *Store) use(e engine, db *sql.DB) { s.engine, s.db = e, db }

// enter opens the database, brings it to Format and removes what others have left unfinished. The
// store is locked meanwhile.
func (s *Store) enter() error {
	if err := lostDatabase(s.dir); err != nil {
		return err
	}
	w, err := enlist(s.dir)
	if err != nil {
		return err
	}
	s.writer = w
	e, err := openSQLite(s.dir, "mode=rwc", "_pragma=journal_mode(WAL)", "_pragma=synchronous(FULL)", "_pragma=foreign_keys(1)",
		fmt.Sprintf("_pragma=wal_autocheckpoint(%d)", logPages), "_txlock=immediate")
	if err != nil {
		return err
	}
	s.use(e, e.db)
	if err := s.checkVersion(); err != nil {
		return err
	}
	if err := e.migrate(); err != nil {
		return err
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

// OpenReader opens a store as Open does, for reading, whether or not another process writes to it. It
// fails with ErrNoStore if there is none.
func OpenReader(dir string) (*Store, error) {
	if IsAddress(dir) {
		return openServer(dir, false)
	}
	if err := checkName(dir); err != nil {
		return nil, err
	}
	s := inFolder(dir)
	if err := s.look(); err != nil {
		return nil, errors.Join(explain(dir, "opening", err), s.Close())
	}
	return s, nil
}

// look opens the database for reading.
func (s *Store) look() error {
	if !exists(filepath.Join(s.dir, database)) {
		if found := abandoned(s.dir); len(found) > 0 {
			return fmt.Errorf("%w: %s is gone, and there are checkpoints (%s); bring back a copy of it", ErrDamaged, database, few(found))
		}
		return ErrNoStore
	}
	if err := lostDatabase(s.dir); err != nil {
		return err
	}
	e, err := openSQLite(s.dir, "mode=ro")
	if err = classify(s.dir, err, 0); errors.Is(err, fs.ErrPermission) && !exists(filepath.Join(s.dir, logFile)) {
		// Readers and writers share files, which cannot exist in a folder that is not writable.
		// A database without a log is complete.
		e, err = openSQLite(s.dir, "mode=ro", "immutable=1")
	}
	if err != nil {
		return err
	}
	s.use(e, e.db)
	return s.checkVersion()
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

// Dir returns the folder of the store, or its address.
func (s *Store) Dir() string { return s.dir }

// Close closes the store and gives back the runs that it holds, with the status that they have.
// Closing it again does nothing.
func (s *Store) Close() error {
	var errs []error
	if s.writer != nil {
		errs = append(errs, s.writer.leave())
		s.writer = nil
	}
	if s.db != nil {
		errs = append(errs, s.db.Close())
		s.db = nil
	}
	return errors.Join(errs...)
}
