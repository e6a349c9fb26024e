package store

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"breakeven/run"

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
			if err == nil { // some damage shows only on reading
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

// stranger replaces our database by one of another program.
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

// A run that cannot be read, for whatever reason, hides no other.
func TestDamagedRun(t *testing.T) {
	for name, test := range map[string]struct{ statement, want string }{
		"spec":    {`UPDATE runs SET spec = 'nonsense' WHERE id = ?`, "spec line 1"},
		"created": {`UPDATE runs SET created = 'yesterday' WHERE id = ?`, "yesterday"},
		"status":  {`UPDATE runs SET status = 'flying' WHERE id = ?`, `its status is "flying"`},
		"several": {`UPDATE runs SET spec = '', updated = '' WHERE id = ?`, "; "},
	} {
		dir, bad := filled(t)
		s := open(t, dir)
		good := create(t, s, other()).ID
		if err := save(s, good, record(5), checkpoint(5)); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		execute(t, dir, `PRAGMA ignore_check_constraints = 1; `+test.statement, bad)
		s = open(t, dir)
		runs, err := s.Runs()
		if err != nil || len(runs) != 2 || runs[0].Damage != nil || runs[0].Records != 1 {
			t.Fatalf("%s: runs %+v, error %v", name, runs, err)
		}
		if r := runs[1]; r.ID != bad || !errors.Is(r.Damage, ErrDamaged) || !strings.Contains(r.Damage.Error(), test.want) || strings.Contains(r.Damage.Error(), "\n") {
			t.Errorf("%s: run %s, damage %v, want one line with %q", name, r.ID, r.Damage, test.want)
		}
		for _, found := range []string{"last", good} {
			if r, err := s.Find(found); err != nil || r.ID != good {
				t.Errorf("%s: Find(%q) = %s, error %v", name, found, r.ID, err)
			}
		}
		if _, err := s.Find(bad); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: Find of the damaged run: error %v", name, err)
		}
		if same, err := s.WithSpec(run.Default()); err != nil || len(same) != 0 {
			t.Errorf("%s: WithSpec: %+v, error %v", name, same, err)
		}
		if again := create(t, s, run.Default()); again.ID != bad+"-2" {
			t.Errorf("%s: run again as %s", name, again.ID)
		}
	}
}

// "last" is the newest run, even if it is damaged.
func TestDamagedLast(t *testing.T) {
	dir, id := filled(t)
	execute(t, dir, `UPDATE runs SET spec = ''`)
	s := open(t, dir)
	if r, err := s.Find("last"); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), id) {
		t.Errorf("found %s, error %v", r.ID, err)
	}
}

// A record that cannot be read affects only its own run, whether its text or a page of
// the database is damaged.
func TestDamagedRecords(t *testing.T) {
	for name, damage := range map[string]func(t *testing.T, dir, id string){
		"text": func(t *testing.T, dir, id string) {
			execute(t, dir, `UPDATE records SET body = '{"step":"ten"}' WHERE step = 10 AND run = ?`, id)
		},
		"step": func(t *testing.T, dir, id string) {
			execute(t, dir, `UPDATE records SET body = (SELECT body FROM records WHERE step = 20) WHERE step = 10 AND run = ?`, id)
		},
		"page": func(t *testing.T, dir, id string) {
			file := filepath.Join(dir, database)
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			at := bytes.Index(content, []byte(`"step":500,`))
			if at < 0 {
				t.Fatal("no record of step 500")
			}
			if err := overwrite(file, int64(at/4096*4096), make([]byte, 4096)); err != nil {
				t.Fatal(err)
			}
		},
	} {
		dir, bad := filled(t)
		s := open(t, dir)
		good := create(t, s, other()).ID
		for step := range 20 {
			if err := save(s, good, record(step), nil); err != nil {
				t.Fatal(err)
			}
		}
		for step := 400; step < 600; step++ { // many pages of its own
			if err := save(s, bad, record(step), nil); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		damage(t, dir, bad)
		s = open(t, dir)
		if _, err := s.Records(bad); !errors.Is(err, ErrDamaged) || name != "page" && !strings.Contains(err.Error(), "step 10") {
			t.Errorf("%s: error %v, want ErrDamaged", name, err)
		}
		runs, err := s.Runs()
		if err != nil || len(runs) != 2 || runs[0].Damage != nil || runs[0].Records != 20 {
			t.Errorf("%s: runs %+v, error %v", name, runs, err)
		}
		if runs[1].ID != bad || (runs[1].Damage != nil) != (name == "page") {
			t.Errorf("%s: run %+v", name, runs[1])
		}
		if records, err := s.Records(good); err != nil || len(records) != 20 {
			t.Errorf("%s: %d records of the good run, error %v", name, len(records), err)
		}
	}
}

// other is a spec that is not the default one.
func other() run.Spec {
	s := run.Default()
	s.Seed = 1
	return s
}

// A damaged checkpoint is skipped for the one before it, with a message; two damaged
// ones are an error.
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
	// Saved again, as by a run that starts over, it is whole.
	if err := save(s, id, record(20), checkpoint(20)); err != nil {
		t.Fatal(err)
	}
	if c, passed, err := s.Checkpoint(id); err != nil || passed != nil || c.Step != 20 {
		t.Errorf("checkpoint of step %d, passed over: %v, error %v, want step 20", c.Step, passed, err)
	}
}

// A damaged checkpoint does not count among those that are kept, so that no whole one
// is deleted for it.
func TestDamagedCheckpointIsNotKept(t *testing.T) {
	dir, id := filled(t)
	s := open(t, dir)
	if err := os.Truncate(onlyFile(t, dir, id, 20), 100); err != nil {
		t.Fatal(err)
	}
	for _, step := range []int{13, 17} { // resumed from step 10, stopped twice
		if err := save(s, id, nil, checkpoint(step)); err != nil {
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

// A record that differs from the stored one does not replace the checkpoint of its
// step.
func TestDifferentRecordKeepsTheCheckpoint(t *testing.T) {
	dir, id := filled(t)
	s := open(t, dir)
	r, c := record(20), checkpoint(20)
	r.Values[0].Value = 17
	c.Weights[0].Data[0] = 17
	if err := save(s, id, r, c); !errors.Is(err, ErrDiffers) {
		t.Errorf("error %v, want ErrDiffers", err)
	}
	got, _, err := s.Checkpoint(id)
	if d := cmp.Diff(*checkpoint(20), got); err != nil || d != "" {
		t.Errorf("error %v (-want +got)\n%s", err, d)
	}
}
