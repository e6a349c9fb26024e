package store

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"

	"breakeven/internal/objects"
	"breakeven/internal/weights"
	"breakeven/run"
)

// An archive keeps the files of checkpoints.
type archive interface {
	// whole returns nil if the file of a row is there, and has not changed as far as that is cheap to
	// know.
	whole(id string, row checkpointRow) error
	// read returns the file of a row if it is there and has not changed.
	read(id string, row checkpointRow) (*weights.File, error)
	// write writes the file of a row, before the transaction that makes it count.
	write(id string, row checkpointRow, c run.Checkpoint) error
	// add and drop are part of the transactions that make a file count, and that make it obsolete.
	add(tx *sql.Tx, id string, row checkpointRow, c run.Checkpoint) error
	drop(tx *sql.Tx, id string, row checkpointRow) error
	// remains reports whether there are files of a run, which the database may have lost.
	remains(id string) bool
}

// A depot is an archive outside of the database: what counts is there before its row is, and is removed
// after it. See tidy.
type depot interface {
	archive
	// place is where the files of a run are, for people.
	place(id string) string
	// list returns the files of a run, in the order of their names.
	list(id string) ([]filed, error)
	remove(id, name string) error
	// clear removes the files of a run that is gone.
	clear(id string) error
	// own makes a depot that of a new store, and owner returns the ID of its store, or "".
	own(store string) error
	owner() (string, error)
}

// A filed is a file in a depot, with its size in bytes.
type filed struct {
	name string
	size int64
}

// openDepot returns the depot of a name: a folder with its whole path, or a bucket (see objects.Open).
func openDepot(name string) (depot, error) {
	if strings.HasPrefix(name, objects.Scheme) {
		b, err := objects.Open(name)
		return bucket{b}, err
	}
	if !filepath.IsAbs(name) {
		return nil, fmt.Errorf("%s=%s: the folder of the checkpoints must be given with its whole path, since all machines share it", filesField, name)
	}
	return filesFolder(name), nil
}
