package store

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"breakeven/run"
)

// A Job is a trial of a sweep that was taken.
type Job struct {
	Trial
	Run   Run
	Lease Lease
}

// A Rest says what is left of a sweep that Next does not take.
type Rest struct {
	Underway  int // living processes have them
	Elsewhere int // were begun with other kernels, and go on with these
}

// theRun is the number of the run that says how the trial t stands, among those of the numerics $1: the
// newest that has ended, or else the newest. It is the same one for everybody, with whatever kernels.
const theRun = `(SELECT number FROM runs WHERE spec_id = t.spec_id AND numerics = $1
	ORDER BY CASE WHEN status IN ('finished', 'diverged') THEN 0 ELSE 1 END, number DESC LIMIT 1)`

// Next takes the next trial of a sweep, or returns ErrNone if there is none to be taken: all have
// ended, have failed too often, or are among the rest, or the sweep is not active. Trials that have
// failed come last. A trial whose run was begun with other kernels than those of origin is taken only
// if other says so, and its run notes the change then. The error is ErrNumerics if the runs of the
// sweep have other numerics.
//
// What it reads does not grow with the number of trials, but with that of those who work on them.
func (s *Store) Next(sweep string, origin Origin, other bool) (job Job, rest Rest, err error) {
	q := queue{s: s, sweep: sweep, origin: origin, other: other}
	var seen sight
	err = s.snapshot(func(tx *sql.Tx) (err error) {
		seen, err = q.look(tx, turn{failures: -1})
		return err
	})
	if errors.Is(err, ErrNone) && len(seen.ended) > 0 || err == nil {
		err = s.transact(func(tx *sql.Tx) error { return q.take(tx, seen) })
		seen = q.seen
	}
	if err == nil && q.lease.Run == "" {
		err = ErrNone
	}
	job = Job{Trial: q.trial, Lease: q.lease}
	if err == nil {
		job.Run, err = s.Find(q.lease.Run)
	}
	return job, seen.rest, explain(s.dir, "sweep "+sweep, err)
}

// A queue looks for the next trial of a sweep.
type queue struct {
	s      *Store
	sweep  string
	origin Origin
	other  bool

	seen  sight // when a trial was taken
	trial Trial
	lease Lease
}

// A sight is what is seen of a sweep by who looks for the next trial.
type sight struct {
	rest  Rest
	found turn  // the next one; place 0: none
	ended []int // places of trials before it that have ended, and are not marked yet
}

// A turn is a trial that nobody is known to have ended.
type turn struct {
	place, failures int
	run             string // ID; "": there is none
	status          run.Status
	isa             string
	writer          string // that has the run
	begun           bool   // it has a record or a checkpoint
}

// look finds the next trial of those that come after one, or returns ErrNone.
func (q *queue) look(tx *sql.Tx, after turn) (seen sight, err error) {
	var state State
	var retries, numerics int
	err = tx.QueryRow("SELECT state, retries, numerics FROM sweeps WHERE id = $1", q.sweep).Scan(&state, &retries, &numerics)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return seen, ErrNoSweep
	case err != nil:
		return seen, err
	case state != Active:
		return seen, ErrNone
	case numerics != 0 && numerics != q.origin.Numerics:
		return seen, fmt.Errorf("%w: %d, and this program has %d", ErrNumerics, numerics, q.origin.Numerics)
	}
	list, err := q.s.engine.roster(tx)
	if err != nil {
		return seen, err
	}
	for {
		page, err := q.page(tx, retries, after)
		if err != nil {
			return seen, err
		}
		for _, t := range page {
			if q.suits(t, list, &seen) {
				seen.found = t
				return seen, nil
			}
		}
		if len(page) < pageSize {
			return seen, ErrNone
		}
		after = page[len(page)-1]
	}
}

// pageSize is how many trials are read at a time.
const pageSize = 50

