package graph

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
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
		"split.json":   `{"nodes":4, "features":3, "classes":2, "train":[1], "val":[0], "test":[2]}`,
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

var nan, inf = math.NaN(), math.Inf(1)

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

// An array of an npz file.
type array struct {
	descr, shape string
	values       any
}

func int64s(shape string, values ...int64) array     { return array{"<i8", shape, values} }
func float32s(shape string, values ...float32) array { return array{"<f4", shape, values} }
func bools(values ...bool) array                     { return array{"|b1", fmt.Sprintf("(%d,)", len(values)), values} }

// npz returns an npz file.
func npz(t testing.TB, arrays map[string]array) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(arrays)) {
		a := arrays[name]
		w, err := z.Create(name + ".npy")
		if err != nil {
			t.Fatal(err)
		}
		header := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s, }\n", a.descr, a.shape)
		fmt.Fprintf(w, "\x93NUMPY\x01\x00%c%c%s", len(header)%256, len(header)/256, header)
		if err := binary.Write(w, binary.LittleEndian, a.values); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// tinyArrays are the arrays of the tiny graph, with changes; one of no type is taken away.
func tinyArrays(changes ...map[string]array) map[string]array {
	arrays := map[string]array{
		"edge_index": int64s("(2, 3)", 2, 0, 1, 0, 1, 2),
		"x":          float32s("(4, 3)", 1, 0, 1, 0, 0.5, -3, 0, 0, 0, 2, 0, 0),
		"y":          int64s("(4,)", 0, 1, 0, -1),
		"train_mask": bools(false, true, false, false),
		"val_mask":   bools(true, false, false, false),
		"test_mask":  bools(false, false, true, false),
	}
	for _, c := range changes {
		for name, a := range c {
			if arrays[name] = a; a.descr == "" {
				delete(arrays, name)
			}
		}
	}
	return arrays
}

// tinyTables are the tables of the tiny graph, with changes.
func tinyTables(changes ...map[string]string) map[string]string {
	files := map[string]string{
		"edges.csv": "source,target\n0,1\n2,0\n1,2\n",
		"nodes.csv": "a,label,b,split,c\n1,0,0,valid,1\n0,1,.5,train,-3\n0,0,0,test,0\n2,,0,,0\n",
	}
	for _, c := range changes {
		maps.Copy(files, c)
	}
	maps.DeleteFunc(files, func(_, content string) bool { return content == "" })
	return files
}
