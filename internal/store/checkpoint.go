package store

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"breakeven/internal/atomicfile"
	"breakeven/internal/weights"
)

// A Checkpoint is everything that a run needs to go on to the same bits.
type Checkpoint struct {
	Step    int              // updates done so far
	Weights []weights.Tensor // parameters and running statistics, with PyTorch's names
	State   []weights.Tensor // the rest: momentum, starting vectors. Names differ within State
	Meta    map[string]string
}

const (
	// kept is how many checkpoints of a run stay: the last one, and the one
	// before it for the day when the file of the last is damaged.
	kept = 2
	// statePrefix sets State apart from Weights in the file. No parameter of
	// PyTorch has a slash in its name.
	statePrefix = "state/"
	// runKey and stepKey are entries of the file's metadata.
	runKey, stepKey = "breakeven.run", "breakeven.step"
)

// Checkpoint returns the last checkpoint of a run that is whole: the newest,
// or the one before it if its file is missing or damaged. The records in
// between then stay, and are measured again to the same bits. The error is
// ErrNoCheckpoint where there is none, ErrDamaged where none is whole.
func (s *Store) Checkpoint(id string) (Checkpoint, error) {
	doing := "run " + id
	rows, err := s.checkpoints(id)
	if err != nil {
		return Checkpoint{}, explain(s.dir, doing, err)
	}
	if len(rows) == 0 {
		return Checkpoint{}, explain(s.dir, doing, ErrNoCheckpoint)
	}
	var errs []error
	for _, row := range rows {
		c, err := readCheckpoint(s.checkpointFile(id, row.step), row.sum)
		if err == nil {
			return c, nil
		}
		errs = append(errs, err)
	}
	return Checkpoint{}, explain(s.dir, doing, fmt.Errorf("%w: %w", ErrDamaged, errors.Join(errs...)))
}

// CheckpointFile returns the name of the file of the last checkpoint. It is a
// safetensors file; the run's weights are in it under PyTorch's names.
func (s *Store) CheckpointFile(id string) (string, error) {
	rows, err := s.checkpoints(id)
	if err == nil && len(rows) == 0 {
		err = ErrNoCheckpoint
	}
	if err != nil {
		return "", explain(s.dir, "run "+id, err)
	}
	return s.checkpointFile(id, rows[0].step), nil
}

type checkpointRow struct {
	step int
	sum  string
}

// checkpoints returns the rows of a run's checkpoints, newest first.
func (s *Store) checkpoints(id string) ([]checkpointRow, error) {
	rows, err := s.db.Query("SELECT step, sha256 FROM checkpoints WHERE run = ? ORDER BY step DESC", id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []checkpointRow
	for rows.Next() {
		var r checkpointRow
		if err := rows.Scan(&r.step, &r.sum); err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, rows.Err()
}

func (s *Store) checkpointFile(id string, step int) string {
	return filepath.Join(s.dir, "runs", id, fmt.Sprintf("checkpoint-%d.safetensors", step))
}

// insertCheckpoint writes the file and then the row that makes it count, and
// takes the rows of all but the last ones away. The files of those, and this
// one if the transaction fails, are what sweepRun removes.
func (s *Store) insertCheckpoint(tx *sql.Tx, id string, c Checkpoint) error {
	sum, err := s.writeCheckpoint(id, c)
	if err != nil {
		return err
	}
	if _, err := tx.Exec("INSERT OR REPLACE INTO checkpoints (run, step, sha256) VALUES (?, ?, ?)", id, c.Step, sum); err != nil {
		return err
	}
	_, err = tx.Exec(`DELETE FROM checkpoints WHERE run = ? AND step NOT IN
		(SELECT step FROM checkpoints WHERE run = ? ORDER BY step DESC LIMIT ?)`, id, id, kept)
	return err
}

// writeCheckpoint writes the file and returns its SHA-256.
func (s *Store) writeCheckpoint(id string, c Checkpoint) (string, error) {
	name := s.checkpointFile(id, c.Step)
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return "", err
	}
	tensors := append([]weights.Tensor{}, c.Weights...)
	for _, t := range c.State {
		t.Name = statePrefix + t.Name
		tensors = append(tensors, t)
	}
	meta := maps.Clone(c.Meta)
	if meta == nil {
		meta = map[string]string{}
	}
	meta[runKey], meta[stepKey] = id, strconv.Itoa(c.Step)
	sum := sha256.New()
	err := atomicfile.Write(name, func(w io.Writer) error {
		return weights.Write(io.MultiWriter(w, sum), tensors, meta)
	})
	return hex.EncodeToString(sum.Sum(nil)), err
}

func readCheckpoint(name, sum string) (Checkpoint, error) {
	content, err := os.ReadFile(name)
	if err != nil {
		return Checkpoint{}, err
	}
	if got := sha256.Sum256(content); hex.EncodeToString(got[:]) != sum {
		return Checkpoint{}, fmt.Errorf("%s: its SHA-256 is not the one on record", name)
	}
	file, err := weights.Decode(content)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("%s: %w", name, err)
	}
	c := Checkpoint{Meta: file.Meta}
	if c.Step, err = strconv.Atoi(file.Meta[stepKey]); err != nil {
		return Checkpoint{}, fmt.Errorf("%s: step: %w", name, err)
	}
	delete(c.Meta, runKey)
	delete(c.Meta, stepKey)
	for _, t := range file.Tensors {
		if state, ok := strings.CutPrefix(t.Name, statePrefix); ok {
			t.Name = state
			c.State = append(c.State, t)
			continue
		}
		c.Weights = append(c.Weights, t)
	}
	return c, nil
}

// sweep removes the files of all runs that no row speaks of.
func (s *Store) sweep() error {
	folders, err := os.ReadDir(filepath.Join(s.dir, "runs"))
	if err != nil {
		return err
	}
	for _, f := range folders {
		if f.IsDir() {
			if err := s.sweepRun(f.Name()); err != nil {
				return err
			}
		}
	}
	return nil
}

// sweepRun removes checkpoints of a run without a row, and unfinished files.
// It leaves alone whatever has a name that no program of ours gives.
func (s *Store) sweepRun(id string) error {
	rows, err := s.checkpoints(id)
	if err != nil {
		return err
	}
	keep := map[string]bool{}
	for _, r := range rows {
		keep[filepath.Base(s.checkpointFile(id, r.step))] = true
	}
	dir := filepath.Join(s.dir, "runs", id)
	files, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, f := range files {
		ours := strings.HasPrefix(f.Name(), "checkpoint-") && strings.HasSuffix(f.Name(), ".safetensors")
		if ours && !keep[f.Name()] || atomicfile.IsTemp(f.Name()) {
			if err := os.Remove(filepath.Join(dir, f.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}
