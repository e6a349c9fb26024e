package store

import (
	"cmp"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// startPatience is how long opening a store waits for a server that cannot be reached. Tests do not wait.
var startPatience = patience

// openServer opens the store at an address. A server that is being started anew is waited for.
func openServer(text string, write bool) (*Store, error) {
	for begun := time.Now(); ; time.Sleep(200 * time.Millisecond) {
		s := &Store{dir: withoutSecrets(text)}
		err := s.connect(text, write)
		if err == nil {
			return s, nil
		}
		var unknown *net.DNSError
		again := passing(err) && !errors.As(err, &unknown) && time.Since(begun) < startPatience
		if err = errors.Join(explain(s.dir, "opening", err), s.Close()); !again {
			return nil, err
		}
	}
}

func (s *Store) connect(text string, write bool) error {
	at, err := parseAddress(text)
	if err != nil {
		return err
	}
	if !write {
		at.config.RuntimeParams["default_transaction_read_only"] = "on"
	}
	db := stdlib.OpenDB(*at.config)
	db.SetMaxOpenConns(4)
	db.SetMaxIdleConns(2)
	db.SetConnMaxIdleTime(time.Minute)
	e := &remote{db: db, patience: patience}
	if write {
		e.patience = serverPatience
	}
	s.engine, s.db = e, db
	if err := db.Ping(); err != nil {
		return err
	}
	if !write {
		if err := s.checkVersion(); err != nil {
			return err
		}
		return s.findFiles(at.files)
	}
	if err := s.prepare(e, at.schema); err != nil {
		return err
	}
	b, err := e.join()
	if err != nil {
		return err
	}
	s.writer = b
	if err := s.ownFiles(at.files); err != nil {
		return err
	}
	if err := s.clearDeleted(); err != nil {
		s.note("what is left of deleted runs cannot be removed: %v", err)
	}
	return nil
}

// prepare makes the schema and the tables, unless they are there. Of several processes one does so.
func (s *Store) prepare(e *remote, schema string) error {
	version, err := e.version(s.db)
	if err != nil || version == Format {
		return err
	}
	tx, err := s.db.Begin() // it has the lock until its end, and does nothing
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.Exec("SELECT pg_advisory_xact_lock(hashtext('breakeven'), hashtext($1))", schema); err != nil {
		return err
	}
	if err := s.checkVersion(); err != nil && !errors.Is(err, ErrNoStore) {
		return err
	}
	name := pgx.Identifier{schema}.Sanitize()
	var there bool
	if err := s.db.QueryRow("SELECT to_regnamespace($1) IS NOT NULL", name).Scan(&there); err != nil {
		return err
	}
	if !there { // else it needs no right to make one
		if _, err := s.db.Exec("CREATE SCHEMA " + name); err != nil {
			return err
		}
	}
	return e.migrate()
}

// findFiles notes where the checkpoints are: in the depot that the store names, or in another one if it
// is reached in another way here, or in the database.
func (s *Store) findFiles(named string) error {
	var recorded string
	err := s.db.QueryRow("SELECT files FROM store").Scan(&recorded)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNoStore
	}
	switch {
	case err != nil:
		return err
	case recorded == "" && named != "":
		return fmt.Errorf("the checkpoints of this store are in its database: leave out %s=%s", filesField, named)
	case recorded == "":
		s.files = chunks{s.db}
		return nil
	}
	if s.depot, err = openDepot(cmp.Or(named, recorded)); err != nil {
		return err
	}
	s.files = s.depot
	return nil
}

// ownFiles is findFiles for a writer. The first one of a store decides.
func (s *Store) ownFiles(named string) error {
	if err := s.decideFiles(named); err != nil {
		return err
	}
	if err := s.findFiles(named); err != nil || s.depot == nil {
		return err
	}
	var id string
	if err := s.db.QueryRow("SELECT id FROM store").Scan(&id); err != nil {
		return err
	}
	owner, err := s.depot.owner()
	if err == nil && owner != id {
		err = fmt.Errorf("%s is not where this store's checkpoints are, which all its machines share: "+
			"make it known here, or say where it is: …?%s=PLACE", s.depot, filesField)
	}
	return err
}

// decideFiles notes where the checkpoints of a new store are.
func (s *Store) decideFiles(named string) error {
	var there bool
	if err := s.db.QueryRow("SELECT EXISTS (SELECT 1 FROM store)").Scan(&there); err != nil || there {
		return err
	}
	var place depot
	if named != "" {
		var err error
		if place, err = openDepot(named); err == nil {
			_, err = place.owner() // it is reached, before anybody has to wait
		}
		if err != nil {
			return err
		}
	}
	return s.transact(func(tx *sql.Tx) error {
		var id string
		err := tx.QueryRow("INSERT INTO store (id, files) SELECT CAST(gen_random_uuid() AS TEXT), $1 WHERE NOT EXISTS (SELECT 1 FROM store) RETURNING id", named).Scan(&id)
		switch {
		case errors.Is(err, sql.ErrNoRows): // another process was faster
			return nil
		case err == nil && place != nil:
			return settled(occupy(place, id))
		}
		return err
	})
}

// occupy makes a depot that of a new store.
func occupy(place depot, id string) error {
	owner, err := place.owner()
	switch {
	case err != nil:
		return err
	case owner != "":
		return fmt.Errorf("%s belongs to another store", place)
	}
	return place.own(id)
}
