package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the database driver "sqlite"
)

// logPages is the length of the database's log at which it is copied into the database.
const logPages = 1000

// applicationID marks our database files, "BKEV".
const applicationID = 0x424b4556

// local is the engine of a store in a folder.
type local struct {
	dir string
	db  *sql.DB
}

// openSQLite connects to the database file in a folder and checks that it is one.
func openSQLite(dir string, settings ...string) (*local, error) {
	name := filepath.ToSlash(filepath.Join(dir, database))
	dsn := "file:" + (&url.URL{Path: name}).EscapedPath() + "?_pragma=busy_timeout(60000)"
	for _, setting := range settings {
		dsn += "&" + setting
	}
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if err := check(db); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &local{dir, db}, nil
}

// check reads from a database for the first time. It distinguishes an empty one and one of ours from
// those of other programs.
func check(db *sql.DB) error {
	var tables, id int
	if err := db.QueryRow("SELECT count(*) FROM sqlite_master WHERE type = 'table'").Scan(&tables); err != nil {
		return err
	}
	if err := db.QueryRow("PRAGMA application_id").Scan(&id); err != nil {
		return err
	}
	begun, err := hasTable(db, goose.DefaultTablename)
	if err != nil {
		return err
	}
	if tables > 0 && id != applicationID && !(id == 0 && begun) {
		return fmt.Errorf("%w: %s belongs to another program", ErrDamaged, database)
	}
	return nil
}

func hasTable(db querier, name string) (bool, error) {
	var n int
	err := db.QueryRow("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = $1", name).Scan(&n)
	return n > 0, err
}

// write holds the write lock of the database from the beginning, alone or not: one process writes at
// a time.
func (e *local) write(_ bool, f func(*sql.Tx) error) error {
	tx, err := e.db.Begin()
	if err != nil {
		return err
	}
	version, err := newest(tx, goose.DefaultTablename)
	if err == nil {
		err = tooNew(version)
	}
	if err == nil {
		err = f(tx)
	}
	if err != nil {
		_ = tx.Rollback() // SQLite has already done so if the disk was full
		return err
	}
	return tx.Commit()
}

func (e *local) read(f func() error) error { return f() }

func (e *local) snapshot() *sql.TxOptions { return &sql.TxOptions{ReadOnly: true} }

func (e *local) forUpdate() string { return "" } // nobody else writes

func (e *local) grown(string) {} // its plans do not depend on that

func (e *local) version(db querier) (version int, err error) {
	begun, err := hasTable(db, goose.DefaultTablename)
	if err != nil || !begun {
		return 0, err
	}
	return newest(db, goose.DefaultTablename)
}

func (e *local) migrate() error {
	files, err := fs.Sub(migrations, "migrations/sqlite")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, e.db, files,
		goose.WithLogger(goose.NopLogger()), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	_, err = provider.Up(context.Background())
	return err
}

func (e *local) roster(querier) (roster, error) { return folderRoster(e.dir), nil }
