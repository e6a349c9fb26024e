package store

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"breakeven/run"
)

// A State says whether the trials of a sweep are to be run.
type State string

// The states of a sweep.
const (
	Active    State = "active"
	Paused    State = "paused"
	Cancelled State = "cancelled"
)

// A Sweep is a list of trials to be run.
type Sweep struct {
	ID      string // that of its list: the same trials are the same sweep
	Title   string // for people
	State   State
	Retries int // how often a trial that failed is tried again
	Trials  int // how many there are
	Created time.Time

	Numerics int // of its runs; 0: was not noted
}

// Submit adds a sweep, whose runs have the numerics of origin. If the store has one of the same trials,
// that becomes active again, with the given number of retries, and its failures are forgotten; with
// other numerics all its trials are to be run anew.
func (s *Store) Submit(title string, retries int, origin Origin, specs []run.Spec) (Sweep, error) {
	sum := sha256.New()
	for _, spec := range specs {
		_, _ = io.WriteString(sum, spec.ID()+"\n") // never fails
	}
	id := "s" + hex.EncodeToString(sum.Sum(nil))[:12]
	err := s.transact(func(tx *sql.Tx) error {
		if _, err := tx.Exec("UPDATE trials SET closed = 0 WHERE sweep = $1 AND closed = 1 AND (SELECT numerics FROM sweeps WHERE id = $1) <> $2", id, origin.Numerics); err != nil {
			return err
		}
		again, err := tx.Exec("UPDATE sweeps SET state = $1, retries = $2, numerics = $3 WHERE id = $4", Active, retries, origin.Numerics, id)
		if err := touched(again, err); !errors.Is(err, ErrNotFound) {
			return errors.Join(err, forgetFailures(tx, id))
		}
		w := Sweep{ID: id, Title: title, State: Active, Retries: retries, Created: time.Now(), Numerics: origin.Numerics}
		return insertSweep(tx, w, len(specs), func(i int) Trial { return Trial{Spec: specs[i]} })
	})
	if err != nil {
		return Sweep{}, explain(s.dir, "beginning a sweep", err)
	}
	if len(specs) > manyTrials {
		s.engine.grown("trials")
	}
	return s.FindSweep(id)
}

// manyTrials are so many that it pays to count them.
const manyTrials = 1000

// insertSweep adds a sweep of n trials, many with each statement.
func insertSweep(tx *sql.Tx, w Sweep, n int, trial func(i int) Trial) error {
	if _, err := tx.Exec("INSERT INTO sweeps (id, title, state, retries, created, numerics) VALUES ($1, $2, $3, $4, $5, $6)",
		w.ID, w.Title, w.State, w.Retries, w.Created.UTC().Format(time.RFC3339Nano), w.Numerics); err != nil {
		return err
	}
	const many = 100
	for first := 0; first < n; first += many {
		in := inserter{into: "trials (sweep, place, spec_id, spec, failures, error)", args: []any{w.ID}}
		for i := first; i < min(n, first+many); i++ {
			t := trial(i)
			in.add(i+1, t.Spec.ID(), t.Spec.String(), t.Failures, t.Error)
		}
		if err := in.exec(tx); err != nil {
			return err
		}
	}
	return nil
}

// forgetFailures makes failed trials of a sweep such as have not failed.
func forgetFailures(tx *sql.Tx, id string) error {
	_, err := tx.Exec("UPDATE trials SET failures = 0, reached = -1, error = '' WHERE sweep = $1 AND failures > 0", id)
	return err
}

// Retry makes a sweep active, and its failed trials such as have not failed.
func (s *Store) Retry(id string) error {
	err := s.transact(func(tx *sql.Tx) error {
		return errors.Join(setState(tx, id, Active), forgetFailures(tx, id))
	})
	return explain(s.dir, "sweep "+id, err)
}

// SetState changes the state of a sweep. Those who work on its trials ask for it from time to time.
func (s *Store) SetState(id string, state State) error {
	err := s.transact(func(tx *sql.Tx) error { return setState(tx, id, state) })
	return explain(s.dir, "sweep "+id, err)
}

func setState(tx *sql.Tx, id string, state State) error {
	err := touched(tx.Exec("UPDATE sweeps SET state = $1 WHERE id = $2", state, id))
	if errors.Is(err, ErrNotFound) {
		err = ErrNoSweep
	}
	return err
}

// State returns the state of a sweep.
func (s *Store) State(id string) (state State, err error) {
	err = s.engine.read(func() error { return s.db.QueryRow("SELECT state FROM sweeps WHERE id = $1", id).Scan(&state) })
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNoSweep
	}
	return state, explain(s.dir, "sweep "+id, err)
}

// Sweeps returns all sweeps, newest first.
func (s *Store) Sweeps() ([]Sweep, error) {
	var list []Sweep
	err := s.engine.read(func() (err error) {
		list, err = s.sweeps()
		return err
	})
	return list, explain(s.dir, "reading sweeps", err)
}

func (s *Store) sweeps() (list []Sweep, err error) {
	version, err := s.engine.version(s.db)
	if err != nil || version < 6 {
		return nil, err
	}
	numerics := "0"
	if version >= 7 {
		numerics = "numerics"
	}
	rows, err := s.db.Query(`SELECT id, title, state, retries, created, (SELECT count(*) FROM trials WHERE sweep = id), ` + numerics + `
		FROM sweeps ORDER BY number DESC`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var one Sweep
		var created string
		if err := rows.Scan(&one.ID, &one.Title, &one.State, &one.Retries, &created, &one.Trials, &one.Numerics); err != nil {
			return nil, err
		}
		if one.Created, err = time.Parse(time.RFC3339Nano, created); err != nil {
			return nil, fmt.Errorf("%w: sweep %s: %w", ErrDamaged, printable(one.ID), err)
		}
		list = append(list, one)
	}
	return list, rows.Err()
}

// FindSweep returns the sweep with the given ID, the only one whose ID begins so, or the newest one
// for "last". The error is ErrNotFound or ErrAmbiguous.
func (s *Store) FindSweep(name string) (Sweep, error) {
	list, err := s.Sweeps()
	if err != nil {
		return Sweep{}, err
	}
	var found []Sweep
	for i, one := range list {
		if one.ID == name || name == last && i == 0 {
			return one, nil
		}
		if name != "" && strings.HasPrefix(one.ID, name) {
			found = append(found, one)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return Sweep{}, fmt.Errorf("store %s: sweep %q: %w", s.dir, name, ErrNoSweep)
	}
	return Sweep{}, fmt.Errorf("store %s: sweep %q: %w: %s and %s", s.dir, name, ErrAmbiguous, found[0].ID, found[1].ID)
}
