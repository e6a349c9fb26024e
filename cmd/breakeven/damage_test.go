package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"breakeven/internal/store"
)

// short is a very quick run with three records.
var short = strings.Fields("run --model tiny --batch 32 --steps 4 --every 2 --valid 100 --probe loss --l 5 --m 32 --examples 64 --quiet")

// inStore runs SQL on the database of the default store.
func inStore(t *testing.T, statement string, args ...any) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(store.DefaultDir, "breakeven.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement, args...); err != nil {
		t.Fatal(err)
	}
}

// do runs the program here and fails unless it ends with the given exit code;
// an error must be one line. It returns what was printed.
func do(t *testing.T, want int, args ...string) (stdout, stderr string) {
	t.Helper()
	code, stdout, stderr := in(args...)
	if code != want || want != 0 && strings.Count(stderr, "\n") != 1 {
		t.Fatalf("%v: exit code %d, want %d\n%s%s", args, code, want, stdout, stderr)
	}
	return stdout, stderr
}

// ids returns the names of the runs, newest first.
func ids(t *testing.T) []string {
	t.Helper()
	stdout, _ := do(t, 0, "runs", "--json")
	var runs []runJSON
	if err := json.Unmarshal([]byte(stdout), &runs); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range runs {
		names = append(names, r.ID)
	}
	return names
}

// A run that cannot be read is listed as unreadable, and all others still work.
func TestDamagedRun(t *testing.T) {
	t.Chdir(t.TempDir())
	do(t, 0, short...)
	do(t, 0, append(short, "--seed", "1")...)
	do(t, 0, append(short, "--seed", "2")...)
	names := ids(t)
	good, bad := names[0], names[1]
	inStore(t, "UPDATE runs SET spec = 'nonsense' WHERE id = ?", bad)
	inStore(t, "INSERT INTO runs (number, id, spec_id, spec, status, program, isa, created, updated) SELECT 0, '../../evil', spec_id, spec, status, program, isa, created, updated FROM runs WHERE id = ?", good)

	list, _ := do(t, 0, "runs")
	for _, want := range []string{good + "  finished", bad + "  damaged", `"../../evil"   damaged`, "\n" + bad + `: damaged: spec line 1: "nonsense"`, "\n\"../../evil\": damaged: its name"} {
		if !strings.Contains(list, want) {
			t.Errorf("the list lacks %q:\n%s", want, list)
		}
	}
	if text, _ := do(t, 0, "runs", "--json"); !strings.Contains(text, `"status": "damaged"`) || !strings.Contains(text, `"damage": "damaged: spec line 1`) {
		t.Errorf("JSON:\n%s", text)
	}
	for _, args := range [][]string{
		{"show", "last"}, {"show", good}, {"show", names[2]}, {"report", good, names[2]}, {"export", "last"}, {"export", good, "--format", "safetensors"},
		{"resume", good}, short, append(short, "--seed", "1"),
	} {
		do(t, 0, args...)
	}
	for _, args := range [][]string{{"show", bad}, {"report", good, bad}, {"export", bad}, {"resume", bad}} {
		if _, stderr := do(t, 1, args...); !strings.Contains(stderr, bad) || !strings.Contains(stderr, "spec line 1") {
			t.Errorf("%v: %s", args, stderr)
		}
	}
	do(t, 1, "show", "../../evil")
	if words, _ := do(t, 0, "__complete", "show", ""); !strings.Contains(words, good) || strings.Contains(words, "evil") || strings.Contains(words, bad+"\tdamaged") {
		t.Errorf("completions:\n%s", words)
	}
}

// A record that cannot be read affects its own run only.
func TestDamagedRecord(t *testing.T) {
	t.Chdir(t.TempDir())
	do(t, 0, short...)
	do(t, 0, append(short, "--seed", "1")...)
	names := ids(t)
	inStore(t, `UPDATE records SET body = '{}' WHERE run = ? AND step = 2`, names[0])
	for _, args := range [][]string{{"show", names[0]}, {"report", names[1], names[0]}, {"export", "last"}} {
		if _, stderr := do(t, 1, args...); !strings.Contains(stderr, names[0]) || !strings.Contains(stderr, "step 2: damaged") {
			t.Errorf("%v: %s", args, stderr)
		}
	}
	for _, args := range [][]string{{"runs"}, {"show", names[1]}, {"report", names[1]}, {"export", names[1]}, short} {
		do(t, 0, args...)
	}
}

// lastFile returns the last checkpoint of the only run, or the one before it.
func lastFile(t *testing.T, step string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(store.DefaultDir, "runs", "*", "checkpoint-"+step+"-*.safetensors"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files %v, error %v", files, err)
	}
	return files[0]
}

