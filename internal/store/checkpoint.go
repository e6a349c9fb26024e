package store

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"breakeven/internal/weights"
	"breakeven/run"
)

const (
	// kept is how many checkpoints of a run stay: the last one, and the one
	// before it for the day when the file of the last is damaged.
	kept = 2
	// runKey and stepKey are entries of the file's metadata.
	runKey, stepKey = weights.RunKey, "breakeven.step"
)

// Checkpoint returns the last checkpoint of a run that is whole: the newest,
// or the one before it if its file is missing or damaged. Then passed says what
// is wrong with the newer one, and the records in between are measured again to
// the same bits. The error is ErrNoCheckpoint where there is none, ErrDamaged
// where none is whole.
func (s *Store) Checkpoint(id string) (c run.Checkpoint, passed, err error) {
	err = s.engine.read(func() error {
		c, passed, err = s.checkpoint(id)
		return err
	})
	return c, passed, explain(s.dir, "run "+id, err)
}

func (s *Store) checkpoint(id string) (c run.Checkpoint, passed, err error) {
	rows, err := checkpoints(s.db, id)
	for err == nil {
		if len(rows) == 0 {
			err = ErrNoCheckpoint
			break
		}
		c, found, wrong, unknown := s.firstWhole(id, rows)
		if unknown != nil || wrong == nil {
			return c, nil, unknown
		}
		// The writer may have taken a file away after its row was read.
		before := rows
		if rows, err = checkpoints(s.db, id); err != nil || !slices.Equal(before, rows) {
			continue
		}
		if found {
			return c, wrong, nil
		}
		err = fmt.Errorf("%w: %w%s", ErrDamaged, wrong, s.unrecorded(id))
	}
	return run.Checkpoint{}, nil, err
}

// CheckpointUpTo returns the newest whole checkpoint of a run that is not past a step,
// and whether there is one.
func (s *Store) CheckpointUpTo(id string, step int) (c run.Checkpoint, ok bool, err error) {
	err = s.engine.read(func() error {
		rows, err := checkpoints(s.db, id)
		if err == nil {
			rows = slices.DeleteFunc(rows, func(r checkpointRow) bool { return r.step > step })
			c, ok, _, err = s.firstWhole(id, rows)
		}
		return err
	})
	return c, ok, explain(s.dir, "run "+id, err)
}

// firstWhole returns the first checkpoint whose file is whole, whether there is
// one, and what is wrong with those before it. It is an error if that cannot be known.
func (s *Store) firstWhole(id string, rows []checkpointRow) (c run.Checkpoint, found bool, wrong, err error) {
	for _, row := range rows {
		c, err := s.readCheckpoint(id, row)
		if err == nil {
			return c, true, wrong, nil
		}
		err = fmt.Errorf("checkpoint of step %d: %w", row.step, err)
		if unknowable(err) {
			return c, false, nil, err
		}
		wrong = inLine(wrong, err)
	}
	return run.Checkpoint{}, false, wrong, nil
}

// unknowable reports whether an error leaves open whether a file is whole.
func unknowable(err error) bool { return passing(err) || errors.Is(err, ErrRefused) }

// A checkpointRow is what the database knows of a checkpoint.
type checkpointRow struct {
	step int
	sum  string // SHA-256 of the file
}

// checkpoints returns the rows of a run's checkpoints, newest first.
func checkpoints(db querier, id string) ([]checkpointRow, error) {
	if err := checkID(id); err != nil {
		return nil, err
	}
	rows, err := db.Query("SELECT step, sha256 FROM checkpoints WHERE run = $1 ORDER BY step DESC", id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []checkpointRow
	for rows.Next() {
		var r checkpointRow
		if err := rows.Scan(&r.step, &r.sum); err != nil {
			return nil, fmt.Errorf("%w: checkpoint: %w", ErrDamaged, err)
		}
		if !sumForm.MatchString(r.sum) {
			r.sum = "" // that of no file
		}
		list = append(list, r)
	}
	return list, rows.Err()
}

// readCheckpoint reads the file of a row.
func (s *Store) readCheckpoint(id string, row checkpointRow) (run.Checkpoint, error) {
	file, err := s.files.read(id, row)
	if err != nil {
		return run.Checkpoint{}, err
	}
	if file.Meta[stepKey] != strconv.Itoa(row.step) {
		return run.Checkpoint{}, fmt.Errorf("%s: it is of step %q", row.name(), file.Meta[stepKey])
	}
	c := run.Checkpoint{Step: row.step, Meta: file.Meta}
	delete(c.Meta, runKey)
	delete(c.Meta, stepKey)
	for _, t := range file.Tensors {
		if state, ok := strings.CutPrefix(t.Name, weights.State); ok {
			t.Name = state
			c.State = append(c.State, t)
			continue
		}
		c.Weights = append(c.Weights, t)
	}
	return c, nil
}
