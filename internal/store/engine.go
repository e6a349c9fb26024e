package store

import (
	"context"
	"database/sql"
	"errors"

	"breakeven/internal/fault"
)

// An engine is a database with its transactions, and knows which of those that write live. All
// statements are written once, in what SQLite and PostgreSQL both understand; an engine is the rest.
type engine interface {
	// write runs f in a transaction. Several that are alone run one after the other. Those that are
	// not begin with the lease of a run (see holds), which others wait for. If f may run again it has
	// changed nothing before.
	write(alone bool, f func(*sql.Tx) error) error
	// read runs f, which only reads, and may run it again.
	read(f func() error) error
	// snapshot are the options of a transaction that reads one state of the store.
	snapshot() *sql.TxOptions
	// forUpdate is what is put behind a statement to lock the rows that it finds until the
	// transaction ends.
	forUpdate() string

	// grown says that a table has got many rows at once, which the database may not count by itself for
	// a minute, and choose slow plans meanwhile.
	grown(table string)

	// version returns the format of the database, 0 if it has none yet.
	version(querier) (int, error)
	// roster tells living writers from dead ones.
	roster(querier) (roster, error)
}

// A writer is a store that is open for writing, as other processes see it.
type writer interface {
	name() string // no other writer ever has the same
	leave() error
}

// A roster returns the process of a writer; "" is no writer.
type roster func(writer string) process

// A process is what is known of a writer.
type process struct {
	host  string // "": this machine
	pid   int    // 0: not known
	lives bool
}

// A querier is a database, or a transaction.
type querier interface {
	Query(query string, args ...any) (*sql.Rows, error)
	QueryRow(query string, args ...any) *sql.Row
}

// transact runs f in a transaction in which nobody else begins, takes or deletes a run or changes a
// sweep.
func (s *Store) transact(f func(*sql.Tx) error) error { return s.commit(true, f) }

// commit is alone or not, and a place where tests break the commit.
func (s *Store) commit(alone bool, f func(*sql.Tx) error) error {
	err := s.write(alone, func(tx *sql.Tx) error {
		if err := f(tx); err != nil {
			return err
		}
		return fault.At("commit")
	})
	if err != nil {
		return err
	}
	return fault.At("committed")
}

// alone runs f in a transaction in which nobody else takes a run.
func (s *Store) alone(f func(*sql.Tx) error) error { return s.write(true, f) }

func (s *Store) write(alone bool, f func(*sql.Tx) error) error {
	if s.writer == nil {
		panic("store: writing to a store opened by OpenReader")
	}
	return s.engine.write(alone, f)
}

// snapshot runs f in a transaction that reads one state of the store.
func (s *Store) snapshot(f func(*sql.Tx) error) error {
	return s.engine.read(func() error {
		tx, err := s.db.BeginTx(context.Background(), s.engine.snapshot())
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }() // a transaction that only reads
		return f(tx)
	})
}

// touched returns ErrNotFound for a statement that changed no row.
func touched(result sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, ErrNotFound)
	}
	return nil
}
