package graph

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// shared returns the folder of the sets of Planetoid beside the module, or skips the test.
func shared(t testing.TB) string {
	dir := filepath.Join("..", "..", "..", "shared", "data", "planetoid")
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		t.Skip("needs ../shared/data/planetoid, which is not here")
	}
	return dir
}

// opened is Open for a set that opens.
func opened(t testing.TB, name, dir string) *Set {
	t.Helper()
	s, err := Open(name, dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// sizes are the sizes of the parts of a split.
func sizes(t *testing.T, s *Set, name string) [3]int {
	t.Helper()
	split, err := s.Split(name)
	if err != nil {
		t.Fatal(err)
	}
	return [3]int{len(split.Train), len(split.Valid), len(split.Test)}
}

func TestEmbeddedCora(t *testing.T) {
	s := opened(t, "cora", t.TempDir())
	if s.Nodes() != 2708 || len(s.Edges.Index) != 2*5278 || s.Features.Cols != 1433 || s.Classes != 7 || len(s.Labels) != 2708 || len(s.Warnings) != 0 {
		t.Errorf("%d nodes, %d edges, %d features, %d classes, warnings %v", s.Nodes(), len(s.Edges.Index), s.Features.Cols, s.Classes, s.Warnings)
	}
	if b := s.Bytes(); b < 8*(49216+2*5278) || b > 1e6 { // 49,216 features are not zero
		t.Errorf("%d bytes", b)
	}
	if cols, _ := s.Features.Row(0); !cmp.Equal(cols, []int32{19, 81, 146, 315, 774, 877, 1194, 1247, 1274}) {
		t.Errorf("features of node 0: %v", cols)
	}
	if from, weights := s.Edges.Row(0); !cmp.Equal(from, []int32{633, 1862, 2582}) || !cmp.Equal(weights, []float32{1, 1, 1}) {
		t.Errorf("edges of node 0: %v, %v", from, weights)
	}
	for name, want := range map[string][3]int{"public": {140, 500, 1000}, "full": {1208, 500, 1000}, "complete": {1708, 500, 500}} {
		if got := sizes(t, s, name); got != want {
			t.Errorf("split %s: %v, want %v", name, got, want)
		}
	}
}

// The embedded graph is that of the folder, and the counts of the others are the known ones.
func TestPlanetoidSets(t *testing.T) {
	dir := shared(t)
	cora, embedded := opened(t, "cora", filepath.Dir(dir)), opened(t, "cora", t.TempDir())
	if cora.Digest() != embedded.Digest() || len(cora.Warnings) > 0 {
		t.Errorf("the embedded graph differs; warnings %v", cora.Warnings)
	}
	s := opened(t, "citeseer", dir)
	if s.Nodes() != 3327 || len(s.Edges.Index) != 2*4552 || s.Features.Cols != 3703 || s.Classes != 6 {
		t.Errorf("citeseer: %d nodes, %d edges, %d features, %d classes", s.Nodes(), len(s.Edges.Index), s.Features.Cols, s.Classes)
	}
	if len(s.Warnings) != 1 || !strings.Contains(s.Warnings[0], "15 nodes have no label") {
		t.Errorf("citeseer: warnings %v", s.Warnings)
	}
	for name, want := range map[string][3]int{"public": {120, 500, 1000}, "full": {1827, 500, 1000}, "complete": {2327, 500, 500}} {
		if got := sizes(t, s, name); got != want {
			t.Errorf("citeseer, split %s: %v, want %v", name, got, want)
		}
	}
	_, err := Open("pubmed", dir)
	complains(t, err, "the features of some nodes only")
}

// What the published files have twice, and what is left out of them, needs no warning.
func TestPublishedContent(t *testing.T) {
	dir := t.TempDir()
	files := map[string]string{}
	for _, name := range []string{"features.txt", "edges.txt", "labels.txt", "split.json"} {
		b, err := folder{dir: "sample", embedded: sample}.read("cora."+name+".gz", 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		files["cora."+name] = string(b)
	}
	files["cora.edges.txt"] += "633 0\n0 633\n7 7\n"
	files["cora.split.json"] = strings.Replace(files["cora.split.json"], `"edges":5278,`, "", 1)
	put(t, dir, files)
	if s := opened(t, "cora", dir); s.Digest() != sets[0].digest || len(s.Warnings) > 0 {
		t.Errorf("warnings %q", s.Warnings)
	}
}

// A graph of another content is used with a warning, wherever a set is looked for.
func TestOtherContent(t *testing.T) {
	for _, sub := range []string{"", "planetoid", "cora", "Cora/raw", "raw"} {
		dir := t.TempDir()
		files := map[string]string{}
		for name, content := range tiny("cora") {
			files[path.Join(sub, name)] = content
		}
		put(t, dir, files)
		s := opened(t, "cora", dir)
		if len(s.Warnings) != 1 || !strings.Contains(s.Warnings[0], "differs from the published one: 4 nodes and 3 edges, published 2708 and 5278") {
			t.Errorf("in %q: warnings %v", sub, s.Warnings)
		}
	}
}

func TestMissingSets(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("BREAKEVEN_DATA", dir)
	_, err := Open("citeseer", "")
	complains(t, err, dir+" has neither the published files, ind.citeseer.*, nor citeseer.features.txt; get the files from https://github.com/kimiyoung/planetoid")
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v is not fs.ErrNotExist", err)
	}
	_, err = Open("pubmed", filepath.Join(dir, "none"))
	complains(t, err, "none does not exist")
	_, err = Open("cori", "")
	complains(t, err, `no graph is called "cori"; there are cora, citeseer and pubmed`)
}

func TestSampleIsSmall(t *testing.T) {
	var size int64
	err := fs.WalkDir(sample, ".", func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		size += info.Size()
		return err
	})
	if err != nil || size > 100_000 {
		t.Errorf("the sample has %d bytes (%v), want at most 0.1 MB", size, err)
	}
}
