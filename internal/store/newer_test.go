package store_test

import (
	"database/sql"
	"errors"
	"path/filepath"
	"testing"

	"breakeven/internal/store"
	"breakeven/internal/store/servertest"
	"breakeven/internal/store/storetest"
	"breakeven/run"
)

// A program at work writes nothing to a store that a newer one has brought to its format, and leaves its
// runs to that.
func newerFormat(t *testing.T, at storetest.Place, upgrade, back func()) {
	s := at.Open(t)
	l, err := s.Begin(run.Default(), store.Origin{})
	if err == nil {
		err = s.Save(l, &run.Record{Step: 1}, &run.Checkpoint{Step: 1})
	}
	if err != nil {
		t.Fatal(err)
	}
	upgrade()
	for name, err := range map[string]error{
		"Save": s.Save(l, &run.Record{Step: 2}, &run.Checkpoint{Step: 2}),
		"End":  s.End(l, run.Finished, ""),
		"Take": func() error { _, err := s.Take(l.Run); return err }(),
	} {
		if !errors.Is(err, store.ErrNewer) {
			t.Errorf("%s: error %v, want ErrNewer", name, err)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	back() // the newer program, that is
	next := at.Open(t)
	if c, passed, err := next.Checkpoint(l.Run); c.Step != 1 || passed != nil || err != nil {
		t.Errorf("checkpoint of step %d, passed over: %v, error %v", c.Step, passed, err)
	}
	if again, err := next.Take(l.Run); err != nil || again.Attempt != 2 {
		t.Errorf("lease %+v, error %v", again, err)
	}
}

func TestNewerFormatAtWork(t *testing.T) {
	dir := t.TempDir()
	execute := func(statement string) func() {
		return func() {
			db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "breakeven.db"))
			if err == nil {
				_, err = db.Exec(statement)
			}
			if err = errors.Join(err, db.Close()); err != nil {
				t.Fatal(err)
			}
		}
	}
	newerFormat(t, folder(dir), execute("INSERT INTO goose_db_version (version_id, is_applied) VALUES (1000, 1)"),
		execute("DELETE FROM goose_db_version WHERE version_id = 1000"))
}

func newerFormatOfServer(t *testing.T, server *servertest.Server) {
	at := newAddress(server, "")
	newerFormat(t, at, func() { at.exec("INSERT INTO breakeven_format (version_id, is_applied) VALUES (1000, true)") },
		func() { at.exec("DELETE FROM breakeven_format WHERE version_id = 1000") })
}
