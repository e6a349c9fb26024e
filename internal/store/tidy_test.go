package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"breakeven/internal/fault"
	"breakeven/run"

	"github.com/google/go-cmp/cmp"
)

// holds returns the names in the folder of a run.
func holds(t *testing.T, dir, id string) []string {
	t.Helper()
	files, err := os.ReadDir(filepath.Join(dir, runsFolder, id))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		names = append(names, f.Name())
	}
	return names
}

// add puts files into the folder of a run.
func add(t *testing.T, dir, id string, names ...string) {
	t.Helper()
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(dir, runsFolder, id, name), []byte("kept by somebody"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// copyFile copies a file of a closed store.
func copyFile(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, content, 0o666); err != nil {
		t.Fatal(err)
	}
}

// A checkpoint that is replaced by another one of its step stays until that is
// committed, and is then deleted. An equal one is not written again.
func TestReplacedCheckpoint(t *testing.T) {
	defer func() { fault.Hook = nil }()
	s := open(t, t.TempDir())
	id := create(t, s, run.Default()).ID
	if err := save(s, id, nil, checkpoint(0)); err != nil {
		t.Fatal(err)
	}
	first := onlyFile(t, s.Dir(), id, 0)
	before, err := os.Stat(first)
	if err != nil {
		t.Fatal(err)
	}
	var places []string
	fault.Hook = func(place string) error {
		word, _, _ := strings.Cut(place, " ")
		places = append(places, word)
		if after, err := os.Stat(first); word != "remove" && (err != nil || !os.SameFile(before, after)) {
			t.Errorf("at %s the file before is another one: %v", place, err)
		}
		return nil
	}
	if err := save(s, id, nil, checkpoint(0)); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"commit", "committed"}, places); d != "" {
		t.Errorf("the same again (-want +got)\n%s", d)
	}
	other := checkpoint(0)
	other.Meta["measured"] = "true"
	places = nil
	if err := save(s, id, record(0), other); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"create", "sync", "rename", "sync", "commit", "committed", "remove"}, places); d != "" {
		t.Errorf("another one (-want +got)\n%s", d)
	}
	if last := onlyFile(t, s.Dir(), id, 0); last == first {
		t.Errorf("%s is left", last)
	}
}

// Open deletes files that are certainly useless, and no others.
func TestTidy(t *testing.T) {
	const digest = "0123456789abcdef"
	dir, id := filled(t)
	recorded := holds(t, dir, id)
	useless := []string{
		"checkpoint-0.safetensors", "checkpoint-9-" + digest + ".safetensors", "checkpoint-10-" + digest + ".safetensors", // superseded
		".checkpoint-30.safetensors.77.unfinished",
	}
	left := []string{
		"checkpoint-15-" + digest + ".safetensors", // superseded only by two newer ones
		"checkpoint-20-" + digest + ".safetensors", // another one of the last step
		"checkpoint-30-" + digest + ".safetensors", // newer than all that is known
		"checkpoint-40.safetensors",
	}
	others := []string{"notes.txt", "checkpoint-best.safetensors", "checkpoint-0.safetensors.bak", "checkpoint-99999999999999999999.safetensors", ".hidden"}
	add(t, dir, id, useless...)
	add(t, dir, id, left...)
	add(t, dir, id, others...)
	if err := os.Mkdir(filepath.Join(dir, runsFolder, id, "checkpoint-1.safetensors"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, runsFolder, "README"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir)
	want := slices.Concat(recorded, left, others, []string{"checkpoint-1.safetensors"})
	slices.Sort(want)
	if d := cmp.Diff(want, holds(t, dir, id)); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	notes := s.Notes()
	if len(notes) != 1 || !strings.Contains(notes[0], left[0]) || !strings.Contains(notes[0], "and 1 more") || strings.Contains(notes[0], "notes.txt") {
		t.Errorf("notes %q", notes)
	}
}

// A checkpoint is useless only if the newer ones on record also exist on disk.
func TestTidyNeedsTheNewerFiles(t *testing.T) {
	dir, id := filled(t)
	if err := os.Remove(onlyFile(t, dir, id, 20)); err != nil {
		t.Fatal(err)
	}
	add(t, dir, id, "checkpoint-0-0123456789abcdef.safetensors")
	s := open(t, dir)
	if got := holds(t, dir, id); len(got) != 2 || len(s.Notes()) != 1 {
		t.Errorf("the folder holds %v, notes %q", got, s.Notes())
	}
}

// A new database beside the files of old runs: these files are not touched, then or
// later, and the user is told.
func TestNewDatabase(t *testing.T) {
	dir, id := filled(t)
	add(t, dir, id, ".checkpoint-30.safetensors.77.unfinished")
	before := holds(t, dir, id)
	if err := os.Remove(filepath.Join(dir, database)); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenReader(dir); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), before[1]) {
		t.Errorf("OpenReader: error %v, want ErrDamaged", err)
	}
	for turn := range 2 {
		s := open(t, dir)
		if notes := s.Notes(); len(notes) != 1 || !strings.Contains(notes[0], before[1]) || strings.Contains(notes[0], "\n") || len(notes[0]) > 1000 {
			t.Errorf("notes %q", notes)
		}
		r := create(t, s, run.Default())
		if want := fmt.Sprintf("%s-%d", id, turn+2); r.ID != want {
			t.Errorf("a new run of the same spec is %s, want %s", r.ID, want)
		}
		for _, step := range []int{0, 10, 20, 30, 40} {
			if err := save(s, r.ID, record(step), checkpoint(step)); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(before, holds(t, dir, id)); d != "" {
			t.Errorf("(-before +after)\n%s", d)
		}
	}
}

