package run

import (
	"math"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// document matches the name of a document in a definition.
var document = regexp.MustCompile(`docs/[\w/-]+\.md`)

// Every key has a definition, the documents that it names exist, and error bands stay within the
// range of their quantity.
func TestDefinitions(t *testing.T) {
	for _, k := range Keys {
		if k.Definition == "" || k.Meaning == "" {
			t.Errorf("%s is not defined", k.Name)
		}
		if k.Min > k.Max || math.IsInf(k.Min, 0) {
			t.Errorf("%s ranges from %g to %g", k.Name, k.Min, k.Max)
		}
		for _, name := range document.FindAllString(k.Definition, -1) {
			if _, err := os.Stat(filepath.Join("..", name)); err != nil {
				t.Errorf("the definition of %s names a document: %v", k.Name, err)
			}
		}
	}
	for _, c := range []struct {
		key                string
		value, err, lo, hi float64
	}{
		{"alignment", 0.5, 0.9, 0, 1},
		{"alignment", 0.5, 0.1, 0.4, 0.6},
		{"k_max", 1, 3, 0, 4},
		{"h_min", -1, 3, -4, 2},
		{"alignment", 1.0000001, 0.5, 0.5, 1.0000001}, // by rounding
		{"unheard_of", 1, 3, -2, 4},
	} {
		k, _ := LookupKey(c.key)
		if lo, hi := k.Band(c.value, c.err); math.Abs(lo-c.lo) > 1e-6 || math.Abs(hi-c.hi) > 1e-6 {
			t.Errorf("%s = %g ± %g: from %g to %g, want %g to %g", c.key, c.value, c.err, lo, hi, c.lo, c.hi)
		}
	}
}
