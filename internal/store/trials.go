package store

import (
	"database/sql"
	"errors"
	"fmt"

	"breakeven/run"
)

// A Trial is one of a sweep.
type Trial struct {
	Place    int // in the sweep, from 1
	Spec     run.Spec
	Failures int    // in a row, without a new checkpoint in between
	Error    string // of the last failure
}

// A Standing says how a trial of a sweep stands.
type Standing struct {
	Trial
	Run Run // the newest of its spec in the arithmetic asked for; ID "": there is none
}

// Ended reports whether nothing is left to do, as far as the run says.
func (t Standing) Ended() bool { return t.Run.ID != "" && !t.Run.Status.Resumable() }

// Standings returns how the trials of a sweep stand, in their order, with runs in the arithmetic of
// origin.
func (s *Store) Standings(sweep string, origin Origin) ([]Standing, error) {
	var list []Standing
	err := s.snapshot(func(tx *sql.Tx) (err error) {
		list, err = s.standings(tx, sweep, origin)
		return err
	})
	return list, explain(s.dir, "sweep "+sweep, err)
}

func (s *Store) standings(tx *sql.Tx, sweep string, origin Origin) (list []Standing, err error) {
	runs, err := s.queryIn(tx, "WHERE spec_id IN (SELECT spec_id FROM trials WHERE sweep = $1)", sweep)
	if err != nil {
		return nil, err
	}
	newest := map[string]Run{}
	for _, r := range runs {
		if r.Damage == nil && origin.SameArithmetic(r) && newest[r.Spec.ID()].ID == "" {
			newest[r.Spec.ID()] = r
		}
	}
	trials, err := trialsOf(tx, sweep)
	for _, t := range trials {
		list = append(list, Standing{t, newest[t.Spec.ID()]})
	}
	return list, err
}

// trialsOf returns the trials of a sweep in their order.
func trialsOf(tx *sql.Tx, sweep string) (list []Trial, err error) {
	rows, err := tx.Query("SELECT place, spec, failures, error FROM trials WHERE sweep = $1 ORDER BY place", sweep)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		t, err := scanTrial(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, rows.Err()
}

func scanTrial(row interface{ Scan(...any) error }) (t Trial, err error) {
	var text string
	if err = row.Scan(&t.Place, &text, &t.Failures, &t.Error); err != nil {
		return t, err
	}
	if t.Spec, err = run.Parse(text); err != nil {
		err = fmt.Errorf("%w: trial %d: %w", ErrDamaged, t.Place, err)
	}
	return t, err
}

// A Job is a trial of a sweep that was taken.
type Job struct {
	Trial
	Run   Run
	Lease Lease
}

// Next takes the next trial of a sweep, or returns ErrNone if there is none to be taken: all have
// ended, have failed too often, or are under way elsewhere, which underway counts, or the sweep is not
// active. Trials that
// have failed come last. The runs are those in the arithmetic of origin.
func (s *Store) Next(sweep string, origin Origin) (job Job, underway int, err error) {
	var free []int
	err = s.engine.read(func() (err error) {
		free, underway, err = s.free(sweep, origin)
		return err
	})
	for _, place := range free {
		if job.Trial, err = scanTrial(s.db.QueryRow("SELECT place, spec, failures, error FROM trials WHERE sweep = $1 AND place = $2", sweep, place)); err != nil {
			break
		}
		// Between the question and this, another process may have taken it, and even ended it.
		job.Run, job.Lease, err = s.Claim(job.Spec, origin, false)
		switch {
		case errors.Is(err, ErrHeld):
			underway++
		case err != nil || job.Lease != Lease{}:
			return job, underway, err
		}
	}
	if err == nil || errors.Is(err, ErrHeld) {
		err = ErrNone
	}
	return Job{}, underway, explain(s.dir, "sweep "+sweep, err)
}

// free returns the places of the trials of a sweep that can be taken, and how many are under way.
func (s *Store) free(sweep string, origin Origin) (places []int, underway int, err error) {
	list, err := s.engine.roster(s.db)
	if err != nil {
		return nil, 0, err
	}
	rows, err := s.db.Query(`SELECT t.place, coalesce(CAST(l.writer AS TEXT), '')
		FROM sweeps AS s JOIN trials AS t ON t.sweep = s.id
		LEFT JOIN runs AS r ON r.number =
			(SELECT max(number) FROM runs WHERE spec_id = t.spec_id AND isa = $1 AND numerics = $2 AND changes = '')
		LEFT JOIN leases AS l ON l.run = r.id
		WHERE s.id = $3 AND s.state = 'active' AND t.failures <= s.retries AND coalesce(r.status, '') NOT IN ($4, $5)
		ORDER BY t.failures, t.place`, origin.ISA, origin.Numerics, sweep, run.Finished, run.Diverged)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var place int
		var writer string
		if err := rows.Scan(&place, &writer); err != nil {
			return nil, 0, err
		}
		if list(writer).lives {
			underway++
			continue
		}
		places = append(places, place)
	}
	return places, underway, rows.Err()
}

// Failed notes that a trial of a sweep has failed, and why. The failure is the first one in a row if
// its run has a newer checkpoint than at the last one, or the last one was forgotten.
func (s *Store) Failed(sweep string, place int, origin Origin, message string) error {
	err := s.transact(func(tx *sql.Tx) error {
		var reached int
		err := tx.QueryRow(`SELECT coalesce(max(c.step), -1) FROM trials AS t JOIN runs AS r ON r.spec_id = t.spec_id JOIN checkpoints AS c ON c.run = r.id
			WHERE t.sweep = $1 AND t.place = $2 AND r.isa = $3 AND r.numerics = $4 AND r.changes = ''`, sweep, place, origin.ISA, origin.Numerics).Scan(&reached)
		if err != nil {
			return err
		}
		return touched(tx.Exec(`UPDATE trials SET failures = CASE WHEN $1 > reached THEN 1 ELSE failures + 1 END, reached = CASE WHEN $1 > reached THEN $1 ELSE reached END, error = $2
			WHERE sweep = $3 AND place = $4`, reached, message, sweep, place))
	})
	return explain(s.dir, fmt.Sprintf("sweep %s: trial %d", sweep, place), err)
}