// A database that has lost its last entries, as if its log was not copied with it:
// checkpoints stay, also while the run continues, until they are on record again or
// superseded.
func TestLostEntries(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	id := create(t, s, run.Default()).ID
	copyDatabase := func(to string) {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		copyFile(t, filepath.Join(dir, database), to)
		s = open(t, dir)
	}
	begun, early := filepath.Join(t.TempDir(), "begun"), filepath.Join(t.TempDir(), "early")
	copyDatabase(begun)
	for _, step := range []int{0, 10, 20, 30} {
		if err := save(s, id, record(step), checkpoint(step)); err != nil {
			t.Fatal(err)
		}
		if step == 0 {
			copyDatabase(early)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	files := holds(t, dir, id)
	if len(files) != kept {
		t.Fatalf("files %v", files)
	}

	// Its only row is of a checkpoint that has been superseded since.
	copyFile(t, early, filepath.Join(dir, database))
	s = open(t, dir)
	if _, _, err := s.Checkpoint(id); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), files[0]) {
		t.Errorf("error %v, want ErrDamaged with what is there", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	// It has no rows: the run starts over, and ends with the same bits.
	copyFile(t, begun, filepath.Join(dir, database))
	s = open(t, dir)
	for _, step := range []int{0, 10, 20} {
		if err := save(s, id, record(step), checkpoint(step)); err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if !slices.Contains(holds(t, dir, id), name) {
				t.Errorf("%s is gone after step %d", name, step)
			}
		}
	}
	if err := save(s, id, record(30), checkpoint(30)); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(files, holds(t, dir, id)); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

// A log without its database may hold runs. SQLite would remove it.
func TestLogWithoutDatabase(t *testing.T) {
	for name, lose := range map[string]func(file string) error{
		"gone":  os.Remove,
		"empty": func(file string) error { return os.Truncate(file, 0) },
	} {
		dir, _ := filled(t)
		if err := lose(filepath.Join(dir, database)); err != nil {
			t.Fatal(err)
		}
		log := filepath.Join(dir, logFile)
		if err := os.WriteFile(log, []byte("frames"), 0o666); err != nil {
			t.Fatal(err)
		}
		for kind, open := range map[string]func(string) (*Store, error){"Open": Open, "OpenReader": OpenReader} {
			if _, err := open(dir); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), database) {
				t.Errorf("%s, %s: error %v, want ErrDamaged", name, kind, err)
			}
		}
		if content, err := os.ReadFile(log); err != nil || string(content) != "frames" {
			t.Errorf("%s: the log holds %q, error %v", name, content, err)
		}
	}
}
