package store

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"breakeven/internal/atomicfile"

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

// markFile is a file in the folder of the checkpoints that says of which store they are, so that a
// folder that is not shared is not taken for the one that is.
const markFile = "store"

// findFiles notes where the checkpoints are: in the folder that the store names, or in another one if
// it is reached in another way here, or in the database.
func (s *Store) findFiles(folder string) error {
	var recorded string
	err := s.db.QueryRow("SELECT files FROM store").Scan(&recorded)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNoStore
	}
	switch {
	case err != nil:
		return err
	case recorded == "" && folder != "":
		return fmt.Errorf("the checkpoints of this store are in its database: leave out %s=%s", filesField, folder)
	case recorded == "":
		s.files = chunks{s.db}
		return nil
	case folder == "":
		folder = recorded
	}
	s.root = filesFolder(folder)
	s.files = s.root
	return nil
}

// ownFiles is findFiles for a writer. The first one of a store decides.
func (s *Store) ownFiles(folder string) error {
	var id string
	if err := s.transact(func(tx *sql.Tx) error {
		err := tx.QueryRow("SELECT id FROM store").Scan(&id)
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		err = tx.QueryRow("INSERT INTO store (id, files) VALUES (CAST(gen_random_uuid() AS TEXT), $1) RETURNING id", folder).Scan(&id)
		if err == nil && folder != "" {
			err = mark(folder, id)
		}
		return err
	}); err != nil {
		return err
	}
	if err := s.findFiles(folder); err != nil || s.root == "" {
		return err
	}
	found, err := os.ReadFile(filepath.Join(string(s.root), markFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if strings.TrimSpace(string(found)) != id {
		return fmt.Errorf("%s is not the folder of this store's checkpoints, which all its machines share: "+
			"make it known here, or say where it is: …?%s=FOLDER", s.root, filesField)
	}
	return nil
}

// mark makes a folder that of a new store.
func mark(folder, id string) error {
	name := filepath.Join(folder, markFile)
	if exists(name) || exists(filepath.Join(folder, database)) {
		return fmt.Errorf("%s belongs to another store", folder)
	}
	if err := atomicfile.MakeFolder(filepath.Join(folder, runsFolder)); err != nil {
		return err
	}
	return atomicfile.Write(name, func(w io.Writer) error {
		_, err := fmt.Fprintln(w, id)
		return err
	})
}
