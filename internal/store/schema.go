package store

import (
	"embed"
	"fmt"
)

// Format is the version of the store's format that this program writes. Each version is a file in
// migrations, for PostgreSQL from the first one that it had, and a line in docs/formats.md.
const Format = 7

//go:embed migrations/*/*.sql
var migrations embed.FS

// newest returns the format of a database whose history is in the given table.
func newest(db querier, table string) (version int, err error) {
	err = db.QueryRow("SELECT coalesce(max(version_id), 0) FROM " + table + " WHERE is_applied").Scan(&version)
	return version, err
}

// checkVersion refuses a format newer than the program's. All older ones can be read.
func (s *Store) checkVersion() error {
	version, err := s.engine.version(s.db)
	switch {
	case err != nil:
		return err
	case tooNew(version) != nil:
		return tooNew(version)
	case version == 0 && s.writer == nil:
		return ErrNoStore
	}
	return nil
}

// tooNew refuses a format newer than the program's. Each transaction that writes asks for it, since a newer
// program may bring the store to its format at any time.
func tooNew(version int) error {
	if version <= Format {
		return nil
	}
	return fmt.Errorf("%w: it has format %d, this program knows %d; use a newer breakeven", ErrNewer, version, Format)
}
