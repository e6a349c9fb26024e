package store

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"breakeven/internal/fault"
	"breakeven/run"
)

// A Run is what a store knows of a run beside its records.
type Run struct {
	ID      string // the identity of Spec, with "-2", "-3" … where it was run again
	Spec    run.Spec
	Origin  Origin
	Status  run.Status
	Message string // why it stopped or diverged; empty otherwise
	Created time.Time
	Updated time.Time // when its last record, checkpoint or status was written

	Records    int // how many there are
	LastStep   int // of the last record; -1 without one
	Checkpoint int // step of the last checkpoint; -1 without one
}

// An Origin says what made a run.
type Origin struct {
	Program string // version of the program
	ISA     string // instruction set of its kernels: another one gives other bits
}

// Create adds a run of status Running. A run with the same spec may exist,
// see WithSpec: then the new one is a repetition of it under its own ID.
func (s *Store) Create(spec run.Spec, origin Origin) (Run, error) {
	now := timestamp()
	var id string
	err := s.transact(func(tx *sql.Tx) (err error) {
		if id, err = s.freeID(tx, spec); err != nil {
			return err
		}
		_, err = tx.Exec("INSERT INTO runs (id, spec_id, spec, status, program, isa, created, updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
			id, spec.ID(), spec.String(), run.Running, origin.Program, origin.ISA, now, now)
		return err
	})
	if err != nil {
		return Run{}, explain(s.dir, "beginning a run", err)
	}
	return s.Find(id)
}

// WithSpec returns the runs of the same identity as spec, newest first.
func (s *Store) WithSpec(spec run.Spec) ([]Run, error) {
	return s.query("WHERE spec_id = ?", spec.ID())
}

// Runs returns all runs, newest first.
func (s *Store) Runs() ([]Run, error) { return s.query("") }

// Find returns the run with the given ID, the only one whose ID begins so, or
// the newest one for "last". The error is ErrNotFound or ErrAmbiguous.
func (s *Store) Find(name string) (Run, error) {
	runs, err := s.Runs()
	if err != nil {
		return Run{}, err
	}
	if name == "last" && len(runs) > 0 {
		return runs[0], nil
	}
	var found []Run
	for _, r := range runs {
		if r.ID == name {
			return r, nil
		}
		if name != "" && strings.HasPrefix(r.ID, name) {
			found = append(found, r)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return Run{}, fmt.Errorf("store %s: run %q: %w", s.dir, name, ErrNotFound)
	}
	ids := make([]string, len(found))
	for i, r := range found {
		ids[i] = r.ID
	}
	return Run{}, fmt.Errorf("store %s: run %q: %w: %s", s.dir, name, ErrAmbiguous, strings.Join(ids, ", "))
}

// SetStatus changes the status and the message of a run.
func (s *Store) SetStatus(id string, status run.Status, message string) error {
	err := s.transact(func(tx *sql.Tx) error {
		return touched(tx.Exec("UPDATE runs SET status = ?, message = ?, updated = ? WHERE id = ?", status, message, timestamp(), id))
	})
	return explain(s.dir, "run "+id, err)
}

// query returns the runs that the condition selects, newest first.
func (s *Store) query(where string, args ...any) ([]Run, error) {
	rows, err := s.db.Query(`SELECT id, spec, program, isa, status, message, created, updated,
		(SELECT count(*) FROM records WHERE run = id),
		(SELECT coalesce(max(step), -1) FROM records WHERE run = id),
		(SELECT coalesce(max(step), -1) FROM checkpoints WHERE run = id)
		FROM runs `+where+` ORDER BY number DESC`, args...)
	if err != nil {
		return nil, explain(s.dir, "reading runs", err)
	}
	defer rows.Close()
	var runs []Run
	for rows.Next() {
		r, err := scanRun(rows)
		if err != nil {
			return nil, explain(s.dir, "reading runs", err)
		}
		runs = append(runs, r)
	}
	return runs, explain(s.dir, "reading runs", rows.Err())
}

func scanRun(rows *sql.Rows) (r Run, err error) {
	var spec, created, updated string
	err = rows.Scan(&r.ID, &spec, &r.Origin.Program, &r.Origin.ISA, &r.Status, &r.Message, &created, &updated,
		&r.Records, &r.LastStep, &r.Checkpoint)
	if err != nil {
		return Run{}, err
	}
	var errs [3]error
	r.Spec, errs[0] = run.Parse(spec)
	r.Created, errs[1] = time.Parse(time.RFC3339Nano, created)
	r.Updated, errs[2] = time.Parse(time.RFC3339Nano, updated)
	if err := errors.Join(errs[:]...); err != nil {
		return Run{}, fmt.Errorf("%w: run %s: %w", ErrDamaged, r.ID, err)
	}
	return r, nil
}

// transact runs f in a transaction that holds the write lock from its
// beginning.
func (s *Store) transact(f func(*sql.Tx) error) error {
	if s.unlock == nil {
		panic("store: writing to a store opened by OpenReader")
	}
	tx, err := s.db.Begin()
	if err != nil {
		return err
	}
	err = f(tx)
	if err == nil {
		err = fault.At("commit")
	}
	if err != nil {
		_ = tx.Rollback() // SQLite has done so already after a full disk
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	return fault.At("committed")
}

// touched turns a statement that changed no row into ErrNotFound.
func touched(result sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, ErrNotFound)
	}
	return nil
}

func timestamp() string { return time.Now().UTC().Format(time.RFC3339Nano) }
