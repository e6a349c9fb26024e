package store

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"breakeven/run"
)

// Save writes a record, a checkpoint, or both in one transaction; either may
// be nil. When it returns nil they are on disk. A record whose step is already
// there is left as it was if its numbers are the same, and is ErrDiffers if
// they are not; the time and the seconds spent are no such numbers. The error
// is ErrLost where the lease is no longer good; then nothing is written.
func (s *Store) Save(l Lease, record *run.Record, checkpoint *run.Checkpoint) error {
	if err := checkID(l.Run); err != nil {
		return explain(s.dir, "saving", err)
	}
	var files files
	err := s.engine.read(func() error {
		err := s.holds(s.db, l)
		if err == nil && checkpoint != nil {
			files, err = s.writeCheckpoint(l.Run, *checkpoint)
		}
		return err
	})
	if err == nil {
		err = s.change(l, func(tx *sql.Tx) error {
			if record != nil {
				if err := insertRecord(tx, l.Run, *record); err != nil {
					return fmt.Errorf("record of step %d: %w", record.Step, err)
				}
			}
			if checkpoint == nil {
				return nil
			}
			return s.insertCheckpoint(tx, l.Run, files)
		})
	}
	if checkpoint == nil {
		return explain(s.dir, "run "+l.Run, err)
	}
	if err != nil {
		_, size := digest(l.Run, *checkpoint)
		return explainWriting(s.dir, "run "+l.Run, err, s.checkpointRoom(l.Run, size))
	}
	// What cannot be removed now is tried again when the next one is saved, and
	// by Open, which makes a note of it.
	s.tidySaved(l, files.replaced)
	return nil
}

func insertRecord(tx *sql.Tx, id string, r run.Record) error {
	r.Time = r.Time.UTC()
	body, err := json.Marshal(r)
	if err != nil {
		return err
	}
	var before string
	err = tx.QueryRow("SELECT body FROM records WHERE run = $1 AND step = $2", id, r.Step).Scan(&before)
	switch {
	case err == nil:
		return compare(before, r)
	case !errors.Is(err, sql.ErrNoRows):
		return err
	}
	_, err = tx.Exec("INSERT INTO records (run, step, epoch, body) VALUES ($1, $2, $3, $4)", id, r.Step, r.Epoch, string(body))
	return err
}

// compare returns ErrDiffers, with the first key, unless the stored record
// and r hold the same measurement.
func compare(stored string, r run.Record) error {
	before, err := decode(new(run.RecordReader), r.Step, stored)
	if err != nil {
		return err
	}
	if before.Epoch != r.Epoch || len(before.Values) != len(r.Values) {
		return fmt.Errorf("%w: epoch %v and %d values, before %v and %d", ErrDiffers, r.Epoch, len(r.Values), before.Epoch, len(before.Values))
	}
	for i, v := range r.Values {
		b := before.Values[i]
		v.How.Seconds, b.How.Seconds = 0, 0
		was, err1 := json.Marshal(b)
		is, err2 := json.Marshal(v)
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		if !bytes.Equal(was, is) {
			return fmt.Errorf("%w: %s = %v, before %v; was the run begun by another program or on another kind of processor?", ErrDiffers, v.Key, v.Value, b.Value)
		}
	}
	return nil
}

// decode reads the body of the record of a step.
func decode(reader *run.RecordReader, step int, body string) (run.Record, error) {
	r, err := reader.Read(body)
	if err != nil {
		return run.Record{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if r.Step != step {
		return run.Record{}, fmt.Errorf("%w: it holds the record of step %d", ErrDamaged, r.Step)
	}
	return r, nil
}

// Records returns the records of a run in order of their steps. Their times
// are UTC.
func (s *Store) Records(id string) ([]run.Record, error) {
	return s.RecordsAfter(id, -1)
}

// RecordsAfter returns those with a step greater than the given one, for
// readers that follow a run.
func (s *Store) RecordsAfter(id string, step int) (list []run.Record, err error) {
	err = s.engine.read(func() error {
		list, err = s.recordsAfter(id, step)
		return err
	})
	return list, explain(s.dir, "reading the records of run "+id, err)
}

func (s *Store) recordsAfter(id string, step int) ([]run.Record, error) {
	rows, err := s.db.Query("SELECT step, body FROM records WHERE run = $1 AND step > $2 ORDER BY step", id, step)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var records []run.Record
	var reader run.RecordReader
	for rows.Next() {
		var step int
		var body string
		if err := rows.Scan(&step, &body); err != nil {
			return nil, err
		}
		r, err := decode(&reader, step, body)
		if err != nil {
			return nil, fmt.Errorf("step %d: %w", step, err)
		}
		r.Time = r.Time.Round(0).In(time.UTC)
		records = append(records, r)
	}
	return records, rows.Err()
}
