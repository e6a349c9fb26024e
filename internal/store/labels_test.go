package store

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"breakeven/run"
)

// A name finds its run, in upper or lower case, before the beginning of an ID does. It
// belongs to one run only.
func TestNames(t *testing.T) {
	s := open(t, t.TempDir())
	a, b := create(t, s, run.Default()).ID, create(t, s, run.Default()).ID
	for _, name := range []string{"Base line, η = 0.1", a[:4]} { // the second one replaces the first
		if err := s.SetName(a, name); err != nil {
			t.Fatal(err)
		}
		for _, called := range []string{name, strings.ToUpper(name), a} {
			if r, err := s.Find(called); err != nil || r.ID != a || r.Name != name {
				t.Errorf("%q: run %s called %q, error %v", called, r.ID, r.Name, err)
			}
		}
	}
	if _, err := s.Find("base line, η = 0.1"); !errors.Is(err, ErrNotFound) {
		t.Errorf("the name before: error %v", err)
	}
	if err := s.SetName(b, strings.ToUpper(a[:4])); err == nil || !strings.Contains(err.Error(), "is the name of run "+a) {
		t.Errorf("a name twice: error %v", err)
	}
	if err := s.SetName(a, ""); err != nil {
		t.Fatal(err)
	}
	if r, err := s.Find(a); err != nil || r.Name != "" {
		t.Errorf("called %q, error %v", r.Name, err)
	}
	if err := s.SetName("r000000000000", "x"); !errors.Is(err, ErrNotFound) {
		t.Errorf("no such run: error %v", err)
	}
	for _, name := range []string{" ", " x", "last", "Last", "-x", "a:b", "a\nb", "\x1b[2J", "r0123456789ab", "0123456789ab-2", strings.Repeat("x", 61), "\xff"} {
		if err := s.SetName(a, name); err == nil {
			t.Errorf("%q can be a name", name)
		}
	}
}

func TestTags(t *testing.T) {
	s := open(t, t.TempDir())
	a, b := create(t, s, run.Default()).ID, create(t, s, run.Default()).ID
	tags := func(id string) []string {
		r, err := s.Find(id)
		if err != nil {
			t.Fatal(err)
		}
		return r.Tags
	}
	if err := errors.Join(s.Tag(a, "paper", "figure-2"), s.Tag(a, "paper", "Paper"), s.Tag(b, "paper")); err != nil {
		t.Fatal(err)
	}
	if got := tags(a); !slices.Equal(got, []string{"figure-2", "paper"}) {
		t.Errorf("tags %q", got)
	}
	if err := s.Untag(a, "PAPER", "none"); err != nil {
		t.Fatal(err)
	}
	if got := tags(a); !slices.Equal(got, []string{"figure-2"}) || !slices.Equal(tags(b), []string{"paper"}) {
		t.Errorf("tags %q and %q", got, tags(b))
	}
	if err := s.Tag("r000000000000", "x"); !errors.Is(err, ErrNotFound) {
		t.Errorf("no such run: error %v", err)
	}
	for _, tag := range []string{"", "two words", "-x", "a,b", "\x1b", strings.Repeat("x", 41)} {
		if err := s.Tag(a, tag); err == nil {
			t.Errorf("%q can be a tag", tag)
		}
	}
}

// Invalid names and tags written by others do no harm.
func TestHostileLabels(t *testing.T) {
	dir, id := filled(t)
	execute(t, dir, "UPDATE runs SET name = ?", "\x1b[2Jlast")
	execute(t, dir, "INSERT INTO tags VALUES (?, ?)", id, "\x1b[2J")
	execute(t, dir, "INSERT INTO deleted VALUES (?)", "../..")
	execute(t, dir, "INSERT INTO deleted VALUES (?)", id) // an old note
	s := open(t, dir)
	r, err := s.Find(id)
	if err != nil || r.Name != "" || len(r.Tags) > 0 || r.Records != 3 {
		t.Errorf("run %+v, error %v", r, err)
	}
	if _, _, err := s.Checkpoint(id); err != nil {
		t.Error("the run of an old note lost its checkpoints: ", err)
	}
	var notes int
	if err := s.db.QueryRow("SELECT count(*) FROM deleted").Scan(&notes); err != nil || notes > 0 || len(s.Notes()) > 0 {
		t.Errorf("%d notes in the database and %q, error %v", notes, s.Notes(), err)
	}
}

// Older stores without names and tags can be read as they are.
func TestLabelsOfOlderFormats(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	if err := os.CopyFS(dir, os.DirFS("testdata/format1")); err != nil {
		t.Fatal(err)
	}
	reader, err := OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	r, err := reader.Find("last")
	if err != nil || r.Name != "" || r.Tags != nil {
		t.Errorf("run %+v, error %v", r, err)
	}
	if err := reader.Close(); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir)
	if err := errors.Join(s.SetName(r.ID, "old"), s.Tag(r.ID, "kept")); err != nil {
		t.Fatal(err)
	}
	if r, err = s.Find("old"); err != nil || r.Name != "old" || !slices.Equal(r.Tags, []string{"kept"}) {
		t.Errorf("run %+v, error %v", r, err)
	}
}
