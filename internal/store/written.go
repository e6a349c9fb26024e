package store

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strconv"

	"breakeven/internal/atomicfile"
	"breakeven/internal/weights"
	"breakeven/run"
)

// files are those of a run's checkpoints when a new one has been written.
type files struct {
	row      checkpointRow   // of the new one
	obsolete []checkpointRow // for which there are enough newer ones
	replaced []string        // the file of the same step before, if there was one
}

// writeCheckpoint writes the file of a checkpoint, if it is not there. That is before the transaction
// that makes it count, which is then a short one. It removes no file, for the transaction may fail.
// Nor is the new file removed if it does: a commit that failed may be on disk all the same, which the
// next process sees that opens the database.
func (s *Store) writeCheckpoint(id string, c run.Checkpoint) (f files, err error) {
	f.row, _ = digest(id, c)
	before, err := checkpoints(s.db, id)
	if err != nil {
		return f, err
	}
	if !slices.Contains(before, f.row) || s.whole(id, f.row) != nil {
		if err := s.writeFile(id, f.row, c); err != nil {
			return f, fmt.Errorf("checkpoint of step %d: %w", c.Step, err)
		}
	}
	stay := 1
	for _, old := range before {
		switch {
		case old == f.row:
		case old.step == f.row.step:
			f.replaced = append(f.replaced, old.name())
		case stay < kept && s.whole(id, old) == nil:
			stay++
		default:
			f.obsolete = append(f.obsolete, old)
		}
	}
	return f, nil
}

// writeFile writes the file of a row.
func (s *Store) writeFile(id string, row checkpointRow, c run.Checkpoint) error {
	if err := atomicfile.MakeFolder(s.folder(id)); err != nil {
		return err
	}
	tensors, meta := content(id, c)
	name := filepath.Join(s.folder(id), row.name())
	return atomicfile.Write(name, func(w io.Writer) error { return weights.Write(w, tensors, meta) })
}

// insertCheckpoint adds the row of a checkpoint, and takes away the obsolete ones.
func insertCheckpoint(tx *sql.Tx, id string, f files) error {
	if _, err := tx.Exec("INSERT OR REPLACE INTO checkpoints (run, step, sha256) VALUES (?, ?, ?)", id, f.row.step, f.row.sum); err != nil {
		return err
	}
	for _, old := range f.obsolete {
		if _, err := tx.Exec("DELETE FROM checkpoints WHERE run = ? AND step = ?", id, old.step); err != nil {
			return err
		}
	}
	return nil
}

// content returns what the file of a checkpoint holds.
func content(id string, c run.Checkpoint) ([]run.Tensor, map[string]string) {
	tensors := append([]run.Tensor{}, c.Weights...)
	for _, t := range c.State {
		t.Name = weights.State + t.Name
		tensors = append(tensors, t)
	}
	meta := maps.Clone(c.Meta)
	if meta == nil {
		meta = map[string]string{}
	}
	meta[runKey], meta[stepKey] = id, strconv.Itoa(c.Step)
	return tensors, meta
}

// digest returns the row of a checkpoint, and the size of its file.
func digest(id string, c run.Checkpoint) (row checkpointRow, size int64) {
	tensors, meta := content(id, c)
	sum := sha256.New()
	var counted counter
	_ = weights.Write(io.MultiWriter(sum, &counted), tensors, meta) // neither fails
	return checkpointRow{c.Step, hex.EncodeToString(sum.Sum(nil))}, int64(counted)
}

// A counter counts what is written to it.
type counter int64

func (c *counter) Write(b []byte) (int, error) {
	*c += counter(len(b))
	return len(b), nil
}