// Weights of an older checkpoint are never exported as the last ones.
func TestExportOfOlderWeights(t *testing.T) {
	t.Chdir(t.TempDir())
	do(t, 0, short...)
	good, _ := do(t, 0, "export", "last", "--format", "safetensors")
	if err := os.Truncate(lastFile(t, "4"), 1000); err != nil {
		t.Fatal(err)
	}
	stdout, stderr := do(t, 1, "export", "last", "--format", "safetensors")
	if stdout != "" || !strings.Contains(stderr, "checkpoint of step 4: ") || !strings.Contains(stderr, "--allow-older") {
		t.Errorf("%d bytes, %s", len(stdout), stderr)
	}
	do(t, 1, "export", "last", "-o", "final.safetensors")
	if _, err := os.Stat("final.safetensors"); err == nil {
		t.Error("older weights were written")
	}
	stdout, stderr = do(t, 0, "export", "last", "--format", "safetensors", "--allow-older")
	if !strings.Contains(stdout, `"breakeven.step":"2"`) || stdout == good || !strings.Contains(stderr, "these are the weights of step 2") {
		t.Errorf("%d bytes, %s", len(stdout), stderr)
	}
	do(t, 0, "export", "last", "--format", "csv") // needs no checkpoint
	if err := os.Remove(lastFile(t, "2")); err != nil {
		t.Fatal(err)
	}
	do(t, 1, "export", "last", "--format", "safetensors", "--allow-older")
}

// A resumed run says from which step it continues, and whether that is its last
// checkpoint.
func TestResumeSaysWhere(t *testing.T) {
	t.Chdir(t.TempDir())
	do(t, 0, short...)
	records, _ := do(t, 0, "export", "last")
	for name, test := range map[string]struct {
		damage func()
		flags  []string
		want   string
		says   string
	}{
		"sound": {func() {}, nil, "goes on  from the checkpoint of step 4", ""},
		"older": {func() { os.Truncate(lastFile(t, "4"), 0) }, nil, "goes on  from the checkpoint of step 2", "stdout"},
		"quiet": {func() { os.Truncate(lastFile(t, "4"), 0) }, []string{"--quiet"}, "finished", "stderr"},
		"json":  {func() { os.Truncate(lastFile(t, "4"), 0) }, []string{"--json"}, `"warnings": [`, "stdout"},
		"none":  {func() { inStore(t, "DELETE FROM checkpoints") }, nil, "goes on  from the beginning", ""},
	} {
		inStore(t, "UPDATE runs SET status = 'stopped'")
		test.damage()
		stdout, stderr := do(t, 0, append([]string{"resume", "last"}, test.flags...)...)
		if !strings.Contains(stdout, test.want) {
			t.Errorf("%s: %q is missing:\n%s", name, test.want, stdout)
		}
		const warning = "the last checkpoint is not whole"
		if (test.says == "stdout") != strings.Contains(stdout, warning) || (test.says == "stderr") != strings.Contains(stderr, warning) {
			t.Errorf("%s: the warning is missing, or stands where it should not:\n%s\n%s", name, stdout, stderr)
		}
		again, _ := do(t, 0, "export", "last")
		if a, b := measured(records), measured(again); len(a) != len(b) {
			t.Errorf("%s: %d rows, before %d", name, len(b), len(a))
		}
	}
	inStore(t, "UPDATE runs SET status = 'stopped'")
	for _, step := range []string{"2", "4"} {
		if err := os.Remove(lastFile(t, step)); err != nil {
			t.Fatal(err)
		}
	}
	if _, stderr := do(t, 1, "resume", "last"); !strings.Contains(stderr, "breakeven run") {
		t.Error(stderr)
	}
}

// If the database is missing, the checkpoints are not deleted.
func TestLostDatabase(t *testing.T) {
	t.Chdir(t.TempDir())
	do(t, 0, short...)
	file := lastFile(t, "4")
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(store.DefaultDir, "breakeven.db")); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"runs"}, {"show", "last"}, {"resume", "last"}} {
		if _, stderr := do(t, 1, args...); !strings.Contains(stderr, "breakeven.db is gone") {
			t.Errorf("%v: %s", args, stderr)
		}
	}
	stdout, stderr := do(t, 0, append(short, "--json")...)
	if !strings.HasPrefix(stderr, "warning: ") || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, filepath.Base(file)) || !json.Valid([]byte(stdout)) {
		t.Errorf("%s\n%s", stderr, stdout)
	}
	if after, err := os.ReadFile(file); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the old checkpoint has changed: %v", err)
	}
}
