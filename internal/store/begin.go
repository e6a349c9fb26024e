package store

import (
	"database/sql"
	"slices"

	"breakeven/run"
)

// Begin adds a run with the status Running, and takes it. If a run with the same spec exists (see
// WithSpec), the new one is a repetition with an ID of its own.
func (s *Store) Begin(spec run.Spec, origin Origin) (Lease, error) {
	var l Lease
	err := s.transact(func(tx *sql.Tx) (err error) {
		l, err = s.begin(tx, spec, origin)
		return err
	})
	return l, explain(s.dir, "beginning a run", err)
}

func (s *Store) begin(tx *sql.Tx, spec run.Spec, origin Origin) (l Lease, err error) {
	if l.Run, err = s.freeID(tx, spec); err != nil {
		return l, err
	}
	now := timestamp()
	if _, err = tx.Exec("INSERT INTO runs (id, spec_id, spec, status, program, isa, numerics, created, updated) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
		l.Run, spec.ID(), spec.String(), run.Running, origin.Program, origin.ISA, origin.Numerics, now, now); err != nil {
		return l, err
	}
	err = s.lend(tx, &l)
	return l, err
}

// Claim takes the newest run of a spec in the arithmetic of origin, or begins one if there is none. If
// that run has ended, the lease is the zero one: nothing is left to do; again begins another one then.
// The error is ErrHeld while a process works on the run. Of several processes that claim a spec at
// once, one gets it.
func (s *Store) Claim(spec run.Spec, origin Origin, again bool) (r Run, l Lease, err error) {
	doing := "beginning a run"
	err = s.transact(func(tx *sql.Tx) error {
		r, l = Run{}, Lease{}
		runs, err := s.queryIn(tx, "WHERE spec_id = $1", spec.ID())
		if err != nil {
			return err
		}
		i := slices.IndexFunc(runs, func(r Run) bool {
			return r.Damage == nil && origin.SameArithmetic(r) && (!again || r.Status.Resumable())
		})
		if i < 0 {
			l, err = s.begin(tx, spec, origin)
			return err
		}
		r, doing = runs[i], "run "+runs[i].ID
		switch {
		case r.Working:
			return held(process{r.Host, r.PID, true})
		case !r.Status.Resumable():
			return nil
		}
		l.Run = r.ID
		return s.lend(tx, &l)
	})
	if err == nil && r.ID == "" {
		r, err = s.Find(l.Run)
	}
	return r, l, explain(s.dir, doing, err)
}
