package store

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"breakeven/internal/atomicfile"
	"breakeven/internal/fault"
	"breakeven/internal/regular"
	"breakeven/internal/weights"
	"breakeven/run"
)

// A filesFolder is a depot in a folder.
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

func (f filesFolder) place(id string) string { return f.of(id) }

func (f filesFolder) list(id string) (list []filed, err error) {
	files, err := os.ReadDir(f.of(id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, file := range files {
		if info, err := file.Info(); err == nil && info.Mode().IsRegular() { // we write nothing else
			list = append(list, filed{file.Name(), info.Size()})
		}
	}
	return list, err
}

func (f filesFolder) remove(id, name string) error { return remove(filepath.Join(f.of(id), name)) }

// clear leaves files of other kinds, and then the folder too.
func (f filesFolder) clear(id string) error {
	files, err := os.ReadDir(f.of(id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	left := 0
	for _, file := range files {
		if _, ours := checkpointStep(file.Name()); !file.Type().IsRegular() || !ours && !atomicfile.IsTemp(file.Name()) {
			left++
			continue
		}
		if err := f.remove(id, file.Name()); err != nil {
			return err
		}
	}
	if err != nil || left > 0 {
		return err
	}
	return remove(f.of(id))
}

// remove removes a file, or an empty folder.
func remove(name string) error {
	if err := fault.At("remove " + name); err != nil {
		return err
	}
	return os.Remove(name)
}

// markFile is a file in a depot that says of which store it is, so that a folder that is not shared is
// not taken for the one that is.
const markFile = "store"

func (f filesFolder) owner() (string, error) {
	found, err := os.ReadFile(filepath.Join(string(f), markFile))
	if errors.Is(err, fs.ErrNotExist) {
		if err = nil; exists(filepath.Join(string(f), database)) {
			found = []byte("one in " + database)
		}
	}
	return strings.TrimSpace(string(found)), err
}

func (f filesFolder) own(store string) error {
	if err := atomicfile.MakeFolder(filepath.Join(string(f), runsFolder)); err != nil {
		return err
	}
	return atomicfile.Write(filepath.Join(string(f), markFile), func(w io.Writer) error {
		_, err := fmt.Fprintln(w, store)
		return err
	})
}
