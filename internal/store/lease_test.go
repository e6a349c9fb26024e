package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"breakeven/run"
)

// A closed store leaves no file of its process, and the next one to open removes those of dead ones.
func TestWriters(t *testing.T) {
	dir := t.TempDir()
	list := func() int {
		files, err := os.ReadDir(filepath.Join(dir, writersFolder))
		if err != nil {
			t.Fatal(err)
		}
		return len(files)
	}
	a := open(t, dir)
	b, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if n := list(); n != 2 {
		t.Errorf("%d files of 2 writers", n)
	}
	if err := a.Close(); err != nil || list() != 1 {
		t.Errorf("%d files of one writer, error %v", list(), err)
	}
	Kill(b)
	if list() != 1 {
		t.Errorf("%d files of a dead writer", list())
	}
	for _, name := range []string{"notes.txt", "12"} { // not ours
		if err := os.WriteFile(filepath.Join(dir, writersFolder, name), nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	c := open(t, dir)
	if _, err := os.Stat(filepath.Join(dir, writersFolder, b.writer.name())); !os.IsNotExist(err) || list() != 3 {
		t.Errorf("%d files, that of the dead writer: %v", list(), err)
	}
	if p := folderRoster(dir)(c.writer.name()); !p.lives || p.pid != os.Getpid() {
		t.Errorf("the writer itself: %+v", p)
	}
	for _, name := range []string{"", "../lock", b.writer.name()} {
		if p := folderRoster(dir)(name); p.lives {
			t.Errorf("%q: %+v", name, p)
		}
	}
}

// Opening a store leaves the unfinished files of a run alone while a process works on it.
func TestTidyLeavesRunsUnderWay(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	id := create(t, s, run.Default()).ID
	if err := save(s, id, record(0), checkpoint(0)); err != nil {
		t.Fatal(err)
	}
	const unfinished = ".checkpoint-10.safetensors.77.unfinished"
	add(t, dir, id, unfinished, "checkpoint-10-0123456789abcdef.safetensors") // as it stands before its commit
	other := open(t, dir)
	if got := holds(t, dir, id); len(got) != 3 || len(other.Notes()) > 0 {
		t.Errorf("the folder holds %v, notes %q", got, other.Notes())
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	last := open(t, dir)
	if got := holds(t, dir, id); len(got) != 2 || len(last.Notes()) != 1 {
		t.Errorf("after it has ended the folder holds %v, notes %q", got, last.Notes())
	}
}

// A program of format 4, which knows no leases, holds the lock of the store as long as it runs.
func TestOlderProgram(t *testing.T) {
	dir, id := filled(t)
	release, err := acquire(filepath.Join(dir, lockName), 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := acquire(filepath.Join(dir, lockName), 0); !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), fmt.Sprint(os.Getpid())) {
		t.Errorf("error %v, want ErrLocked with the process", err)
	}
	for _, table := range []string{"leases", "trials", "sweeps"} {
		execute(t, dir, "DROP TABLE "+table)
	}
	execute(t, dir, "DELETE FROM goose_db_version WHERE version_id > 4")
	for _, working := range []bool{true, false} {
		r, err := OpenReader(dir)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := r.Find(id); err != nil || got.Working != working {
			t.Errorf("run %+v, error %v, want working %v", got, err, working)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		if working {
			if err := release(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if l, err := open(t, dir).Take(id); err != nil || l.Attempt != 1 {
		t.Errorf("lease %+v, error %v", l, err)
	}
}
