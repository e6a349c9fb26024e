package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"strings"
	"sync"
	"time"

	"breakeven/internal/objects"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/pressly/goose/v3"
)

// serverPatience is how long a writer tries again when the server cannot be reached: a restart is
// shorter. It is longer than idleLimit, after which a transaction that was cut off is over.
const (
	serverPatience = 3 * time.Minute
	idleLimit      = "60s"
)

// historyTable has the history of the format. Another program's may be in the same schema.
const historyTable = "breakeven_format"

// remote is the engine of a store on a server.
//
// A transaction that is alone takes an advisory lock of the schema. One that is not begins with the row
// of a lease, which is locked until its end; so do those that take a run.
type remote struct {
	db       *sql.DB
	patience time.Duration
	writer   int64 // of this process

	marking sync.Mutex
	mark    int64 // of the last transaction
}

func (e *remote) write(alone bool, f func(*sql.Tx) error) error {
	return e.insist(func() error { return e.attempt(alone, f) })
}

func (e *remote) read(f func() error) error { return e.insist(f) }

// insist calls f again and again as long as the server cannot be reached, or asks for it.
func (e *remote) insist(f func() error) error {
	begun := time.Now()
	for wait := 20 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		err := f()
		if !passing(err) || time.Since(begun) > e.patience {
			return err
		}
		time.Sleep(wait/2 + time.Duration(time.Now().UnixNano())%wait) // many wait for the same server, and not in step
	}
}

// attempt runs f in a transaction once. The server ends it if nothing comes from here for long, so that
// nobody waits for a process that is cut off.
func (e *remote) attempt(alone bool, f func(*sql.Tx) error) error {
	tx, err := e.db.Begin()
	if err != nil {
		return err
	}
	begin := "SELECT set_config('idle_in_transaction_session_timeout', $1, true), (SELECT max(version_id) FROM " + historyTable + " WHERE is_applied)"
	if alone {
		begin += " FROM pg_advisory_xact_lock(hashtext('breakeven'), hashtext(current_schema()))"
	}
	var limit string
	var version int
	if err = tx.QueryRow(begin, idleLimit).Scan(&limit, &version); err == nil {
		err = tooNew(version)
	}
	if err == nil {
		err = f(tx)
	}
	if err == nil {
		err = e.marked(tx)
	} else {
		_ = tx.Rollback() // the connection may be gone, and the transaction with it
	}
	return err
}

// marked commits a transaction with a mark of its own, from which it can be seen whether it was
// committed if the connection is cut off before that is known.
func (e *remote) marked(tx *sql.Tx) error {
	e.marking.Lock()
	defer e.marking.Unlock()
	e.mark++
	if _, err := tx.Exec("INSERT INTO marks (writer, mark) VALUES ($1, $2) ON CONFLICT (writer) DO UPDATE SET mark = excluded.mark",
		e.writer, e.mark); err != nil {
		_ = tx.Rollback() // as above
		return err
	}
	cause := tx.Commit()
	if !passing(cause) {
		return cause
	}
	var found int64
	err := e.insist(func() error { // it waits while the transaction is not over
		return e.db.QueryRow("SELECT mark FROM marks WHERE writer = $1 FOR UPDATE", e.writer).Scan(&found)
	})
	switch {
	case err != nil:
		return fmt.Errorf("%w: whether the last change was made is not known (%w)", ErrUnreachable, err)
	case found != e.mark:
		return cause
	}
	return nil
}

// passing reports whether an error is one of the connection, or the server's wish that the work be done
// again.
func passing(err error) bool {
	if err == nil || errors.Is(err, ErrUnreachable) || errors.Is(err, ErrRefused) {
		return false
	}
	if errors.Is(err, objects.ErrAway) {
		return true
	}
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		switch refused.Code {
		case "40001", "40P01", // serialization, deadlock
			"53300",                            // too many connections
			"57P01", "57P02", "57P03", "57P05", // it ends, it begins, it was idle
			"25P03": // idle in a transaction
			return true
		}
		return strings.HasPrefix(refused.Code, "08")
	}
	var file *fs.PathError
	if errors.As(err, &file) { // in a folder of checkpoints; it would count as one of the network
		return false
	}
	var connect *pgconn.ConnectError
	var network net.Error
	return errors.As(err, &connect) || errors.As(err, &network) || pgconn.SafeToRetry(err) || errors.Is(err, driver.ErrBadConn) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed)
}

// settled returns an error for which nobody tries again.
func settled(err error) error {
	if passing(err) {
		return fmt.Errorf("%w (%w)", ErrUnreachable, err)
	}
	return err
}

func (e *remote) snapshot() *sql.TxOptions {
	return &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead}
}

func (e *remote) forUpdate() string { return " FOR UPDATE" }

func (e *remote) grown(table string) {
	_, _ = e.db.Exec("ANALYZE " + table) // if that cannot be, it is slower for a minute
}

func (e *remote) version(db querier) (version int, err error) {
	var begun bool
	if err := db.QueryRow("SELECT to_regclass($1) IS NOT NULL", historyTable).Scan(&begun); err != nil || !begun {
		return 0, err
	}
	return newest(db, historyTable)
}

// migrate brings the database to Format.
func (e *remote) migrate() error {
	files, err := fs.Sub(migrations, "migrations/postgres")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, e.db, files, goose.WithTableName(historyTable),
		goose.WithLogger(goose.NopLogger()), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	_, err = provider.Up(context.Background())
	return err
}

func (e *remote) roster(db querier) (roster, error) {
	rows, err := db.Query("SELECT CAST(id AS TEXT), host, pid FROM writers WHERE " + lives)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := map[string]process{}
	for rows.Next() {
		var name string
		p := process{lives: true}
		if err := rows.Scan(&name, &p.host, &p.pid); err != nil {
			return nil, err
		}
		list[name] = p
	}
	return func(name string) process { return list[name] }, rows.Err()
}
