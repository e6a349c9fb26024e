package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"breakeven/internal/fault"
	"breakeven/internal/store"
	"breakeven/internal/store/servertest"
	"breakeven/internal/store/storetest"
	"breakeven/internal/testenv"
	"breakeven/run"
)

// An address is a place of stores on a server.
type address struct {
	server *servertest.Server
	schema string
	folder string // of the checkpoints; "": none
	text   string
}

func (a address) Open(t *testing.T) storetest.Store {
	t.Helper()
	s, err := store.Open(a.text)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func (a address) Kill(s storetest.Store) { store.Silence(s.(*store.Store)) }

// schemas counts the schemas of this process.
var schemas int

// newAddress returns an empty place on a server, whose checkpoints are in the database, or in a folder.
func newAddress(t *testing.T, server *servertest.Server, inFolder bool) address {
	schemas++
	fields := url.Values{"search_path": {fmt.Sprintf("place %d", schemas)}}
	a := address{server: server, schema: fields.Get("search_path")}
	if inFolder {
		a.folder = t.TempDir()
		fields.Set("checkpoints", a.folder)
	}
	a.text = server.Address(fields)
	return a
}

// exec runs a statement in the schema of a place.
func (a address) exec(statement string) {
	a.server.Exec(fmt.Sprintf("SET search_path TO %q; %s", a.schema, statement))
}

// count returns the number of rows of a table.
func (a address) count(t *testing.T, table string) (n int) {
	t.Helper()
	db, err := sql.Open("pgx", a.server.Address(nil))
	if err == nil {
		db.SetMaxOpenConns(1)
		_, err = db.Exec(fmt.Sprintf("SET search_path TO %q", a.schema))
	}
	if err == nil {
		err = errors.Join(db.QueryRow("SELECT count(*) FROM "+table).Scan(&n), db.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Stores on a server hold the contract, and more that only a server can try.
func TestServer(t *testing.T) {
	server := servertest.Start(t)
	t.Run("Contract", func(t *testing.T) {
		storetest.Test(t, func(t *testing.T) storetest.Place { return newAddress(t, server, false) })
	})
	if testenv.Long() {
		t.Run("Folder", func(t *testing.T) {
			storetest.Test(t, func(t *testing.T) storetest.Place { return newAddress(t, server, true) })
		})
	}
	for name, test := range map[string]func(*testing.T, *servertest.Server){
		"FirstOnes": firstOnes, "Large": large, "SharedFolder": sharedFolder, "Refused": refused, "Beat": beat,
		"CutAtCommit": cutAtCommit, "LateSave": lateSave, "Restart": restart,
	} {
		t.Run(name, func(t *testing.T) { test(t, server) })
	}
}

// Of several processes that open a place at once, where nothing is yet, each finds a whole store.
func firstOnes(t *testing.T, server *servertest.Server) {
	at := newAddress(t, server, false)
	if _, err := store.OpenReader(at.text); !errors.Is(err, store.ErrNoStore) {
		t.Errorf("a reader: error %v, want ErrNoStore", err)
	}
	var group sync.WaitGroup
	var errs [4]error
	for i := range errs {
		group.Go(func() {
			s, err := store.Open(at.text)
			if err == nil {
				_, err = s.Begin(run.Default(), store.Origin{ISA: "generic"})
				err = errors.Join(err, s.Close())
			}
			errs[i] = err
		})
	}
	group.Wait()
	r, err := store.OpenReader(at.text)
	if err = errors.Join(err, errors.Join(errs[:]...)); err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if runs, err := r.Runs(); err != nil || len(runs) != len(errs) || runs[0].ID != run.Default().ID()+"-4" {
		t.Errorf("runs %+v, error %v", runs, err)
	}
}

// weights returns a checkpoint of some megabytes.
func weights(step int) *run.Checkpoint {
	data := make([]float32, 700_000)
	for i := range data {
		data[i] = float32(i + step)
	}
	return &run.Checkpoint{Step: step, Weights: []run.Tensor{{Name: "w", Shape: []int{len(data)}, Data: data}}, Meta: map[string]string{}}
}

// A checkpoint of several chunks is read as it was saved. If it is damaged the one before it is read,
// and those before that are gone.
func large(t *testing.T, server *servertest.Server) {
	at := newAddress(t, server, false)
	s := at.Open(t)
	l, err := s.Begin(run.Default(), store.Origin{})
	for step := range 4 {
		err = errors.Join(err, s.Save(l, nil, weights(step)))
	}
	if err != nil {
		t.Fatal(err)
	}
	if c, passed, err := s.Checkpoint(l.Run); !reflect.DeepEqual(&c, weights(3)) || passed != nil || err != nil {
		t.Errorf("checkpoint of step %d, passed over: %v, error %v", c.Step, passed, err)
	}
	if n := at.count(t, "chunks"); n != 6 {
		t.Errorf("%d chunks are left, want those of two files", n)
	}
	at.exec(`UPDATE chunks SET body = '' WHERE part = 1 AND sha256 = (SELECT sha256 FROM checkpoints ORDER BY step DESC LIMIT 1)`)
	if c, passed, err := s.Checkpoint(l.Run); c.Step != 2 || passed == nil || err != nil {
		t.Errorf("checkpoint of step %d, passed over: %v, error %v, want step 2", c.Step, passed, err)
	}
	if err := errors.Join(s.End(l, run.Stopped, ""), s.Delete(l.Run)); err != nil || at.count(t, "chunks") > 0 {
		t.Errorf("deleted: %d chunks, error %v", at.count(t, "chunks"), err)
	}
}

// Checkpoints in a folder: it must be that of the store, wherever a machine has it.
func sharedFolder(t *testing.T, server *servertest.Server) {
	at := newAddress(t, server, true)
	s := at.Open(t)
	l, err := s.Begin(run.Default(), store.Origin{})
	for step := range 4 {
		err = errors.Join(err, s.Save(l, nil, &run.Checkpoint{Step: step}))
	}
	if err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(at.folder, "runs", l.Run, "*"))
	if len(files) != 2 || at.count(t, "chunks") > 0 {
		t.Errorf("files %q, want two", files)
	}
	moved := filepath.Join(t.TempDir(), "elsewhere")
	if err := os.Symlink(at.folder, moved); err != nil {
		t.Fatal(err)
	}
	for folder, ok := range map[string]bool{"": true, moved: true, t.TempDir(): false} {
		other, err := store.Open(server.Address(url.Values{"search_path": {at.schema}, "checkpoints": {folder}}))
		if folder == "" {
			other, err = store.Open(server.Address(url.Values{"search_path": {at.schema}}))
		}
		if (err == nil) != ok {
			t.Errorf("%s: error %v", folder, err)
		}
		if err != nil {
			continue
		}
		if c, passed, err := other.Checkpoint(l.Run); c.Step != 3 || passed != nil || err != nil {
			t.Errorf("%s: checkpoint of step %d, passed over: %v, error %v", folder, c.Step, passed, err)
		}
		_ = other.Close()
	}
	if err := errors.Join(s.End(l, run.Stopped, ""), s.Delete(l.Run)); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Dir(files[0])); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder of a deleted run: %v", err)
	}
}

// What cannot be opened says why, and never a password.
func refused(t *testing.T, server *servertest.Server) {
	at := newAddress(t, server, false)
	if err := at.Open(t).Close(); err != nil {
		t.Fatal(err)
	}
	with := func(name, value string) string {
		return server.Address(url.Values{"search_path": {at.schema}, name: {value}})
	}
	for text, want := range map[string]string{
		"postgres://me:secret@h/d":                         "PGPASSWORD",
		"postgres://h/d?password=secret":                   "PGPASSWORD",
		"postgres://me:secret@h:x/d":                       "its address is none",
		"postgres://h/d?checkpoints=here":                  "whole path",
		with("checkpoints", t.TempDir()):                   "leave out checkpoints=",
		with("host", t.TempDir()):                          "the server cannot be reached",
		with("dbname", "nothing"):                          "createdb",
		with("user", "stranger"):                           "name a user",
		server.Address(url.Values{"search_path": {"a,b"}}): "name one schema",
	} {
		_, err := store.Open(text)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: error %v, want %q", text, err, want)
		}
	}
	at.exec("INSERT INTO breakeven_format (version_id, is_applied) VALUES (1000, true)")
	for _, open := range []func(string) (*store.Store, error){store.Open, store.OpenReader} {
		if _, err := open(at.text); !errors.Is(err, store.ErrNewer) {
			t.Errorf("a newer format: error %v", err)
		}
	}
}

