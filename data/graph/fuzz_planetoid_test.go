package graph

import (
	"path/filepath"
	"testing"

	"breakeven/internal/testenv"
)

// Whatever stands in the published files of a set, pickles among them, they are a Set that keeps its promises
// or an error, and take memory in proportion to their length. One file at a time is another one.
func FuzzPlanetoid(f *testing.F) {
	parts := []string{"x", "y", "tx", "ty", "allx", "ally", "graph", "test.index"}
	files := copied(f, "ind.tiny.*")
	for i, part := range parts {
		f.Add(byte(i), []byte(files["ind.tiny."+part]))
	}
	f.Fuzz(func(t *testing.T, at byte, content []byte) {
		dir, changed := t.TempDir(), copied(t, "ind.tiny.*")
		changed["ind.tiny."+parts[int(at)%len(parts)]] = string(content)
		size := int64(0)
		for _, text := range changed {
			size += int64(len(text))
		}
		put(t, dir, changed)
		var s *Set
		var err error
		taken := testenv.Allocated(func() { s, err = OpenFile(filepath.Join(dir, "ind.tiny.graph"), Options{Most: 1 << 20}) })
		if taken > 8<<20+256*size {
			t.Errorf("%d bytes were taken for %d", taken, size)
		}
		if err == nil {
			promises(t, s)
		}
	})
}
