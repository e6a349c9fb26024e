package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"breakeven/internal/fault"
	"breakeven/run"
)

// couple returns the folder of a closed store that holds two runs with checkpoints.
func couple(t *testing.T) (dir, a, b string) {
	t.Helper()
	dir, a = filled(t)
	s := open(t, dir)
	b = create(t, s, run.Default()).ID
	if err := errors.Join(save(s, b, record(0), checkpoint(0)), s.SetName(a, "gone"), s.Tag(a, "x")); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return dir, a, b
}

// alone fails unless a run is deleted with everything of it, and the other run is
// whole.
func alone(t *testing.T, s *Store, gone, whole string) {
	t.Helper()
	for _, name := range []string{gone, "gone"} {
		if r, err := s.Find(name); !errors.Is(err, ErrNotFound) && r.ID != whole {
			t.Errorf("%s is %+v, error %v", name, r, err)
		}
	}
	if _, err := os.Stat(s.depot.place(gone)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("its folder: %v", err)
	}
	for _, table := range []string{"records", "checkpoints", "tags", "deleted"} {
		var n int
		if err := s.db.QueryRow(fmt.Sprintf("SELECT count(*) FROM %s WHERE run = ?", table), gone).Scan(&n); err != nil || n > 0 {
			t.Errorf("%d rows of %s are left, error %v", n, table, err)
		}
	}
	if r, err := s.Find(whole); err != nil || r.Records != 1 {
		t.Errorf("the other run: %+v, error %v", r, err)
	}
	if _, passed, err := s.Checkpoint(whole); passed != nil || err != nil {
		t.Errorf("the other checkpoint: %v, %v", passed, err)
	}
	if len(s.Notes()) > 0 {
		t.Errorf("notes %q", s.Notes())
	}
}

func TestDelete(t *testing.T) {
	dir, a, b := couple(t)
	s := open(t, dir)
	if err := s.Delete(a); err != nil {
		t.Fatal(err)
	}
	alone(t, s, a, b)
	for _, id := range []string{a, "r000000000000", "../.."} {
		if err := s.Delete(id); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: error %v", id, err)
		}
	}
	if again := create(t, s, run.Default()).ID; again == b {
		t.Error("a new run took the ID of another")
	}
}

// If a process is killed while it deletes, the run is still whole, or the rest of it is
// deleted when the store is opened again.
func TestDeleteKilled(t *testing.T) {
	defer func() { fault.Hook = nil }()
	for at := 0; ; at++ {
		fault.Hook = nil
		dir, a, b := couple(t)
		s := open(t, dir)
		count, place := 0, ""
		fault.Hook = func(name string) error {
			if count++; count > at {
				place, _, _ = strings.Cut(name, " ")
				return errors.New("killed")
			}
			return nil
		}
		err := s.Delete(a)
		fault.Hook = nil
		if (err == nil) != (place == "") {
			t.Fatalf("killed at %q, error %v", place, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = open(t, dir)
		if place == "commit" {
			if _, _, err := s.Checkpoint(a); err != nil {
				t.Errorf("killed before it was committed: %v", err)
			}
		} else {
			alone(t, s, a, b)
		}
		if place == "" {
			if at < 4 {
				t.Errorf("only %d places were tried", at)
			}
			return
		}
	}
}

// Files that the program has not written are kept, and so is their folder; a damaged
// run can be deleted.
func TestDeleteWithOthersFiles(t *testing.T) {
	dir, a, _ := couple(t)
	add(t, dir, a, "notes.txt")
	execute(t, dir, "UPDATE runs SET spec = 'nonsense' WHERE id = ?", a)
	s := open(t, dir)
	r, err := s.FindAny("gone")
	if err != nil || r.Damage == nil {
		r, err = s.FindAny(a) // a damaged run has no name
	}
	if err != nil || r.Damage == nil {
		t.Fatalf("run %+v, error %v", r, err)
	}
	if err := s.Delete(r.ID); err != nil {
		t.Fatal(err)
	}
	if got := holds(t, dir, a); len(got) != 1 || got[0] != "notes.txt" {
		t.Errorf("left: %q", got)
	}
	if err := os.WriteFile(filepath.Join(s.depot.place(a), "checkpoint-5.safetensors"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, dir)
	if got := holds(t, dir, a); len(got) != 2 {
		t.Errorf("a file that came later is gone: %q is left", got)
	}
}
