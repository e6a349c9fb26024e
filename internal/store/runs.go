package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"breakeven/internal/fault"
	"breakeven/run"
)

// A Run is what a store knows about a run besides its records.
type Run struct {
	ID      string // the identity of Spec, with "-2", "-3" … if it was run again
	Name    string // that its user gave it; empty: none
	Tags    []string
	Spec    run.Spec
	Origin  Origin
	Status  run.Status
	Message string // why it stopped or diverged; empty otherwise
	Changes string // in words, where it went on with other arithmetic than it was begun with; empty otherwise
	Created time.Time
	Updated time.Time // when its last record, checkpoint or status was written

	Records    int // how many there are
	LastStep   int // of the last record; -1: there is none
	Checkpoint int // step of the last checkpoint; -1: there is none

	// Damage says why the run cannot be read; it is nil for a sound one. A damaged run is
	// listed, but only its ID has a meaning. If that is not an ID it is quoted.
	Damage error
}

// An Origin says what made a run.
type Origin struct {
	Program string // version of the program
	ISA     string // instruction set of its kernels: another one gives other bits
	// Numerics is the version of everything else that decides the bits; 0: older than
	// that was noted.
	Numerics int
}

// Changed notes that a run goes on with other arithmetic after a step.
func (s *Store) Changed(id string, step int, origin Origin) error {
	err := s.transact(func(tx *sql.Tx) error {
		change := fmt.Sprintf("after step %d with %s kernels, numerics %d; ", step, origin.ISA, origin.Numerics)
		return touched(tx.Exec("UPDATE runs SET program = ?, isa = ?, numerics = ?, changes = changes || ?, updated = ? WHERE id = ?",
			origin.Program, origin.ISA, origin.Numerics, change, timestamp(), id))
	})
	return explain(s.dir, "run "+id, err)
}

// Create adds a run with the status Running. If a run with the same spec exists (see WithSpec), the
// new one is a repetition with an ID of its own.
func (s *Store) Create(spec run.Spec, origin Origin) (Run, error) {
	now := timestamp()
	var id string
	err := s.transact(func(tx *sql.Tx) (err error) {
		if id, err = s.freeID(tx, spec); err != nil {
			return err
		}
		_, err = tx.Exec("INSERT INTO runs (id, spec_id, spec, status, program, isa, numerics, created, updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
			id, spec.ID(), spec.String(), run.Running, origin.Program, origin.ISA, origin.Numerics, now, now)
		return err
	})
	if err != nil {
		return Run{}, explain(s.dir, "beginning a run", err)
	}
	return s.Find(id)
}

// WithSpec returns the runs with the identity of spec, newest first, without damaged ones.
func (s *Store) WithSpec(spec run.Spec) ([]Run, error) {
	runs, err := s.query("WHERE spec_id = ?", spec.ID())
	return slices.DeleteFunc(runs, func(r Run) bool { return r.Damage != nil }), err
}

// Runs returns all runs, newest first, including damaged ones.
func (s *Store) Runs() ([]Run, error) { return s.query("") }

// SetStatus changes the status and the message of a run.
func (s *Store) SetStatus(id string, status run.Status, message string) error {
	err := s.transact(func(tx *sql.Tx) error {
		return touched(tx.Exec("UPDATE runs SET status = ?, message = ?, updated = ? WHERE id = ?", status, message, timestamp(), id))
	})
	return explain(s.dir, "run "+id, err)
}

