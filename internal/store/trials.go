package store

import (
	"database/sql"
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
	Run Run // of its spec, that says so: the newest that has ended, or else the newest; ID "": there is none
}

// Ended reports whether nothing is left to do, as far as the run says.
func (t Standing) Ended() bool { return t.Run.ID != "" && !t.Run.Status.Resumable() }

// Consider makes a run of the trial's spec its run, if it says more than the one before and has the
// numerics of origin. Runs come newest first; see also theRun.
func (t *Standing) Consider(r Run, origin Origin) {
	if r.Origin.Numerics == origin.Numerics && (t.Run.ID == "" || !t.Ended() && !r.Status.Resumable()) {
		t.Run = r
	}
}

// Standings returns how the trials of a sweep stand, in their order, by runs of the numerics of origin,
// with whatever kernels.
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
	chosen := map[string]Standing{} // by the ID of a spec
	for _, r := range runs {
		if r.Damage == nil {
			id := r.Spec.ID()
			t := chosen[id]
			t.Consider(r, origin)
			chosen[id] = t
		}
	}
	trials, err := trialsOf(tx, sweep)
	for _, t := range trials {
		list = append(list, Standing{t, chosen[t.Spec.ID()].Run})
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

// Failed notes that a trial of a sweep has failed, and why. The failure is the first one in a row if
// its run has a newer checkpoint than at the last one, or the last one was forgotten.
func (s *Store) Failed(sweep string, place int, origin Origin, message string) error {
	err := s.transact(func(tx *sql.Tx) error {
		var reached int
		err := tx.QueryRow(`SELECT coalesce(max(c.step), -1) FROM trials AS t JOIN runs AS r ON r.spec_id = t.spec_id JOIN checkpoints AS c ON c.run = r.id
			WHERE t.sweep = $1 AND t.place = $2 AND r.numerics = $3`, sweep, place, origin.Numerics).Scan(&reached)
		if err != nil {
			return err
		}
		return touched(tx.Exec(`UPDATE trials SET failures = CASE WHEN $1 > reached THEN 1 ELSE failures + 1 END, reached = CASE WHEN $1 > reached THEN $1 ELSE reached END, error = $2
			WHERE sweep = $3 AND place = $4`, reached, message, sweep, place))
	})
	return explain(s.dir, fmt.Sprintf("sweep %s: trial %d", sweep, place), err)
}

// A Tally counts trials of a sweep.
type Tally struct {
	Ended    int
	Underway int // living processes have them
	Failed   int // for good
}

// Tally counts the trials of a sweep by runs of the numerics of origin, as Standings does.
func (s *Store) Tally(sweep string, origin Origin) (n Tally, err error) {
	err = s.snapshot(func(tx *sql.Tx) error {
		version, err := s.engine.version(tx)
		if err != nil {
			return err
		}
		ended := "EXISTS (SELECT 1 FROM runs WHERE spec_id = t.spec_id AND numerics = $2 AND status IN ('finished', 'diverged'))"
		if version >= 7 {
			ended = "(t.closed = 1 OR " + ended + ")"
		}
		err = tx.QueryRow(`SELECT count(CASE WHEN `+ended+` THEN 1 END), count(CASE WHEN t.failures > s.retries AND NOT `+ended+` THEN 1 END)
			FROM trials AS t JOIN sweeps AS s ON s.id = t.sweep WHERE t.sweep = $1`, sweep, origin.Numerics).Scan(&n.Ended, &n.Failed)
		if err != nil {
			return err
		}
		list, err := s.engine.roster(tx)
		if err != nil {
			return err
		}
		writers, err := texts(tx, `SELECT CAST(l.writer AS TEXT) FROM leases AS l JOIN runs AS r ON r.id = l.run
			WHERE l.writer <> '' AND r.numerics = $2 AND r.spec_id IN (SELECT spec_id FROM trials WHERE sweep = $1)`, sweep, origin.Numerics)
		for _, w := range writers {
			if list(w).lives {
				n.Underway++
			}
		}
		return err
	})
	return n, explain(s.dir, "sweep "+sweep, err)
}