// page returns the trials that come after one, with the runs that say how they stand. They are chosen
// before anything is joined to them: a server that does not know yet how many there are would join all.
func (q *queue) page(tx *sql.Tx, retries int, after turn) (list []turn, err error) {
	rows, err := tx.Query(`SELECT t.place, t.failures, coalesce(r.id, ''), coalesce(r.status, ''), coalesce(r.isa, ''),
			coalesce(CAST(l.writer AS TEXT), ''),
			EXISTS (SELECT 1 FROM records WHERE run = r.id) OR EXISTS (SELECT 1 FROM checkpoints WHERE run = r.id)
		FROM (SELECT place, failures, spec_id FROM trials
			WHERE sweep = $2 AND closed = 0 AND failures <= $3 AND (failures, place) > ($4, $5)
			ORDER BY failures, place LIMIT $6) AS t
		LEFT JOIN runs AS r ON r.number = `+theRun+`
		LEFT JOIN leases AS l ON l.run = r.id
		ORDER BY t.failures, t.place`, q.origin.Numerics, q.sweep, retries, after.failures, after.place, pageSize)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var t turn
		if err := rows.Scan(&t.place, &t.failures, &t.run, &t.status, &t.isa, &t.writer, &t.begun); err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, rows.Err()
}

// suits reports whether a trial can be taken, and counts it if not.
func (q *queue) suits(t turn, list roster, seen *sight) bool {
	switch {
	case t.run != "" && !t.status.Resumable():
		seen.ended = append(seen.ended, t.place)
	case list(t.writer).lives:
		seen.rest.Underway++
	case t.begun && t.isa != q.origin.ISA && !q.other:
		seen.rest.Elsewhere++
	default:
		return true
	}
	return false
}

// take takes the next trial if one was seen, or the next one after it if others were faster, and marks
// those that have ended. Those before it are not looked at again, so that others do not wait for that.
func (q *queue) take(tx *sql.Tx, seen sight) (err error) {
	q.trial, q.lease = Trial{}, Lease{}
	q.seen = seen
	if t := seen.found; t.place > 0 {
		q.seen, err = q.look(tx, turn{failures: t.failures, place: t.place - 1})
		if errors.Is(err, ErrNone) { // only all of them say that there is none
			seen = sight{}
			q.seen, err = q.look(tx, turn{failures: -1})
		}
		if err != nil && !errors.Is(err, ErrNone) {
			return err
		}
		q.seen.ended = slices.Concat(seen.ended, q.seen.ended)
	}
	t := q.seen.found
	if err := q.close(tx); err != nil || t.place == 0 {
		return err
	}
	if q.trial, err = scanTrial(tx.QueryRow("SELECT place, spec, failures, error FROM trials WHERE sweep = $1 AND place = $2", q.sweep, t.place)); err != nil {
		return err
	}
	if t.run == "" {
		q.lease, err = q.s.begin(tx, q.trial.Spec, q.origin)
		return err
	}
	q.lease.Run = t.run
	if err := q.s.unheld(tx, t.run); err != nil {
		return err
	}
	if err := q.s.lend(tx, &q.lease); err != nil || t.isa == q.origin.ISA {
		return err
	}
	return q.adapt(tx, t)
}

// close marks the trials that were seen ended, and are.
func (q *queue) close(tx *sql.Tx) error {
	for list := range slices.Chunk(q.seen.ended, 1000) {
		places := strings.Trim(strings.Join(strings.Fields(fmt.Sprint(list)), ", "), "[]") // numbers of ours
		if _, err := tx.Exec(`UPDATE trials SET closed = 1 WHERE sweep = $1 AND closed = 0 AND place IN (`+places+`)
			AND EXISTS (SELECT 1 FROM runs WHERE spec_id = trials.spec_id AND numerics = $2 AND status IN ('finished', 'diverged'))`,
			q.sweep, q.origin.Numerics); err != nil {
			return err
		}
	}
	return nil
}

// adapt notes with what arithmetic a run goes on that another one began: from its beginning if there is
// nothing of it yet.
func (q *queue) adapt(tx *sql.Tx, t turn) error {
	if t.begun {
		var step int
		if err := tx.QueryRow("SELECT coalesce(max(step), 0) FROM records WHERE run = $1", t.run).Scan(&step); err != nil {
			return err
		}
		return noteChange(tx, t.run, step, q.origin)
	}
	_, err := tx.Exec("UPDATE runs SET program = $1, isa = $2 WHERE id = $3", q.origin.Program, q.origin.ISA, t.run)
	return err
}
