package store

import (
	"database/sql"
	"sync"

	"breakeven/run"
)

// A Lister reads the runs of a store again and again, as a page does that shows them all. It reads each
// spec once, and does not count records. Its methods may be called from several goroutines.
type Lister struct {
	s     *Store
	mu    sync.Mutex
	specs map[string]run.Spec // by their texts
}

// Lister returns one.
func (s *Store) Lister() *Lister { return &Lister{s: s, specs: map[string]run.Spec{}} }

// NotCounted is the number of records of a run of a Lister.
const NotCounted = -1

// lastColumns are countColumns without what has to be counted.
const lastColumns = ` -1,
		(SELECT coalesce(max(step), -1) FROM records WHERE run = runs.id),
		(SELECT coalesce(max(step), -1) FROM checkpoints WHERE run = runs.id)`

// Runs returns all runs as Store.Runs does, but with NotCounted records each.
func (l *Lister) Runs() ([]Run, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var runs []Run
	err := l.s.snapshot(func(tx *sql.Tx) (err error) {
		runs, err = l.s.queryAs(tx, reading{l.parse, lastColumns}, "")
		return err
	})
	return runs, explain(l.s.dir, "reading runs", err)
}

// A ListedTrial is a trial with the identity of its spec.
type ListedTrial struct {
	Trial
	ID string
}

// Trials returns the trials of a sweep in their order.
func (l *Lister) Trials(sweep string) ([]ListedTrial, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var list []ListedTrial
	err := l.s.engine.read(func() error {
		list = nil
		rows, err := l.s.db.Query("SELECT place, spec_id, spec, failures, error FROM trials WHERE sweep = $1 ORDER BY place", sweep)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var t ListedTrial
			var text string
			if err := rows.Scan(&t.Place, &t.ID, &text, &t.Failures, &t.Error); err != nil {
				return err
			}
			if t.Spec, err = l.parse(text); err != nil {
				return err
			}
			list = append(list, t)
		}
		return rows.Err()
	})
	return list, explain(l.s.dir, "sweep "+sweep, err)
}

// parse reads the text of a spec.
func (l *Lister) parse(text string) (run.Spec, error) {
	if s, ok := l.specs[text]; ok {
		return s, nil
	}
	s, err := run.Parse(text)
	if err == nil {
		l.specs[text] = s
	}
	return s, err
}
