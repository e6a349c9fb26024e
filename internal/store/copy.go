package store

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
)

// A Copied says what Copy did.
type Copied struct {
	Runs    int       // that were copied
	Present int       // that were there already, and equal
	Sweeps  int       // that were copied
	Refused []Refusal // runs that were not copied
	Notes   []string  // checkpoints that are not whole and were left out
}

// A Refusal says why a run was not copied.
type Refusal struct {
	Run string // ID
	Err error
}

// Copy copies the runs of another store with their records, checkpoints, names and tags, and its
// sweeps. They keep their IDs. A run is copied in one transaction: Copy that was stopped goes on when
// it is called again. Runs that are there already stay as they are, and must be equal: same spec,
// arithmetic and status, the same numbers, the same checkpoints. Those that are not are refused, and so
// are runs that a process works on, damaged ones, and those whose name another run has. Before each run
// tell is told how many are done, and its error ends Copy.
func (s *Store) Copy(from *Store, tell func(done, all int) error) (done Copied, err error) {
	runs, err := from.Runs()
	if err != nil {
		return done, err
	}
	for i, r := range slices.Backward(runs) { // in the order of their creation
		if err := tell(len(runs)-1-i, len(runs)); err != nil {
			return done, err
		}
		err := r.Damage
		if err == nil {
			err = s.copyRun(from, r.ID, &done)
		}
		switch {
		case err == nil:
		case refusal(err):
			done.Refused = append(done.Refused, Refusal{r.ID, err})
		default:
			return done, fmt.Errorf("copying run %s: %w", r.ID, err)
		}
	}
	done.Sweeps, err = s.copySweeps(from)
	return done, err
}

// errName is a fault of a run that is copied.
var errName = errors.New("its name is taken")

// refusal reports whether an error is one of a run, and not of a store.
func refusal(err error) bool {
	for _, is := range []error{ErrHeld, ErrDiffers, ErrDamaged, ErrNotFound, errName} {
		if errors.Is(err, is) {
			return true
		}
	}
	return false
}

// copyRun copies a run, unless it is there.
func (s *Store) copyRun(from *Store, id string, done *Copied) error {
	theirs, err := from.rowsOf(id)
	if err != nil {
		return err
	}
	if theirs.held.lives {
		return held(theirs.held)
	}
	ours, err := s.rowsOf(id)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if err == nil {
		if !slices.Equal(ours.checkpoints, theirs.checkpoints) {
			if err := from.readFiles(theirs); err != nil {
				return err
			}
		}
		err := ours.equals(theirs)
		if err == nil {
			done.Present++
		}
		return err
	}
	if err := from.readFiles(theirs); err != nil {
		return err
	}
	if now, err := from.rowsOf(id); err != nil || now.held.lives || now.run != theirs.run {
		return errors.Join(err, fmt.Errorf("%w: it has changed meanwhile", ErrHeld))
	}
	if err := s.insertCopy(theirs); err != nil {
		return explain(s.dir, "run "+id, err)
	}
	done.Runs++
	done.Notes = append(done.Notes, theirs.notes...)
	return nil
}

// insertCopy adds a run of another store.
func (s *Store) insertCopy(r *runRows) error {
	for i, row := range r.checkpoints {
		if err := s.engine.read(func() error {
			there, err := s.isWhole(r.id(), row)
			if err == nil && !there {
				err = s.files.write(r.id(), row, r.files[i])
			}
			return err
		}); err != nil {
			return fmt.Errorf("checkpoint of step %d: %w", row.step, err)
		}
	}
	return s.transact(func(tx *sql.Tx) error {
		if there, err := known(tx, r.id()); err != nil || there {
			return errors.Join(err, fmt.Errorf("%w: another process has begun it meanwhile", ErrDiffers))
		}
		if err := r.insert(tx); err != nil {
			return err
		}
		for i, row := range r.checkpoints {
			if err := s.insertCheckpoint(tx, r.id(), files{c: r.files[i], row: row}); err != nil {
				return err
			}
		}
		return nil
	})
}

// copySweeps copies the sweeps that are not there. Their IDs are those of their trials.
func (s *Store) copySweeps(from *Store) (copied int, err error) {
	theirs, err := from.Sweeps()
	if err != nil {
		return 0, err
	}
	ours, err := s.Sweeps()
	if err != nil {
		return 0, err
	}
	for _, w := range slices.Backward(theirs) {
		if slices.ContainsFunc(ours, func(o Sweep) bool { return o.ID == w.ID }) {
			continue
		}
		var list []Trial
		err := from.snapshot(func(tx *sql.Tx) (err error) {
			list, err = trialsOf(tx, w.ID)
			return err
		})
		if err == nil {
			err = s.transact(func(tx *sql.Tx) error {
				return insertSweep(tx, w, len(list), func(i int) Trial { return list[i] })
			})
		}
		if err != nil {
			return copied, explain(s.dir, "copying sweep "+w.ID, err)
		}
		copied++
	}
	return copied, nil
}
