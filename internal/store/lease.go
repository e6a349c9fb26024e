package store

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"

	"breakeven/run"
)

// A Lease is the right of one process to write to a run. It ends with End, when the store is closed,
// or when the process ends, however it ends; the next one to take the run has the next attempt, and
// whoever held it before can write no more.
type Lease struct {
	Run     string // ID
	Attempt int    // how often the run has been taken, this time included
}

// Take takes a run, which has the status Running from then on. The error is ErrHeld while a living
// process has it, this one included, and ErrEnded if nothing is left to do.
func (s *Store) Take(id string) (Lease, error) {
	l := Lease{Run: id}
	if err := checkID(id); err != nil {
		return l, explain(s.dir, "taking a run", err)
	}
	err := s.transact(func(tx *sql.Tx) error {
		if err := s.unheld(tx, id); err != nil {
			return err
		}
		return s.lend(tx, &l)
	})
	return l, explain(s.dir, "run "+id, err)
}

// lend gives a run, which nobody holds, to this store.
func (s *Store) lend(tx *sql.Tx, l *Lease) error {
	err := touched(tx.Exec("UPDATE runs SET status = $1, message = '', updated = $2 WHERE id = $3 AND status IN ($1, $4)",
		run.Running, timestamp(), l.Run, run.Stopped))
	if errors.Is(err, ErrNotFound) {
		if ours, _ := known(tx, l.Run); ours {
			err = ErrEnded
		}
	}
	if err != nil {
		return err
	}
	return tx.QueryRow(`INSERT INTO leases (run, attempt, writer) VALUES ($1, 1, $2)
		ON CONFLICT (run) DO UPDATE SET attempt = leases.attempt + 1, writer = excluded.writer RETURNING attempt`, l.Run, s.writer.name()).Scan(&l.Attempt)
}

// unheld returns ErrHeld if a living process holds a run.
func (s *Store) unheld(db querier, id string) error {
	var name string
	err := db.QueryRow("SELECT CAST(writer AS TEXT) FROM leases WHERE run = $1"+s.engine.forUpdate(), id).Scan(&name)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	list, err := s.engine.roster(db)
	if err != nil {
		return err
	}
	if p := list(name); p.lives {
		return held(p)
	}
	return nil
}

// held returns ErrHeld with the process that works on a run.
func held(p process) error {
	if p.host != "" {
		return fmt.Errorf("%w (%d on %s)", ErrHeld, p.pid, p.host)
	}
	return fmt.Errorf("%w%s", ErrHeld, numbered(p.pid))
}

// holds returns nil if a lease is still good, ErrNotFound if its run is gone, and else ErrLost.
func (s *Store) holds(db querier, l Lease) error {
	var one int
	if err := db.QueryRow("SELECT 1 FROM leases WHERE run = $1 AND attempt = $2 AND writer = $3"+s.engine.forUpdate(),
		l.Run, l.Attempt, s.writer.name()).Scan(&one); !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if ours, err := known(db, l.Run); err != nil || !ours {
		return errors.Join(err, ErrNotFound)
	}
	return ErrLost
}

// End gives a run back, with its new status and why it has that.
func (s *Store) End(l Lease, status run.Status, message string) error {
	err := s.change(l, func(tx *sql.Tx) error {
		if _, err := tx.Exec("UPDATE runs SET status = $1, message = $2 WHERE id = $3", status, message, l.Run); err != nil {
			return err
		}
		_, err := tx.Exec("UPDATE leases SET writer = '' WHERE run = $1", l.Run)
		return err
	})
	return explain(s.dir, "run "+l.Run, err)
}

// Changed notes that a run goes on with other arithmetic after a step.
func (s *Store) Changed(l Lease, step int, origin Origin) error {
	err := s.change(l, func(tx *sql.Tx) error { return noteChange(tx, l.Run, step, origin) })
	return explain(s.dir, "run "+l.Run, err)
}

func noteChange(tx *sql.Tx, id string, step int, origin Origin) error {
	change := fmt.Sprintf("after step %d with %s kernels, numerics %d; ", step, origin.ISA, origin.Numerics)
	_, err := tx.Exec("UPDATE runs SET program = $1, isa = $2, numerics = $3, changes = changes || $4 WHERE id = $5",
		origin.Program, origin.ISA, origin.Numerics, change, id)
	return err
}

// change runs f in a transaction that changes a run, if the lease is good.
func (s *Store) change(l Lease, f func(*sql.Tx) error) error {
	return s.commit(false, func(tx *sql.Tx) error {
		if err := s.holds(tx, l); err != nil {
			return err
		}
		if _, err := tx.Exec("UPDATE runs SET updated = $1 WHERE id = $2", timestamp(), l.Run); err != nil {
			return err
		}
		return f(tx)
	})
}

// atWork returns a function that says which process works on a run, if one does, of those that the
// condition selects, in a database of the given format.
func (s *Store) atWork(db querier, format int, where string, args ...any) (func(Run) process, error) {
	if format < 5 { // one process held the whole store
		pid, held := holder(filepath.Join(s.dir, lockName))
		return func(r Run) process { return process{pid: pid, lives: held && r.Status == run.Running} }, nil
	}
	list, err := s.engine.roster(db)
	if err != nil {
		return nil, err
	}
	rows, err := db.Query("SELECT CAST(run AS TEXT), CAST(writer AS TEXT) FROM leases WHERE writer <> ''"+among(where), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	at := map[string]process{}
	for rows.Next() {
		var id, name string
		if err := rows.Scan(&id, &name); err != nil {
			return nil, err
		}
		if p := list(name); p.lives {
			at[id] = p
		}
	}
	return func(r Run) process { return at[r.ID] }, rows.Err()
}

// among restricts a statement to the rows whose column run is one of the runs that the condition selects.
func among(where string) string {
	if where == "" {
		return ""
	}
	return " AND run IN (SELECT id FROM runs " + where + ")"
}
