package store

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"

	"breakeven/internal/weights"
	"breakeven/run"
)

// files are those of a run's checkpoints when a new one has been written.
type files struct {
	c        run.Checkpoint
	row      checkpointRow   // of the new one
	obsolete []checkpointRow // for which there are enough newer ones
	replaced []checkpointRow // the one of the same step before, if there was one
}

// writeCheckpoint writes the file of a checkpoint, if it is not there. That is before the transaction
// that makes it count, which is then a short one. It removes no file, for the transaction may fail.
// Nor is the new file removed if it does: a commit that failed may be on disk all the same, which the
// next process sees that opens the database.
func (s *Store) writeCheckpoint(id string, c run.Checkpoint) (f files, err error) {
	f.c = c
	f.row, _ = digest(id, c)
	before, err := checkpoints(s.db, id)
	if err != nil {
		return f, err
	}
	there := slices.Contains(before, f.row)
	if there {
		if there, err = s.isWhole(id, f.row); err != nil {
			return f, err
		}
	}
	if !there {
		if err := s.files.write(id, f.row, c); err != nil {
			return f, fmt.Errorf("checkpoint of step %d: %w", c.Step, err)
		}
	}
	stay := 1
	for _, old := range before {
		stays := false
		if old.step != f.row.step && stay < kept {
			if stays, err = s.isWhole(id, old); err != nil {
				return f, err
			}
		}
		switch {
		case old == f.row:
		case old.step == f.row.step:
			f.replaced = append(f.replaced, old)
		case stays:
			stay++
		default:
			f.obsolete = append(f.obsolete, old)
		}
	}
	return f, nil
}

// isWhole reports whether the file of a row is there. It is an error if that cannot be known.
func (s *Store) isWhole(id string, row checkpointRow) (bool, error) {
	err := s.files.whole(id, row)
	if unknowable(err) {
		return false, fmt.Errorf("checkpoint of step %d: %w", row.step, err)
	}
	return err == nil, nil
}

// insertCheckpoint adds the row of a checkpoint, and takes away the obsolete ones.
func (s *Store) insertCheckpoint(tx *sql.Tx, id string, f files) error {
	if _, err := tx.Exec("INSERT INTO checkpoints (run, step, sha256) VALUES ($1, $2, $3) ON CONFLICT (run, step) DO UPDATE SET sha256 = excluded.sha256", id, f.row.step, f.row.sum); err != nil {
		return err
	}
	for _, old := range f.obsolete {
		if _, err := tx.Exec("DELETE FROM checkpoints WHERE run = $1 AND step = $2", id, old.step); err != nil {
			return err
		}
	}
	for _, old := range slices.Concat(f.obsolete, f.replaced) {
		if err := s.files.drop(tx, id, old); err != nil {
			return err
		}
	}
	return s.files.add(tx, id, f.row, f.c)
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
