package store

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"breakeven/internal/fault"
	"breakeven/run"
)

// execute runs SQL on the database of a closed store.
func execute(t *testing.T, dir, statement string, args ...any) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, database))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement, args...); err != nil {
		t.Fatal(err)
	}
}

// filled returns the folder of a closed store with one run of three records.
func filled(t *testing.T) (dir, id string) {
	t.Helper()
	dir = t.TempDir()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	id = create(t, s, run.Default()).ID
	for _, step := range []int{0, 10, 20} {
		if err := save(s, id, record(step), checkpoint(step)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return dir, id
}

func TestUnknownRun(t *testing.T) {
	s := open(t, t.TempDir())
	const unknown = "0123456789ab"
	for name, err := range map[string]error{
		"Save": s.Save(Lease{unknown, 1}, record(0), checkpoint(0)),
		"End":  s.End(Lease{unknown, 1}, run.Stopped, ""),
		"Take": second(s.Take(unknown)),
	} {
		if !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: error %v, want ErrNotFound", name, err)
		}
	}
	if _, _, err := s.Checkpoint(unknown); !errors.Is(err, ErrNoCheckpoint) {
		t.Errorf("Checkpoint: error %v", err)
	}
	if files, _ := os.ReadDir(filepath.Join(s.Dir(), "runs")); len(files) > 0 {
		t.Errorf("a run that does not exist has a folder: %v", files)
	}
}

func second(_ Lease, err error) error { return err }

func TestNoStore(t *testing.T) {
	dir := t.TempDir()
	if _, err := OpenReader(dir); !errors.Is(err, ErrNoStore) {
		t.Errorf("empty folder: error %v", err)
	}
	if _, err := OpenReader(filepath.Join(dir, "missing")); !errors.Is(err, ErrNoStore) {
		t.Errorf("missing folder: error %v", err)
	}
	if files, _ := os.ReadDir(dir); len(files) > 0 {
		t.Errorf("a reader has made %v", files)
	}
	if err := os.WriteFile(filepath.Join(dir, database), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenReader(dir); !errors.Is(err, ErrNoStore) {
		t.Errorf("empty database: error %v", err)
	}
}

func TestNewerFormat(t *testing.T) {
	dir, _ := filled(t)
	execute(t, dir, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (?, 1)", Format+1)
	for name, open := range map[string]func(string) (*Store, error){"Open": Open, "OpenReader": OpenReader} {
		_, err := open(dir)
		if want := fmt.Sprintf("it has format %d, this program knows %d", Format+1, Format); !errors.Is(err, ErrNewer) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want ErrNewer with %q", name, err, want)
		}
	}
	// The refused writer has released the lock.
	execute(t, dir, "DELETE FROM goose_db_version WHERE version_id > ?", Format)
	open(t, dir)
}

func TestUnwritableFolder(t *testing.T) {
	dir, id := filled(t)
	parent := t.TempDir()
	for _, d := range []string{dir, filepath.Join(dir, "runs"), parent} {
		if err := os.Chmod(d, 0o555); err != nil {
			t.Fatal(err)
		}
		defer os.Chmod(d, 0o777)
	}
	if err := os.WriteFile(filepath.Join(parent, "probe"), nil, 0o666); err == nil {
		t.Skip("this user may write everywhere")
	}
	if _, err := Open(filepath.Join(parent, "new")); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("Open of a new folder: error %v", err)
	}
	s, err := OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got, err := s.Records(id); err != nil || len(got) != 3 {
		t.Errorf("%d records, error %v", len(got), err)
	}
}

func TestFileInPlaceOfFolder(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for kind, open := range map[string]func(string) (*Store, error){"Open": Open, "OpenReader": OpenReader} {
		if _, err := open(name); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: error %v", kind, err)
		}
	}
}

// SQLite's own error for a full disk, caused by a limit on the pages of the database.
func TestFullDatabase(t *testing.T) {
	dir, id := filled(t)
	s := open(t, dir)
	if _, err := s.db.Exec("PRAGMA max_page_count = 20"); err != nil {
		t.Fatal(err)
	}
	var err error
	step := 30
	for ; err == nil && step < 10000; step++ {
		err = save(s, id, record(step), nil)
	}
	if !errors.Is(err, ErrFull) || !strings.Contains(err.Error(), "free at least") || strings.Contains(err.Error(), "\n") {
		t.Fatalf("error %v, want ErrFull", err)
	}
	records, err := s.Records(id)
	if err != nil || len(records) != 3+step-1-30 {
		t.Errorf("%d records, error %v, want %d", len(records), err, 3+step-1-30)
	}
}

// A reader does not call a checkpoint damaged because the writer has just deleted its
// file.
func TestReadWhileCheckpointsAreReplaced(t *testing.T) {
	dir, id := filled(t)
	s := open(t, dir)
	r, err := OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	done := make(chan error, 1)
	go func() {
		for i := range 40 {
			c := checkpoint(20)
			c.Meta["stage"] = fmt.Sprint(i)
			if err := save(s, id, nil, c); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	for reads := 0; ; reads++ {
		select {
		case err := <-done:
			if err != nil || reads == 0 {
				t.Errorf("%d reads, error %v", reads, err)
			}
			return
		default:
		}
		if c, passed, err := r.Checkpoint(id); err != nil || passed != nil || c.Step != 20 {
			t.Errorf("checkpoint of step %d, passed over: %v, error %v", c.Step, passed, err)
			<-done
			return
		}
	}
}

// The room to be freed is computed from what is to be written.
func TestRoomAskedFor(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	id := create(t, s, run.Default()).ID
	defer func() { fault.Hook = nil }()
	fault.Hook = func(place string) error {
		if strings.HasPrefix(place, "rename ") {
			return &fs.PathError{Op: "write", Path: "f", Err: syscall.ENOSPC}
		}
		return nil
	}
	save := func(megabytes int) int64 {
		t.Helper()
		c := checkpoint(0)
		c.Weights = []run.Tensor{{Name: "large", Shape: []int{megabytes * 250_000}, Data: make([]float32, megabytes*250_000)}}
		err := save(s, id, nil, c)
		if !errors.Is(err, ErrFull) || strings.Contains(err.Error(), "\n") {
			t.Fatalf("error %v, want ErrFull on one line", err)
		}
		return askedFor(t, err)
	}
	room := databaseRoom(dir)
	if room < 4e6 || room > 9e6 {
		t.Errorf("the database asks for %d bytes", room)
	}
	for _, megabytes := range []int{1, 20} {
		least := room + int64((kept+1)*megabytes*1e6)
		if got := save(megabytes); got < least || got > least+2e6 {
			t.Errorf("a checkpoint of %d MB: %d bytes are asked for, want %d", megabytes, got, least)
		}
	}
	// Room that is free already need not be freed.
	if err := os.MkdirAll(s.depot.place(id), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.depot.place(id), "checkpoint-0.safetensors"), make([]byte, 20e6), 0o666); err != nil {
		t.Fatal(err)
	}
	least := room + 2*20e6
	if got := save(20); got < least || got > least+2e6 {
		t.Errorf("beside another: %d bytes are asked for, want %d", got, least)
	}
}

// askedFor returns the room that an error asks for, in bytes.
func askedFor(t *testing.T, err error) int64 {
	t.Helper()
	m := regexp.MustCompile(`disk full: free at least ([0-9]+) MB there, then resume \(`).FindStringSubmatch(err.Error())
	if m == nil {
		t.Fatalf("no room is asked for: %v", err)
	}
	megabytes, err := strconv.Atoi(m[1])
	if err != nil {
		t.Fatal(err)
	}
	return int64(megabytes) * 1e6
}
