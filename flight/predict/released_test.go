package predict

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"breakeven/internal/numpy"
)

// Files that are not those of the released network have one clear error.
func TestNotReleased(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, std float64, points int) string {
		t.Helper()
		name = filepath.Join(dir, name)
		f, err := os.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		w := numpy.NewWriter(f)
		for what, n := range map[string]int{"track": 6, "fp": points, "feature": 1600} {
			for _, kind := range []string{"_mean", "_std"} {
				x := make([]float64, n)
				for i := range x {
					x[i] = std
				}
				if err := w.Array(what+kind, []int{n}, x); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return name
	}
	text := filepath.Join(dir, "text.npz")
	if err := os.WriteFile(text, []byte("no arrays"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		filepath.Join(dir, "none.npz"): "none.npz",
		text:                           "text.npz",
		write("flat.npz", 0, 2):        "no standard deviation",
		write("short.npz", 1, 3):       "3 numbers, not 2",
		write("alone.npz", 1, 2):       "no array is called",
	} {
		if _, err := Released(name); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), filepath.Base(name)) {
			t.Errorf("%s: %v", filepath.Base(name), err)
		}
	}
}
