package store

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestForeignAndDamagedDatabase(t *testing.T) {
	for name, damage := range map[string]func(file string) error{
		"text":     func(f string) error { return os.WriteFile(f, []byte(strings.Repeat("no database ", 1000)), 0o666) },
		"short":    func(f string) error { return os.WriteFile(f, []byte("SQLite format 3\x00"), 0o666) },
		"cut":      func(f string) error { return os.Truncate(f, 5000) },
		"zeros":    func(f string) error { return overwrite(f, 4096, make([]byte, 1<<16)) },
		"header":   func(f string) error { return overwrite(f, 16, []byte{0xff, 0xff, 0xff, 0xff}) },
		"stranger": func(f string) error { return stranger(f) },
	} {
		dir, id := filled(t)
		if err := damage(filepath.Join(dir, database)); err != nil {
			t.Fatal(err)
		}
		for kind, open := range map[string]func(string) (*Store, error){"Open": Open, "OpenReader": OpenReader} {
			s, err := open(dir)
			if err == nil { // some damage is seen only when it is read
				_, err = s.Records(id)
				if err == nil {
					_, err = s.Runs()
				}
				_ = s.Close()
			}
			if !errors.Is(err, ErrDamaged) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s, %s: error %v, want ErrDamaged on one line", name, kind, err)
			}
		}
	}
}

func overwrite(name string, at int64, content []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(content, at)
	return errors.Join(err, f.Close())
}

// stranger puts another program's database in the place of ours.
func stranger(name string) error {
	if err := os.Remove(name); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", "file:"+name)
	if err != nil {
		return err
	}
	_, err = db.Exec("CREATE TABLE runs (a)")
	return errors.Join(err, db.Close())
}

func TestDamagedRows(t *testing.T) {
	dir, id := filled(t)
	execute(t, dir, `UPDATE records SET body = '{"step":"ten"}' WHERE step = 10`)
	s := open(t, dir)
	if _, err := s.Records(id); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "step 10") {
		t.Errorf("record: error %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	execute(t, dir, `UPDATE runs SET spec = 'nonsense'`)
	s = open(t, dir)
	if _, err := s.Runs(); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), id) {
		t.Errorf("run: error %v", err)
	}
}

// A damaged checkpoint is passed over for the one before it, and that is said;
// two are an error.
func TestDamagedCheckpoint(t *testing.T) {
	dir, id := filled(t)
	s := open(t, dir)
	if err := overwrite(onlyFile(t, dir, id, 20), 200, []byte("x")); err != nil {
		t.Fatal(err)
	}
	c, passed, err := s.Checkpoint(id)
	if err != nil || c.Step != 10 || passed == nil || !strings.Contains(passed.Error(), "checkpoint of step 20: ") {
		t.Errorf("checkpoint of step %d, passed over: %v, error %v, want step 10", c.Step, passed, err)
	}
	if err := os.Remove(onlyFile(t, dir, id, 10)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Checkpoint(id); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "step 10") || !strings.Contains(err.Error(), "step 20") {
		t.Errorf("error %v, want ErrDamaged", err)
	}
	// Saved again, as a run that begins anew does, it is whole.
	if err := s.Save(id, record(20), checkpoint(20)); err != nil {
		t.Fatal(err)
	}
	if c, passed, err := s.Checkpoint(id); err != nil || passed != nil || c.Step != 20 {
		t.Errorf("checkpoint of step %d, passed over: %v, error %v, want step 20", c.Step, passed, err)
	}
}

// A damaged checkpoint does not count among those that are kept: it pushes no
// whole one out.
func TestDamagedCheckpointIsNotKept(t *testing.T) {
	dir, id := filled(t)
	s := open(t, dir)
	if err := os.Truncate(onlyFile(t, dir, id, 20), 100); err != nil {
		t.Fatal(err)
	}
	for _, step := range []int{13, 17} { // gone on with from step 10, stopped twice
		if err := s.Save(id, nil, checkpoint(step)); err != nil {
			t.Fatal(err)
		}
		if c, passed, err := s.Checkpoint(id); err != nil || passed != nil || c.Step != step {
			t.Errorf("checkpoint of step %d, passed over: %v, error %v, want step %d", c.Step, passed, err, step)
		}
		if err := os.Remove(onlyFile(t, dir, id, step)); err != nil {
			t.Fatal(err)
		}
		if c, _, err := s.Checkpoint(id); err != nil || c.Step != 10 {
			t.Errorf("without that of step %d: step %d, error %v, want step 10", step, c.Step, err)
		}
	}
}

// onlyFile returns the checkpoint of a step, which must be the only one.
func onlyFile(t *testing.T, dir, id string, step int) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, runsFolder, id, fmt.Sprintf("checkpoint-%d-*.safetensors", step)))
	if err != nil || len(files) != 1 {
		t.Fatalf("files of step %d: %v, error %v", step, files, err)
	}
	return files[0]
}

// A record that differs leaves the checkpoint of its step alone.
func TestDifferentRecordKeepsTheCheckpoint(t *testing.T) {
	dir, id := filled(t)
	s := open(t, dir)
	r, c := record(20), checkpoint(20)
	r.Values[0].Value = 17
	c.Weights[0].Data[0] = 17
	if err := s.Save(id, r, c); !errors.Is(err, ErrDiffers) {
		t.Errorf("error %v, want ErrDiffers", err)
	}
	got, _, err := s.Checkpoint(id)
	if d := cmp.Diff(*checkpoint(20), got); err != nil || d != "" {
		t.Errorf("error %v (-want +got)\n%s", err, d)
	}
}
