package graph

import (
	"bytes"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
)

// file opens the graph of files in a new folder: the folder or, if it is named, one of the files.
func file(t testing.TB, files map[string]string, name string, o Options) (*Set, error) {
	t.Helper()
	dir := t.TempDir()
	put(t, dir, files)
	return OpenFile(filepath.Join(dir, name), o)
}

// parquetOf returns a Parquet file of rows.
func parquetOf[T any](t testing.TB, rows []T) string {
	t.Helper()
	var b bytes.Buffer
	if err := parquet.Write(&b, rows); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// tinyForms are the tiny graph in all forms that it can have. A name of a form that ends in .npz
// is that of a file.
func tinyForms(t testing.TB) map[string]map[string]string {
	gz := map[string]string{}
	for name, content := range tiny("g", map[string]string{"edges.txt": "2 1\n1 0\n0 2\n", "features.txt": "2 0\n2:-3 1:.5\n\n0:2\n"}) {
		gz[name+".gz"] = zipped(t, content)
	}
	none := array{}
	sparse := map[string]array{
		"edge_index": none, "x": none, "y": none, "train_mask": none, "val_mask": none, "test_mask": none,
		"adj_data": float32s("(3,)", 1, 1, 1), "adj_indices": int64s("(3,)", 1, 2, 2), "adj_indptr": int64s("(5,)", 0, 2, 3, 3, 3), "adj_shape": int64s("(2,)", 4, 4),
		"attr_data": float32s("(5,)", 1, 1, -3, .5, 2), "attr_indices": int64s("(5,)", 0, 2, 2, 1, 0), "attr_indptr": int64s("(5,)", 0, 2, 4, 4, 5), "attr_shape": int64s("(2,)", 4, 3),
		"labels": int64s("(4,)", 0, 1, 0, -100), "train_idx": int64s("(1,)", 1), "valid": int64s("(1,)", 0), "test_idx": int64s("(1,)", 2),
	}
	type edge struct {
		From int64 `parquet:"from"`
		To   int64 `parquet:"to"`
	}
	type node struct {
		Node  string  `parquet:"node"`
		Class *int64  `parquet:"class,optional"`
		Train bool    `parquet:"train_mask"`
		Valid bool    `parquet:"val_mask"`
		Test  bool    `parquet:"test_mask"`
		A     float64 `parquet:"a"`
		B     float64 `parquet:"b"`
		C     float64 `parquet:"c"`
	}
	zero, first := int64(0), int64(1)
	return map[string]map[string]string{
		"text":             tiny("g"),
		"packed":           gz,
		"edge_index.npz":   {"edge_index.npz": npz(t, tinyArrays())},
		"edges.npz":        {"edges.npz": npz(t, tinyArrays(map[string]array{"edge_index": none, "edges": int64s("(3, 2)", 2, 0, 1, 2, 0, 1)}))},
		"sparse.npz":       {"sparse.npz": npz(t, tinyArrays(sparse))},
		"csv":              tinyTables(),
		"csv, other names": tinyTables(map[string]string{"edges.csv": "x,y,z\n1,0,7\n0,2,8\n2,1,9\n"}),
		"tsv": {
			"edges.tsv": "target\tsource\n0\t1\n2\t0\n1\t2\n",
			"nodes.tsv": "a\tb\tc\tlabels\tsplit\n1\t0\t1\t0\tvalidation\n0\t.5\t-3\t1\tTrain\n0\t0\t0\t0\ttest\n2\t0\t0\tNA\tnone\n",
		},
		"words": {
			"edges.csv.gz": zipped(t, "weight,to,from\n1,ann,bob\n1,cy,ann\n1,cy,bob\n"),
			"nodes.csv":    "a,b,c,id,class,split\n1,0,1,ann,0,val\n0,.5,-3,bob,1,train\n0,0,0,cy,0,test\n2,0,0,dan,,\n",
		},
		"parquet": {
			"edges.parquet": parquetOf(t, []edge{{1, 2}, {1, 0}, {0, 2}}),
			"nodes.parquet": parquetOf(t, []node{{"0", &zero, false, true, false, 1, 0, 1}, {"1", &first, true, false, false, 0, .5, -3}, {"2", &zero, false, false, true, 0, 0, 0}, {"3", nil, false, false, false, 2, 0, 0}}),
		},
		"ogb": {
			"raw/edge.csv.gz": zipped(t, "1,2\n0,1\n2,0\n"), "raw/node-feat.csv.gz": zipped(t, "1.0,0.0,1.0\n0,0.5,-3\n0,0,0\n2,0,0\n"),
			"raw/node-label.csv.gz": zipped(t, "0.0\n1.0\n0.0\nnan\n"), "raw/num-node-list.csv.gz": zipped(t, "4\n"),
			"split/time/train.csv.gz": zipped(t, "1\n"), "split/time/valid.csv": "0\n", "split/time/test.csv.gz": zipped(t, "2\n"),
		},
	}
}

// The same graph has the same content in all forms.
func TestForms(t *testing.T) {
	want, err := file(t, tiny("g"), "", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !cmp.Equal(want.Labels, []int32{0, 1, 0, -1}) || !cmp.Equal(want.Public, Split{[]int32{1}, []int32{0}, []int32{2}}) || want.Classes != 2 {
		t.Errorf("labels %v, split %v, %d classes", want.Labels, want.Public, want.Classes)
	}
	for i, row := range [][]int32{{1, 2}, {0, 2}, {0, 1}, nil} {
		if got, _ := want.Edges.Row(i); !slices.Equal(got, row) {
			t.Errorf("neighbours of %d: %v", i, got)
		}
	}
	for form, files := range tinyForms(t) {
		name := ""
		if filepath.Ext(form) == ".npz" {
			name = form
		}
		got, err := file(t, files, name, Options{})
		if err != nil {
			t.Errorf("%s: %v", form, err)
			continue
		}
		if got.Digest() != want.Digest() || len(got.Warnings) > 0 {
			t.Errorf("%s: %v %v %v, labels %v, split %v, %d classes, warnings %v", form, got.Features, got.Edges.Index, got.Edges.Value, got.Labels, got.Public, got.Classes, got.Warnings)
		}
	}
}

// Two edges are a square array, whose name says which way it is; a zero of a sparse matrix is no
// edge.
func TestEdgeArrays(t *testing.T) {
	none, square := array{}, int64s("(2, 2)", 0, 1, 2, 3)
	for name, change := range map[string]map[string]array{
		"edges": {"edge_index": none, "edges": square}, "edge_index": {"edge_index": int64s("(2, 2)", 0, 2, 1, 3)},
		"adj": {"edge_index": none, "adj_data": float32s("(3,)", 1, 0, 1), "adj_indices": int64s("(3,)", 1, 2, 3), "adj_indptr": int64s("(5,)", 0, 2, 2, 3, 3), "adj_shape": int64s("(2,)", 4, 4)},
	} {
		s, err := file(t, map[string]string{"g.npz": npz(t, tinyArrays(change))}, "g.npz", Options{Directed: true})
		if err != nil {
			t.Fatal(err)
		}
		if want := [][]float32{{0, 0, 0, 0}, {1, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 1, 0}}; !cmp.Equal(dense(s.Edges), want) {
			t.Errorf("%s: edges %v, want %v", name, dense(s.Edges), want)
		}
	}
}

// Files that NumPy and SciPy wrote.
func TestFixtures(t *testing.T) {
	want, err := file(t, tiny("g"), "", Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"sparse.npz", "gust.npz", "dense.npz"} {
		path := filepath.Join("testdata", name)
		got, err := OpenFile(path, Options{})
		if err != nil {
			t.Error(err)
			continue
		}
		if got.Digest() != want.Digest() || len(got.Warnings) > 0 || !IsGraph(path) {
			t.Errorf("%s: %v %v %v, labels %v, split %v, warnings %v", name, got.Features, got.Edges.Index, got.Edges.Value, got.Labels, got.Public, got.Warnings)
		}
	}
}

// What is a graph is recognised by names.
func TestIsGraph(t *testing.T) {
	for form, files := range tinyForms(t) {
		dir := t.TempDir()
		put(t, dir, files)
		for path, want := range map[string]bool{"": true, "none": false} {
			if filepath.Ext(form) == ".npz" {
				path, want = form, true
			}
			if got := IsGraph(filepath.Join(dir, path)); got != want {
				t.Errorf("%s: %q is a graph: %v", form, path, got)
			}
		}
	}
	dir := t.TempDir()
	put(t, dir, map[string]string{"a.npz": npz(t, map[string]array{"x": float32s("(1,)", 1), "y": int64s("(1,)", 1)}), "b.csv": "a,y\n1,2\n", "c.npz": "", "nodes.csv": "a,y\n1,2\n"})
	for _, name := range []string{"", "a.npz", "b.csv", "c.npz", "nodes.csv"} {
		if IsGraph(filepath.Join(dir, name)) {
			t.Errorf("%q is a graph", name)
		}
	}
	put(t, dir, tinyTables())
	for _, name := range []string{"", "nodes.csv", "edges.csv"} {
		if !IsGraph(filepath.Join(dir, name)) {
			t.Errorf("%q is no graph", name)
		}
	}
}

// pickles are the files of a graph of seven nodes, written by the programs of Planetoid's time.
const pickles = "../../internal/pickle/testdata"

// copied returns the named files, with what of their names begins with one text replaced by another.
func copied(t testing.TB, pattern string) map[string]string {
	t.Helper()
	files := map[string]string{}
	names, err := fs.Glob(os.DirFS(pickles), pattern)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		b, err := os.ReadFile(filepath.Join(pickles, name))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(b)
	}
	return files
}

// Nodes for the test are at their places, and one without features and label counts as class 0.
func TestPickles(t *testing.T) {
	got, err := file(t, copied(t, "ind.tiny.*"), "", Options{})
	if err != nil {
		t.Fatal(err)
	}
	want, err := file(t, tiny("tiny", map[string]string{
		"features.txt": "0\n1\n2\n0 1\n0 2\n\n1 2\n", "labels.txt": "0\n1\n0\n1\n0\n0\n1\n",
		"edges.txt":  "0 1\n0 2\n1 3\n2 4\n3 6\n",
		"split.json": `{"nodes":7,"train":[0,1],"val":[2,3],"test":[4,6],"no_label":[5]}`,
	}), "", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got.Digest() != want.Digest() {
		t.Errorf("%v, edges %v, labels %v, split %v; want %v, %v, %v, %v", got.Features, got.Edges, got.Labels, got.Public, want.Features, want.Edges, want.Labels, want.Public)
	}
	note := "tiny: 1 nodes have no label; the splits full and complete use them with the class that stands in its place, as the published programs do"
	repair := "tiny: 2 edges from a node to itself were left out"
	if !cmp.Equal(got.Warnings, []string{note, repair}) || !cmp.Equal(want.Warnings, []string{note}) {
		t.Errorf("warnings %q, and in text %q", got.Warnings, want.Warnings)
	}
}

// In PyTorch Geometric's folder, and by the name of a file.
func TestPicklesElsewhere(t *testing.T) {
	dir := t.TempDir()
	files := map[string]string{}
	for name, content := range copied(t, "ind.tiny.*") {
		files["Tiny/raw/"+name] = content
	}
	put(t, dir, maps.Clone(files))
	var digests []string
	for _, path := range []string{"Tiny", "Tiny/raw", "Tiny/raw/ind.tiny.graph"} {
		s, err := OpenFile(filepath.Join(dir, path), Options{})
		if err != nil {
			t.Fatal(err)
		}
		digests = append(digests, s.Digest())
	}
	if len(slices.Compact(digests)) != 1 {
		t.Error("the digests differ")
	}
}
