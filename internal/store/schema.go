package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

// Format is the version of the store's format that this program writes. Each
// version is a file in migrations and a line in docs/formats.md.
const Format = 6

//go:embed migrations/*.sql
var migrations embed.FS

// applicationID marks our database files, "BKEV".
const applicationID = 0x424b4556

// migrate brings the database to Format.
func (s *Store) migrate() error {
	if err := s.checkVersion(); err != nil {
		return err
	}
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, s.db, files,
		goose.WithLogger(goose.NopLogger()), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	_, err = provider.Up(context.Background())
	return err
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
	err := db.QueryRow("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?", name).Scan(&n)
	return n > 0, err
}

// versionOf returns the format of a database, 0 if it has none yet.
func versionOf(db querier) (version int, err error) {
	begun, err := hasTable(db, goose.DefaultTablename)
	if err != nil || !begun {
		return 0, err
	}
	err = db.QueryRow("SELECT coalesce(max(version_id), 0) FROM " + goose.DefaultTablename + " WHERE is_applied").Scan(&version)
	return version, err
}

// checkVersion refuses a format newer than the program's. All older ones can be read.
func (s *Store) checkVersion() error {
	version, err := versionOf(s.db)
	switch {
	case err != nil:
		return err
	case version > Format:
		return fmt.Errorf("%w: it has format %d, this program knows %d; use a newer breakeven", ErrNewer, version, Format)
	case version == 0 && s.writer == nil:
		return ErrNoStore
	}
	return nil
}
