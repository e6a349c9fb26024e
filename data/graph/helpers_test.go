package graph

import (
	"bytes"
	"compress/gzip"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// put writes files, by their names with slashes.
func put(t testing.TB, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// zipped returns text packed by gzip.
func zipped(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// tiny is a graph of four nodes in text: 0 - 1 - 2, 0 - 2, and 3 alone. Changes are of its
// files by their endings, as edges.txt; an empty one takes the file away.
func tiny(name string, changes ...map[string]string) map[string]string {
	files := map[string]string{
		"features.txt": "0 2\n1:0.5 2:-3\n\n0:2\n",
		"edges.txt":    "0 1\n0 2\n1 2\n",
		"labels.txt":   "0\n1\n0\n-1\n",
		"split.json":   `{"nodes":4, "features":3, "classes":2, "train":[1,0], "val":[], "test":[2]}`,
	}
	for _, c := range changes {
		maps.Copy(files, c)
	}
	named := map[string]string{}
	for ending, content := range files {
		if content != "" {
			named[name+"."+ending] = content
		}
	}
	return named
}

// complains checks that err is one line with the wanted text in it.
func complains(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case err == nil:
		t.Errorf("no error, want %q", want)
	case !strings.Contains(err.Error(), want):
		t.Errorf("error %q, want %q in it", err, want)
	case strings.ContainsAny(err.Error(), "\n\r\x1b\x00"):
		t.Errorf("error %q moves a terminal's cursor", err)
	}
}
