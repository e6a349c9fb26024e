package store

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"

	"breakeven/internal/atomicfile"
	"breakeven/internal/regular"
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

// A filesFolder is an archive in a folder: what counts is a file before its row is, and is removed after
// it. See tidy.
type filesFolder string

// of returns the folder of a run. Its ID has been checked.
func (f filesFolder) of(id string) string { return filepath.Join(string(f), runsFolder, id) }

func (f filesFolder) whole(id string, row checkpointRow) error {
	_, err := f.find(id, row)
	return err
}

func (f filesFolder) read(id string, row checkpointRow) (*weights.File, error) {
	name, err := f.find(id, row)
	if err != nil {
		return nil, err
	}
	return weights.ReadFile(name)
}

// find returns the file of a row if it is whole. In a store of format 1 it had no digest in its name.
func (f filesFolder) find(id string, row checkpointRow) (string, error) {
	name := filepath.Join(f.of(id), row.name())
	err := compareSum(name, row.sum)
	if errors.Is(err, fs.ErrNotExist) {
		if old := filepath.Join(f.of(id), row.oldName()); exists(old) {
			name, err = old, compareSum(old, row.sum)
		}
	}
	return name, err
}

// compareSum returns nil if a file has the given SHA-256.
func compareSum(name, sum string) error {
	got, err := regular.Sum(name)
	if err == nil && got != sum {
		err = fmt.Errorf("%s: its SHA-256 is not the one on record", name)
	}
	return err
}

func (f filesFolder) write(id string, row checkpointRow, c run.Checkpoint) error {
	if err := atomicfile.MakeFolder(f.of(id)); err != nil {
		return err
	}
	tensors, meta := content(id, c)
	return atomicfile.Write(filepath.Join(f.of(id), row.name()), func(w io.Writer) error { return weights.Write(w, tensors, meta) })
}

func (filesFolder) add(*sql.Tx, string, checkpointRow, run.Checkpoint) error { return nil }

func (filesFolder) drop(*sql.Tx, string, checkpointRow) error { return nil }

func (f filesFolder) remains(id string) bool { return exists(f.of(id)) }
