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

	Working bool // whether a living process holds it
	PID     int  // of that process; 0: none, or not known

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

// SameArithmetic reports whether what makes a run here has made all of r, and so gives the bits of r.
func (o Origin) SameArithmetic(r Run) bool {
	return r.Changes == "" && r.Origin.ISA == o.ISA && r.Origin.Numerics == o.Numerics
}

// WithSpec returns the runs with the identity of spec, newest first, without damaged ones.
func (s *Store) WithSpec(spec run.Spec) ([]Run, error) {
	runs, err := s.query("WHERE spec_id = ?", spec.ID())
	return slices.DeleteFunc(runs, func(r Run) bool { return r.Damage != nil }), err
}

// Runs returns all runs, newest first, including damaged ones.
func (s *Store) Runs() ([]Run, error) { return s.query("") }

// query returns the runs that the condition selects, newest first. A fault of one of them is its
// Damage, and does not affect the others.
func (s *Store) query(where string, args ...any) ([]Run, error) {
	tx, err := s.db.BeginTx(context.Background(), &sql.TxOptions{ReadOnly: true}) // one state of the store
	if err != nil {
		return nil, explain(s.dir, "reading runs", err)
	}
	defer func() { _ = tx.Rollback() }() // a transaction that only reads
	runs, err := s.queryIn(tx, where, args...)
	return runs, explain(s.dir, "reading runs", err)
}

func (s *Store) queryIn(tx *sql.Tx, where string, args ...any) ([]Run, error) {
	version, err := versionOf(tx)
	if err != nil {
		return nil, err
	}
	working, err := s.atWork(tx, version)
	if err != nil {
		return nil, err
	}
	added, tags := "CAST(numerics AS TEXT), CAST(changes AS TEXT), CAST(name AS TEXT)", map[string][]string{}
	switch {
	case version < 3:
		added = "'0', '', ''"
	case version < 4:
		added = "CAST(numerics AS TEXT), CAST(changes AS TEXT), ''"
	default:
		if tags, err = tagsOf(tx); err != nil {
			return nil, err
		}
	}
	// The casts make texts of whatever types a foreign database has.
	rows, err := tx.Query(`SELECT CAST(id AS TEXT), CAST(spec AS TEXT), CAST(program AS TEXT), CAST(isa AS TEXT), CAST(status AS TEXT),
		CAST(message AS TEXT), CAST(created AS TEXT), CAST(updated AS TEXT), `+added+` FROM runs `+where+` ORDER BY number DESC`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var runs []Run
	for rows.Next() {
		var text runText
		if err := rows.Scan(text.places()...); err != nil {
			return nil, err
		}
		runs = append(runs, readRun(text))
	}
	for i := range runs {
		if r := &runs[i]; r.Damage == nil {
			r.Tags = tags[r.ID]
			r.Working, r.PID = working(*r)
			s.count(tx, r)
		}
	}
	return runs, rows.Err()
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

// transact is alone, and a place where tests break the commit.
func (s *Store) transact(f func(*sql.Tx) error) error {
	err := s.alone(func(tx *sql.Tx) error {
		if err := f(tx); err != nil {
			return err
		}
		return fault.At("commit")
	})
	if err != nil {
		return err
	}
	return fault.At("committed")
}

// alone runs f in a transaction that holds the write lock from its beginning: no other process
// writes meanwhile, or takes a run.
func (s *Store) alone(f func(*sql.Tx) error) error {
	if s.writer == nil {
		panic("store: writing to a store opened by OpenReader")
	}
	tx, err := s.db.Begin()
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		_ = tx.Rollback() // SQLite has already done so if the disk was full
		return err
	}
	return tx.Commit()
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
