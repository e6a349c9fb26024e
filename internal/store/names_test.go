package store

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"breakeven/run"

	"github.com/google/go-cmp/cmp"
)

// hostile are IDs that a database from an untrusted source may hold.
var hostile = []string{
	"", ".", "..", "../../evil", "/etc/passwd", `..\..\evil`, "6d4f2fb95c21/..", "a/b", "last", "checkpoint",
	"6d4f2fb95c2", "6d4f2fb95c211", "6D4F2FB95C21", "6d4f2fb95c21-", "6d4f2fb95c21-0", "6d4f2fb95c21-1234567890",
	"6d4f2fb95c21\n", "\n6d4f2fb95c21", "6d4f2fb95c21\x00", "\x1b[2J\x1b[31mred", "6d4f2fb95c21 ", "λ", strings.Repeat("a", 1<<20),
}

// An invalid ID is shown, and never becomes the name of a file.
func TestHostileIDs(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b", "store")
	if err := os.MkdirAll(filepath.Dir(dir), 0o777); err != nil {
		t.Fatal(err)
	}
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	good := create(t, s, run.Default()).ID
	for _, step := range []int{0, 10} {
		if err := save(s, good, record(step), checkpoint(step)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, id := range hostile {
		execute(t, dir, `INSERT INTO runs (id, spec_id, spec, status, program, isa, created, updated)
			SELECT ?, 'x', spec, status, program, isa, created, updated FROM runs WHERE id = ?`, id, good)
		execute(t, dir, `INSERT INTO checkpoints (run, step, sha256) VALUES (?, 5, '../../../../../../evil')`, id)
	}
	execute(t, dir, `INSERT INTO checkpoints (run, step, sha256) VALUES (?, 11, '/../../../../evil')`, good)
	before := tree(t, filepath.Dir(filepath.Dir(dir)))

	s = open(t, dir)
	runs, err := s.Runs()
	if err != nil || len(runs) != len(hostile)+1 {
		t.Fatalf("%d runs, error %v", len(runs), err)
	}
	for _, r := range runs {
		printed := r.ID == good || strings.HasPrefix(r.ID, `"`) && !strings.ContainsAny(r.ID, "\n\x00\x1b") && len(r.ID) < 250
		if (r.Damage == nil) != (r.ID == good) || !printed {
			t.Errorf("run %.300q, damage %v", r.ID, r.Damage)
		}
	}
	for _, id := range hostile {
		if r, err := s.Find(id); err == nil && r.ID != good { // which may begin so
			t.Errorf("Find(%.40q) = %s", id, r.ID)
		}
		_, taken := s.Take(id)
		for name, err := range map[string]error{"Take": taken, "Save": s.Save(Lease{id, 1}, record(6), checkpoint(6))} {
			if !errors.Is(err, ErrNotFound) || len(err.Error()) > 500 {
				t.Errorf("%s(%.40q): error %.600v, want ErrNotFound", name, id, err)
			}
		}
		if _, _, err := s.Checkpoint(id); !errors.Is(err, ErrNotFound) {
			t.Errorf("Checkpoint(%.40q): error %.600v, want ErrNotFound", id, err)
		}
	}
	// An invalid checksum matches no file and never becomes the name of one.
	c, passed, err := s.Checkpoint(good)
	if err != nil || c.Step != 10 || passed == nil || strings.Contains(passed.Error(), "evi") {
		t.Errorf("checkpoint of step %d, passed over: %v, error %v, want step 10", c.Step, passed, err)
	}
	if err := save(s, good, nil, checkpoint(11)); err != nil {
		t.Error(err)
	}
	after := tree(t, filepath.Dir(filepath.Dir(dir)))
	for name := range after {
		if _, ok := before[name]; !ok && !strings.Contains(name, good+"/checkpoint-11-") && !strings.Contains(name, database) && !strings.Contains(name, s.writer.name()) {
			t.Errorf("%s was made", name)
		}
	}
}

// tree returns the names below a folder.
func tree(t *testing.T, dir string) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	err := filepath.WalkDir(dir, func(name string, _ os.DirEntry, err error) error {
		names[filepath.ToSlash(name)] = true
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// A new run takes the next free number, even if rows are missing.
func TestFreeID(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	for range 3 {
		create(t, s, run.Default())
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	id := run.Default().ID()
	execute(t, dir, "DELETE FROM runs WHERE id = ?", id+"-2")
	if err := os.Mkdir(filepath.Join(dir, runsFolder, id+"-4"), 0o777); err != nil {
		t.Fatal(err)
	}
	if got := create(t, open(t, dir), run.Default()).ID; got != id+"-5" {
		t.Errorf("the new run is %s", got)
	}
}

// A store of format 1 written by an older program can be read as it is, and its runs
// resumed.
func TestFormat1(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	if err := os.CopyFS(dir, os.DirFS("testdata/format1")); err != nil {
		t.Fatal(err)
	}
	const id = "6d4f2fb95c21" // of a format 1 spec with the defaults
	look := func(s *Store, last int) {
		t.Helper()
		r, err := s.Find("last")
		if err != nil || r.ID != id || r.Records != 3 || r.Checkpoint != last || r.Origin.Numerics != 0 || r.Changes != "" {
			t.Errorf("run %+v, error %v", r, err)
		}
		if records, err := s.Records(id); err != nil || len(records) != 3 || cmp.Diff(*record(20), records[2]) != "" {
			t.Errorf("records %+v, error %v", records, err)
		}
		c, passed, err := s.Checkpoint(id)
		if d := cmp.Diff(*checkpoint(last), c); err != nil || passed != nil || d != "" {
			t.Errorf("error %v, passed over: %v (-want +got)\n%s", err, passed, d)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	s, err := OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	look(s, 20)
	s = open(t, dir)
	if len(s.Notes()) > 0 {
		t.Errorf("notes %q", s.Notes())
	}
	if err := save(s, id, record(20), checkpoint(20)); err != nil { // of the same bits
		t.Fatal(err)
	}
	look(s, 20)
	s = open(t, dir)
	for i, want := range [][]string{
		{"checkpoint-20.safetensors", "checkpoint-30-?.safetensors"},
		{"checkpoint-30-?.safetensors", "checkpoint-40-?.safetensors"},
	} {
		step := 30 + 10*i
		if err := save(s, id, nil, checkpoint(step)); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, name := range holds(t, dir, id) {
			if len(name) > len("checkpoint-20.safetensors") {
				name = name[:14] + "?.safetensors"
			}
			got = append(got, name)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("after step %d (-want +got)\n%s", step, d)
		}
	}
	look(s, 40)
}
