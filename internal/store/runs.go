package store

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

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

	Working bool   // whether a living process holds it
	PID     int    // of that process; 0: none, or not known
	Host    string // that it is on, in a store on a server; "": this machine

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
	runs, err := s.query("WHERE spec_id = $1", spec.ID())
	return slices.DeleteFunc(runs, func(r Run) bool { return r.Damage != nil }), err
}

// Runs returns all runs, newest first, including damaged ones.
func (s *Store) Runs() ([]Run, error) { return s.query("") }

// query returns the runs that the condition selects, newest first. A fault of one of them is its
// Damage, and does not affect the others.
func (s *Store) query(where string, args ...any) ([]Run, error) {
	var runs []Run
	err := s.snapshot(func(tx *sql.Tx) (err error) {
		runs, err = s.queryIn(tx, where, args...)
		return err
	})
	return runs, explain(s.dir, "reading runs", err)
}

func (s *Store) queryIn(tx *sql.Tx, where string, args ...any) ([]Run, error) {
	return s.queryAs(tx, reading{run.Parse, countColumns}, where, args...)
}

// A reading is how runs are read: their specs, and what is counted of them (see countColumns).
type reading struct {
	parse func(string) (run.Spec, error)
	count string
}

func (s *Store) queryAs(tx *sql.Tx, as reading, where string, args ...any) ([]Run, error) {
	version, err := s.engine.version(tx)
	if err != nil {
		return nil, err
	}
	working, err := s.atWork(tx, version, where, args...)
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
		if tags, err = tagsOf(tx, where, args...); err != nil {
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
		runs = append(runs, readRun(text, as.parse))
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	counts, err := s.counts(tx, as.count, where, args...)
	damaged := errors.Is(classify(s.dir, err, 0), ErrDamaged) // some run is
	if err != nil && !damaged {
		return nil, err
	}
	for i := range runs {
		r := &runs[i]
		if r.Damage != nil {
			continue
		}
		r.Tags = tags[r.ID]
		p := working(*r)
		r.Working, r.PID, r.Host = p.lives, p.pid, p.host
		c := counts[r.ID]
		r.Records, r.LastStep, r.Checkpoint = c.Records, c.LastStep, c.Checkpoint
		if damaged {
			s.count(tx, r)
		}
	}
	return runs, nil
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
func readRun(text runText, parse func(string) (run.Spec, error)) Run {
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
	r.Spec, errs[1] = parse(text[1].String)
	if !r.Status.Valid() {
		errs[2] = fmt.Errorf("its status is %.20q", r.Status)
	}
	r.Created, errs[3] = time.Parse(time.RFC3339Nano, text[6].String)
	r.Updated, errs[4] = time.Parse(time.RFC3339Nano, text[7].String)
	r.Origin.Numerics, errs[5] = strconv.Atoi(text[8].String)
	r.damaged(inLine(errs[:]...))
	return r
}

// countColumns are the numbers of records, last steps and last checkpoints of the runs of a statement.
const countColumns = `
		(SELECT count(*) FROM records WHERE run = runs.id),
		(SELECT coalesce(max(step), -1) FROM records WHERE run = runs.id),
		(SELECT coalesce(max(step), -1) FROM checkpoints WHERE run = runs.id)`

// counts returns what can be counted of the runs that the condition selects, by their IDs.
func (s *Store) counts(db querier, columns, where string, args ...any) (map[string]Run, error) {
	rows, err := db.Query("SELECT CAST(id AS TEXT),"+columns+" FROM runs "+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := map[string]Run{}
	for rows.Next() {
		var id string
		var c Run
		if err := rows.Scan(&id, &c.Records, &c.LastStep, &c.Checkpoint); err != nil {
			return nil, err
		}
		list[id] = c
	}
	return list, rows.Err()
}

// count counts the records of one run, which it marks as damaged if that fails.
func (s *Store) count(db querier, r *Run) {
	err := db.QueryRow("SELECT"+countColumns+" FROM runs WHERE id = $1", r.ID).Scan(&r.Records, &r.LastStep, &r.Checkpoint)
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

func timestamp() string { return time.Now().UTC().Format(time.RFC3339Nano) }
