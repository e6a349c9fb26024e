package atomicfile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"breakeven/internal/fault"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

// names lists the files of a folder.
func names(t *testing.T, dir string) string {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, f := range files {
		list = append(list, f.Name())
	}
	return strings.Join(list, " ")
}

func TestWriteReplaces(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "a.txt")
	for _, want := range []string{"first", strings.Repeat("long ", 1<<17), ""} {
		if err := Write(name, text(want)); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(name)
		if err != nil || string(got) != want {
			t.Errorf("read %d bytes, error %v, want %d bytes", len(got), err, len(want))
		}
	}
	if got := names(t, dir); got != "a.txt" {
		t.Errorf("the folder holds %s", got)
	}
}

func TestFailureLeavesTheOldFile(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "a.txt")
	if err := Write(name, text("old")); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	err := Write(name, func(w io.Writer) error {
		if err := text(strings.Repeat("new", 1<<20))(w); err != nil {
			return err
		}
		if got := names(t, dir); !IsTemp(strings.Fields(got)[0]) {
			t.Errorf("while writing the folder holds %s, want a file known to IsTemp", got)
		}
		return broken
	})
	if !errors.Is(err, broken) {
		t.Errorf("error %v, want that of the function", err)
	}
	if got, _ := os.ReadFile(name); string(got) != "old" {
		t.Errorf("the file holds %.20q", got)
	}
	if got := names(t, dir); got != "a.txt" {
		t.Errorf("the folder holds %s", got)
	}
}

// Whichever step fails, the file is the old or the new one, and the error says so; it
// is the new one only after the last step.
func TestEveryFailingStep(t *testing.T) {
	defer func() { fault.Hook = nil }()
	broken := errors.New("broken")
	for failing := 1; ; failing++ {
		dir := t.TempDir()
		name := filepath.Join(dir, "a.txt")
		if err := Write(name, text("old")); err != nil {
			t.Fatal(err)
		}
		steps := 0
		fault.Hook = func(string) error {
			if steps++; steps == failing {
				return broken
			}
			return nil
		}
		err := Write(name, text("new"))
		fault.Hook = nil
		if steps < failing {
			if steps != 4 {
				t.Errorf("%d steps, want 4: create, sync, rename, sync the folder", steps)
			}
			return
		}
		want := "old"
		if failing == 4 {
			want = "new"
		}
		if got, _ := os.ReadFile(name); string(got) != want || !errors.Is(err, broken) || errors.Is(err, ErrNamed) != (want == "new") {
			t.Errorf("step %d fails: the file holds %q, want %q; error %v", failing, got, want, err)
		}
		if got := names(t, dir); got != "a.txt" || strings.Contains(err.Error(), "\n") {
			t.Errorf("step %d fails: the folder holds %s; error %v", failing, got, err)
		}
	}
}

func TestMakeFolder(t *testing.T) {
	defer func() { fault.Hook = nil }()
	dir := t.TempDir()
	var synced []string
	fault.Hook = func(place string) error {
		synced = append(synced, strings.TrimPrefix(place, "sync folder "+dir))
		return nil
	}
	for range 2 { // the second time the file exists
		if err := MakeFolder(filepath.Join(dir, "a", "b")); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := strings.Join(synced, " "), " "+filepath.FromSlash("/a"); got != want {
		t.Errorf("synced %q, want %q", got, want)
	}
	if !isFolder(filepath.Join(dir, "a", "b")) {
		t.Error("no folder")
	}
	file := filepath.Join(dir, "file")
	if err := Write(file, text("")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{file, filepath.Join(file, "below")} {
		if err := MakeFolder(name); err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	fault.Hook = func(string) error { return broken }
	if err := MakeFolder(filepath.Join(dir, "c")); !errors.Is(err, broken) {
		t.Errorf("a folder that does not come to disk: error %v", err)
	}
}

// Errors name the file that was to be, and not the unfinished one.
func TestErrorsNameThePath(t *testing.T) {
	name := filepath.Join(t.TempDir(), "missing", "a.txt")
	if err := Write(name, text("")); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), name+": ") {
		t.Errorf("error %v", err)
	}
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain")
	err := Write(plain, func(w io.Writer) error {
		return folderInPlace(plain)
	})
	if err == nil || !strings.HasPrefix(err.Error(), "rename "+plain+": ") || strings.Contains(err.Error(), mark) {
		t.Errorf("a folder that came into being meanwhile: error %v", err)
	}
	dir = t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := Write(filepath.Join(dir, "folder"), text("")); err == nil || !strings.HasPrefix(err.Error(), "write "+filepath.Join(dir, "folder")+": ") {
		t.Errorf("a folder was to be replaced by a file: error %v", err)
	}
	if got := names(t, dir); got != "folder" {
		t.Errorf("the folder holds %s", got)
	}
}

// folderInPlace makes a folder that is not empty where a file is to be.
func folderInPlace(name string) error {
	return errors.Join(os.Mkdir(name, 0o777), os.WriteFile(filepath.Join(name, "x"), nil, 0o666))
}

func TestIsTemp(t *testing.T) {
	for name, want := range map[string]bool{"a.txt": false, ".a.txt.123.unfinished": true, "x/.b.9.unfinished": true, "a.unfinished": false, ".hidden": false} {
		if IsTemp(name) != want {
			t.Errorf("IsTemp(%q) = %v", name, !want)
		}
	}
}
