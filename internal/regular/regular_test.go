package regular

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// write puts text into a new file and returns its name.
func write(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestRead(t *testing.T) {
	for _, text := range []string{"", "some text", strings.Repeat("x", 10000)} {
		name := write(t, text)
		got, err := Read(name, int64(len(text)))
		if err != nil || string(got) != text {
			t.Errorf("%d bytes read of %d: %v", len(got), len(text), err)
		}
		link := name + ".link"
		if err := os.Symlink(name, link); err != nil {
			t.Skip("no symbolic links here: ", err)
		}
		if got, err := Read(link, 10000); err != nil || string(got) != text {
			t.Errorf("by a link: %d bytes read of %d: %v", len(got), len(text), err)
		}
	}
	f, size, err := Open(write(t, "some text"))
	if err != nil || size != 9 {
		t.Fatalf("size %d: %v", size, err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

func TestErrors(t *testing.T) {
	long, dir := write(t, "0123456789"), t.TempDir()
	for _, test := range []struct{ name, want string }{
		{long, long + " has 10 bytes, more than the 9 that are read"},
		{dir, dir + " is a folder; give the name of a file"},
		{os.DevNull, os.DevNull + " is a device, not a file; give the name of a file"},
	} {
		if _, err := Read(test.name, 9); err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("error %v, want %s", err, test.want)
		}
	}
	for _, name := range []string{filepath.Join(dir, "none"), filepath.Join(long, "none")} {
		_, _, err := Open(name)
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if _, _, err := Open(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing: error %v", err)
	}
}

// A file that claims to be large, as a sparse file can at no cost, takes no memory; nor
// does a file longer than its size says.
func TestReadIsBounded(t *testing.T) {
	name := write(t, "")
	if err := os.Truncate(name, 1<<40); err != nil {
		t.Skip("no sparse file of 1 TB: ", err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := Read(name, 1<<20); err == nil {
		t.Error("a terabyte was read")
	}
	runtime.ReadMemStats(&after)
	if taken := after.TotalAlloc - before.TotalAlloc; taken > 1<<16 {
		t.Errorf("%d bytes were taken", taken)
	}
	const endless = "/proc/self/maps" // of size 0, and with many lines
	if _, err := os.Stat(endless); err != nil {
		t.Skip(err)
	}
	if _, err := Read(endless, 100); err == nil || !strings.Contains(err.Error(), "more than the 100 bytes") {
		t.Errorf("longer than its size: error %v", err)
	}
}