// A writer that nobody has seen for long comes back, and has what nobody else took.
func beat(t *testing.T, server *servertest.Server) {
	at := newAddress(t, server, false)
	s := at.Open(t).(*store.Store)
	l, err := s.Begin(run.Default(), store.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	at.exec("DELETE FROM writers")
	if r, err := s.Find(l.Run); err != nil || r.Working {
		t.Errorf("run %+v, error %v", r, err)
	}
	store.Beat(s)
	if r, err := s.Find(l.Run); err != nil || !r.Working || r.PID != os.Getpid() || r.Host == "" {
		t.Errorf("run %+v, error %v", r, err)
	}
	if err := s.Save(l, nil, &run.Checkpoint{Step: 1}); err != nil {
		t.Error(err)
	}
}

// A save that comes while another process takes the run waits for it, and is too late.
func lateSave(t *testing.T, server *servertest.Server) {
	at := newAddress(t, server, false)
	s, next := at.Open(t), at.Open(t)
	l, err := s.Begin(run.Default(), store.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	at.Kill(s)
	late := make(chan error, 1)
	var once sync.Once
	defer func() { fault.Hook = nil }()
	fault.Hook = func(place string) error {
		if place == "commit" {
			once.Do(func() { // of the one that takes it
				go func() { late <- s.Save(l, &run.Record{Step: 1}, nil) }()
				for at.count(t, "pg_locks WHERE NOT granted") == 0 && len(late) == 0 {
					time.Sleep(time.Millisecond)
				}
			})
		}
		return nil
	}
	if l, err := next.Take(l.Run); err != nil || l.Attempt != 2 {
		t.Fatalf("lease %+v, error %v", l, err)
	}
	if err := <-late; !errors.Is(err, store.ErrLost) {
		t.Errorf("the late save: error %v, want ErrLost", err)
	}
	if n := at.count(t, "records"); n > 0 {
		t.Errorf("%d records of it", n)
	}
}

// Whether the connection is cut before a commit or after it, what was to be written is written once.
func cutAtCommit(t *testing.T, server *servertest.Server) {
	at := newAddress(t, server, false)
	c := newCutter(t, server.Socket())
	s, err := store.Open(server.Address(url.Values{"search_path": {at.schema}, "host": {c.dir}}))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for i, when := range []int32{before, after} {
		spec := run.Default()
		spec.Seed = uint64(i)
		c.armed.Store(when)
		r, l, err := s.Claim(spec, store.Origin{}, false)
		if err != nil || l.Attempt != 1 || r.ID != spec.ID() {
			t.Fatalf("claimed %+v, lease %+v, error %v", r, l, err)
		}
		c.armed.Store(when)
		if err := s.Save(l, &run.Record{Step: 1}, &run.Checkpoint{Step: 1}); err != nil {
			t.Fatal(err)
		}
		c.armed.Store(when)
		if err := s.End(l, run.Finished, ""); err != nil {
			t.Fatal(err)
		}
	}
	if n := c.cuts.Load(); n != 6 {
		t.Errorf("%d cuts, want 6", n)
	}
	runs, err := s.Runs()
	if err != nil || len(runs) != 2 {
		t.Fatalf("runs %+v, error %v", runs, err)
	}
	for _, r := range runs {
		if r.Records != 1 || r.Checkpoint != 1 || r.Status != run.Finished {
			t.Errorf("run %+v", r)
		}
	}
}

// Processes go on when the server is started anew, even after a crash.
func restart(t *testing.T, server *servertest.Server) {
	at := newAddress(t, server, false)
	stores := []storetest.Store{at.Open(t), at.Open(t)}
	const steps = 60
	var group sync.WaitGroup
	var errs [2]error
	begun := make(chan bool, len(stores))
	for i, s := range stores {
		group.Go(func() {
			spec := run.Default()
			spec.Seed = uint64(i)
			l, err := s.Begin(spec, store.Origin{})
			for step := 0; step < steps && err == nil; step++ {
				if step == steps/3 {
					begun <- true
				}
				err = s.Save(l, &run.Record{Step: step}, &run.Checkpoint{Step: step})
			}
			errs[i] = errors.Join(err, s.End(l, run.Finished, ""))
		})
	}
	for range stores {
		<-begun
	}
	server.Restart(true)
	group.Wait()
	if err := errors.Join(errs[:]...); err != nil {
		t.Fatal(err)
	}
	for _, s := range stores {
		runs, err := s.Runs()
		if err != nil || len(runs) != 2 || runs[0].Records != steps || runs[1].Records != steps || runs[0].Checkpoint != steps-1 {
			t.Errorf("runs %+v, error %v", runs, err)
		}
	}
}
