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

	"breakeven/internal/objects/objectstest"
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
	files  string // where the checkpoints are; "": in the database
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

// newAddress returns an empty place on a server, whose checkpoints are in the database if files is "", or else
// there.
func newAddress(server *servertest.Server, files string) address {
	schemas++
	fields := url.Values{"search_path": {fmt.Sprintf("place %d", schemas)}}
	a := address{server: server, schema: fields.Get("search_path"), files: files}
	if files != "" {
		fields.Set("checkpoints", files)
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
	testenv.Slow(t)
	server := servertest.Start(t)
	t.Run("Contract", func(t *testing.T) {
		storetest.Test(t, func(t *testing.T) storetest.Place { return newAddress(server, "") })
	})
	if testenv.Long() {
		t.Run("Folder", func(t *testing.T) {
			storetest.Test(t, func(t *testing.T) storetest.Place { return newAddress(server, t.TempDir()) })
		})
		t.Run("Bucket", func(t *testing.T) {
			objects := objectstest.Start(t)
			storetest.Test(t, func(t *testing.T) storetest.Place {
				return newAddress(server, objects.Address("lab", fmt.Sprint(schemas)))
			})
		})
	}
	for name, test := range map[string]func(*testing.T, *servertest.Server){
		"FirstOnes": firstOnes, "Large": large, "SharedFolder": sharedFolder, "InBucket": inBucket, "BucketAway": bucketAway, "BucketRefuses": bucketRefuses, "Refused": refused, "Beat": beat,
		"Copy": copyOverServer, "CutOff": cutOff, "ClockJumps": clockJumps, "FullDisk": fullServer, "NewerFormat": newerFormatOfServer, "LateSave": lateSave, "Restart": restart,
	} {
		t.Run(name, func(t *testing.T) { test(t, server) })
	}
}

// Of several processes that open a place at once, where nothing is yet, each finds a whole store.
func firstOnes(t *testing.T, server *servertest.Server) {
	at := newAddress(server, "")
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
	at := newAddress(server, "")
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
	at := newAddress(server, t.TempDir())
	s := at.Open(t)
	l, err := s.Begin(run.Default(), store.Origin{})
	for step := range 4 {
		err = errors.Join(err, s.Save(l, nil, &run.Checkpoint{Step: step}))
	}
	if err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(at.files, "runs", l.Run, "*"))
	if len(files) != 2 || at.count(t, "chunks") > 0 {
		t.Errorf("files %q, want two", files)
	}
	moved := filepath.Join(t.TempDir(), "elsewhere")
	if err := os.Symlink(at.files, moved); err != nil {
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
	defer store.Impatient()()
	at := newAddress(server, "")
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
		"postgres://h/d?checkpoints=s3://me:secret@lab":    "can be read by everybody",
		"postgres://h/d?checkpoints=s3://lab?point=s3":     `"point" is no field`,
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
