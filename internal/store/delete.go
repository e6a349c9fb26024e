package store

import (
	"database/sql"
	"errors"
	"fmt"
)

// Delete removes a run for good: its rows, in one transaction that also notes that its files
// are to go, and then its checkpoints. If the process is killed in between, Open removes the
// rest. Files of other kinds in the folder of the run stay. The error is ErrHeld while a process
// works on the run.
func (s *Store) Delete(id string) error {
	err := checkID(id)
	if err == nil {
		err = s.transact(func(tx *sql.Tx) error {
			if err := s.unheld(tx, id); err != nil {
				return err
			}
			if _, err := tx.Exec("UPDATE trials SET closed = 0 WHERE closed = 1 AND spec_id = (SELECT spec_id FROM runs WHERE id = $1)", id); err != nil {
				return err
			}
			if err := touched(tx.Exec("DELETE FROM runs WHERE id = $1", id)); err != nil { // and what refers to it
				return err
			}
			if s.depot == nil {
				return nil
			}
			_, err := tx.Exec("INSERT INTO deleted (run) VALUES ($1) ON CONFLICT DO NOTHING", id)
			return err
		})
	}
	if err == nil && s.depot != nil {
		if err = s.clear(id); err != nil {
			err = fmt.Errorf("it is deleted, and its files in %s cannot be removed: %w", s.depot.place(id), err)
		}
	}
	return explain(s.dir, "run "+id, err)
}

// clearDeleted removes what is left of deleted runs.
func (s *Store) clearDeleted() error {
	if s.depot == nil {
		return nil
	}
	rows, err := s.db.Query("SELECT CAST(run AS TEXT) FROM deleted")
	if err != nil {
		return err
	}
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return errors.Join(err, rows.Close())
		}
		ids = append(ids, id)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	var errs []error
	for _, id := range ids {
		errs = append(errs, s.clear(id))
	}
	return inLine(errs...)
}

// clear removes the files of a deleted run, its folder if that is empty then, and the note that
// they are to go. If there is a run of this ID the note is an old one. Nobody begins one meanwhile.
func (s *Store) clear(id string) error {
	return s.alone(func(tx *sql.Tx) error {
		ours, err := known(tx, id)
		if err != nil {
			return err
		}
		if !ours && checkID(id) == nil {
			if err := s.depot.clear(id); err != nil {
				return settled(err)
			}
		}
		_, err = tx.Exec("DELETE FROM deleted WHERE run = $1", id)
		return err
	})
}