// query returns the runs that the condition selects, newest first. A fault of one of them is its
// Damage, and does not affect the others.
func (s *Store) query(where string, args ...any) ([]Run, error) {
	const doing = "reading runs"
	tx, err := s.db.BeginTx(context.Background(), &sql.TxOptions{ReadOnly: true}) // one state of the store
	if err != nil {
		return nil, explain(s.dir, doing, err)
	}
	defer func() { _ = tx.Rollback() }() // a transaction that only reads
	version, err := versionOf(tx)
	if err != nil {
		return nil, explain(s.dir, doing, err)
	}
	added, tags := "CAST(numerics AS TEXT), CAST(changes AS TEXT), CAST(name AS TEXT)", map[string][]string{}
	switch {
	case version < 3:
		added = "'0', '', ''"
	case version < 4:
		added = "CAST(numerics AS TEXT), CAST(changes AS TEXT), ''"
	default:
		if tags, err = tagsOf(tx); err != nil {
			return nil, explain(s.dir, doing, err)
		}
	}
	// The casts make texts of whatever types a foreign database has.
	rows, err := tx.Query(`SELECT CAST(id AS TEXT), CAST(spec AS TEXT), CAST(program AS TEXT), CAST(isa AS TEXT), CAST(status AS TEXT),
		CAST(message AS TEXT), CAST(created AS TEXT), CAST(updated AS TEXT), `+added+` FROM runs `+where+` ORDER BY number DESC`, args...)
	if err != nil {
		return nil, explain(s.dir, doing, err)
	}
	defer rows.Close()
	var runs []Run
	for rows.Next() {
		var text runText
		if err := rows.Scan(text.places()...); err != nil {
			return nil, explain(s.dir, doing, err)
		}
		runs = append(runs, readRun(text))
	}
	for i := range runs {
		if r := &runs[i]; r.Damage == nil {
			r.Tags = tags[r.ID]
			s.count(tx, r)
		}
	}
	return runs, explain(s.dir, doing, rows.Err())
}

// runText is the row of a run as texts.
type runText [11]sql.NullString

func (t *runText) places() (list []any) {
	for i := range t {
		list = append(list, &t[i])
	}
	return list
}

// readRun makes a run from the texts of its row. What cannot be its name is left out.
func readRun(text runText) Run {
	r := Run{
		ID: text[0].String, Origin: Origin{Program: text[2].String, ISA: text[3].String},
		Status: run.Status(text[4].String), Message: text[5].String, Changes: text[9].String,
	}
	if name := text[10].String; CheckName(name) == nil {
		r.Name = name
	}
	var errs [6]error
	if !idForm.MatchString(r.ID) {
		r.ID = printable(r.ID)
		errs[0] = errors.New("its name is none that this program gives")
	}
	r.Spec, errs[1] = run.Parse(text[1].String)
	if !r.Status.Valid() {
		errs[2] = fmt.Errorf("its status is %.20q", r.Status)
	}
	r.Created, errs[3] = time.Parse(time.RFC3339Nano, text[6].String)
	r.Updated, errs[4] = time.Parse(time.RFC3339Nano, text[7].String)
	r.Origin.Numerics, errs[5] = strconv.Atoi(text[8].String)
	r.damaged(inLine(errs[:]...))
	return r
}

// count counts the records of a run.
func (s *Store) count(db querier, r *Run) {
	err := db.QueryRow(`SELECT
		(SELECT count(*) FROM records WHERE run = ?1),
		(SELECT coalesce(max(step), -1) FROM records WHERE run = ?1),
		(SELECT coalesce(max(step), -1) FROM checkpoints WHERE run = ?1)`, r.ID).Scan(&r.Records, &r.LastStep, &r.Checkpoint)
	if err != nil {
		r.damaged(fmt.Errorf("its records: %w", classify(s.dir, err, 0)))
	}
}

// damaged marks r as damaged if there is an error.
func (r *Run) damaged(err error) {
	if err != nil && !errors.Is(err, ErrDamaged) {
		err = fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if err != nil {
		*r = Run{ID: r.ID, Damage: err}
	}
}

// transact runs f in a transaction that holds the write lock from its beginning.
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
		_ = tx.Rollback() // SQLite has already done so if the disk was full
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	return fault.At("committed")
}

// touched returns ErrNotFound for a statement that changed no row.
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
