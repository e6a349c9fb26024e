package store

import (
	"os"
	"path/filepath"
	"testing"

	"breakeven/run"

	"github.com/google/go-cmp/cmp"
)

// A new run takes the next number that is free, also where rows are missing.
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

// A store of format 1, as an older program has left it: it can be read as it
// is, and gone on with.
func TestFormat1(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	if err := os.CopyFS(dir, os.DirFS("testdata/format1")); err != nil {
		t.Fatal(err)
	}
	id := run.Default().ID()
	look := func(s *Store, last int) {
		t.Helper()
		r, err := s.Find("last")
		if err != nil || r.ID != id || r.Records != 3 || r.Checkpoint != last {
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
	if err := s.Save(id, record(20), checkpoint(20)); err != nil { // of the same bits
		t.Fatal(err)
	}
	look(s, 20)
	s = open(t, dir)
	for i, want := range [][]string{
		{"checkpoint-20.safetensors", "checkpoint-30-?.safetensors"},
		{"checkpoint-30-?.safetensors", "checkpoint-40-?.safetensors"},
	} {
		step := 30 + 10*i
		if err := s.Save(id, nil, checkpoint(step)); err != nil {
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
