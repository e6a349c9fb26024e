package graph

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Bad files in text are one error each, with the file and the line.
func TestTextErrors(t *testing.T) {
	for _, test := range []struct{ ending, content, want string }{
		{"edges.txt", "0 1\n0 4\n", "g.edges.txt:2: an edge between the nodes 0 and 4, and the nodes are 0 to 3"},
		{"edges.txt", "0 -1\n", "g.edges.txt:1: an edge between the nodes 0 and -1"},
		{"edges.txt", "0 3000000000\n", "g.edges.txt:1: an edge between the nodes 0 and 3000000000"},
		{"edges.txt", "0 1 2 3\n", "g.edges.txt:1: 4 words; an edge is two nodes"},
		{"edges.txt", "0 1 2\n0 2\n", "g.edges.txt:2: 2 words; an edge is two nodes, and in all lines or in none a weight"},
		{"edges.txt", "# comment\n", `g.edges.txt:1: "#" is no node`},
		{"edges.txt", "0 1 0\n", "g.edges.txt:1: an edge of weight 0; weights must be positive and finite"},
		{"edges.txt", "0 1 1\n1 2 -1\n", "g.edges.txt:2: an edge of weight -1"},
		{"edges.txt", "0 1 nan\n", "g.edges.txt:1: an edge of weight NaN"},
		{"edges.txt", "0 1 x\n", `g.edges.txt:1: "x" is no weight`},
		{"edges.txt", "0 1 1\n1 0 2\n", "g.edges.txt: the edge between the nodes 1 and 0 has the weights 2 and 1; give it once"},
		{"edges.txt", "0 1 1\n0 1 2\n", "g.edges.txt: the edge between the nodes 0 and 1 has the weights 1 and 2"},
		{"edges.txt", "1 1\n2 2\n", "g.edges.txt: no edges but 2 from a node to itself"},
		{"edges.txt", "\n", "g.edges.txt:1: 0 words"},
		{"edges.txt", " ", "g.edges.txt:1: 0 words"},
		{"features.txt", "0 3\n\n\n\n", "g.features.txt:1: feature 3, and the features are 0 to 2"},
		{"features.txt", "0\n1:nan\n\n\n", "g.features.txt:2: feature 1 is NaN; features must be finite"},
		{"features.txt", "0\n1:1e99\n\n\n", `g.features.txt:2: "1:1e99": "1e99" is no number`},
		{"features.txt", "0\n1 2 1\n\n\n", "g.features.txt:2: feature 1 is there twice"},
		{"features.txt", "-1\n\n\n\n", `g.features.txt:1: "-1" is neither a column nor column:value`},
		{"features.txt", "0\n1\n", "g.labels.txt:3: a label too many: there are features of 2 nodes"},
		{"features.txt", "<!DOCTYPE html>\n", "g.features.txt: it is a web page"},
		{"features.txt", "version https://git-lfs.github.com/spec/v1\n", "g.features.txt: it is a pointer of Git LFS"},
		{"features.txt", "\x1f\x8bx", "g.features.txt: a damaged gzip file"},
		{"features.txt", zipped(t, "0\n1\n2\n")[:15], "g.features.txt: damaged or truncated"},
		{"labels.txt", "0\n1\n0\n2\n", "g.labels.txt:4: label 2 of node 3 is out of range, with 2 classes"},
		{"labels.txt", "0\n-2\n0\n1\n", "g.labels.txt:2: label -2 of node 1 is out of range"},
		{"labels.txt", "0\nx\n0\n1\n", `g.labels.txt:2: "x" is no label`},
		{"labels.txt", "0\n1\n", "g.labels.txt: 2 labels, and features of 4 nodes"},
		{"labels.txt", "-1\n-1\n-1\n-1\n", "g.labels.txt: no node has a label"},
		{"split.json", `{"train":[0,1],"val":[1],"test":[2]}`, "g.split.json: node 1 is for training and for validation; the parts of a split must not overlap"},
		{"split.json", `{"train":[0,1,0]}`, "g.split.json: node 0 is for training twice"},
		{"split.json", `{"train":[],"test":[2]}`, "g.split.json: no nodes are for training"},
		{"split.json", `{"train":[0,1],"test":[4]}`, "g.split.json: node 4 is for the test, and the nodes are 0 to 3"},
		{"split.json", `{"train":[0,1],"test":[30000000000]}`, "g.split.json: node 30000000000 is for the test"},
		{"split.json", `{"train":[0,1],"test":[3]}`, "g.split.json: node 3 is for the test, and has no label"},
		{"split.json", `{"nodes":5}`, "g.split.json says that there are 5 nodes, and there are features of 4"},
		{"split.json", `{"edges":5}`, "g.split.json says that there are 5 edges, and there are 3"},
		{"split.json", `{"features":-5}`, "g.split.json: a number of nodes, features, classes or edges is out of range"},
		{"split.json", `{"features":2000000000}`, "g: 2000000000 features, more than the 16777216 that are read"},
		{"split.json", `{"classes":2000000000}`, "g: 2000000000 classes of 4 nodes"},
		{"split.json", "{\n\"train\":[x]}", "g.split.json:2: invalid character"},
		{"split.json", "{\n\"train\":\"all\"}", "g.split.json:2: train is string, where a number of nodes, or a list of nodes, is wanted"},
	} {
		_, err := file(t, tiny("g", map[string]string{test.ending: test.content}), "", Options{})
		complains(t, err, test.want)
	}
	for _, ending := range []string{"edges.txt", "features.txt", "labels.txt", "split.json"} {
		files := tiny("g")
		files["g."+ending] = ""
		_, err := file(t, files, "", Options{})
		complains(t, err, "g."+ending+" is empty")
	}
}

// Missing files are named, and the error says that they are missing.
func TestMissingFiles(t *testing.T) {
	tables := tinyTables(map[string]string{"nodes.csv": ""})
	pickles := copied(t, "ind.tiny.*")
	delete(pickles, "ind.tiny.allx")
	for want, files := range map[string]map[string]string{
		"no g.edges.txt (or g.edges.txt.gz) in ":                    tiny("g", map[string]string{"edges.txt": ""}),
		"no g.labels.txt":                                           tiny("g", map[string]string{"labels.txt": ""}),
		"no ind.tiny.allx in ":                                      pickles,
		"has edges, and no nodes.csv (.tsv, .parquet) with a label": tables,
		"no node-feat.csv":                                          {"edge.csv": "0,1\n"},
	} {
		_, err := file(t, files, "", Options{})
		complains(t, err, want)
		if !strings.HasPrefix(want, "has") && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("error %v is not fs.ErrNotExist", err)
		}
	}
	_, err := file(t, nil, "none", Options{})
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v is not fs.ErrNotExist", err)
	}
	_, err = file(t, map[string]string{"a": "b"}, "", Options{})
	complains(t, err, "has no graph: neither edges.csv")
	two := tiny("h")
	for name, content := range tiny("g") {
		two[name] = content
	}
	_, err = file(t, two, "", Options{})
	complains(t, err, "has several graphs; name one of these files in it: g.features.txt, h.features.txt")
	for _, name := range []string{"g.features.txt", "g.edges.txt", "h.split.json"} {
		if s, err := file(t, two, name, Options{}); err != nil || s.Name != name[:1] {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNPZErrors(t *testing.T) {
	none := array{}
	sparse := func(changes ...map[string]array) map[string]array {
		return tinyArrays(append([]map[string]array{{
			"edge_index": none, "adj_data": float32s("(3,)", 1, 1, 1), "adj_indices": int64s("(3,)", 1, 2, 2), "adj_indptr": int64s("(5,)", 0, 2, 3, 3, 3), "adj_shape": int64s("(2,)", 4, 4),
		}}, changes...)...)
	}
	for want, arrays := range map[string]map[string]array{
		"array edge_index, edge 1: an edge between the nodes 0 and 7, and the nodes are 0 to 3": tinyArrays(map[string]array{"edge_index": int64s("(2, 3)", 2, 0, 1, 0, 7, 2)}),
		"array edge_index: edges of the shape [3 3]":                                            tinyArrays(map[string]array{"edge_index": int64s("(3, 3)", 2, 0, 1, 0, 1, 2, 0, 0, 0)}),
		"array edge_index: no edges":                                                            tinyArrays(map[string]array{"edge_index": int64s("(2, 0)")}),
		"array edge_index: value [0, 0]: 0.5 is no whole number":                                tinyArrays(map[string]array{"edge_index": float32s("(2, 1)", 0.5, 1)}),
		"array edge_index: value [0, 0]: 4294967296 is beyond a 32-bit":                         tinyArrays(map[string]array{"edge_index": int64s("(2, 1)", 1<<32, 1)}),
		"no array edge_index (or edges); it has":                                                tinyArrays(map[string]array{"edge_index": none}),
		"array edge_weight: 2 weights, and there are 3 edges":                                   tinyArrays(map[string]array{"edge_weight": float32s("(2,)", 1, 1)}),
		"array edge_index, edge 2: an edge of weight -3":                                        tinyArrays(map[string]array{"edge_weight": float32s("(3,)", 1, 2, -3)}),
		"array x: value [1, 0]: NaN, where a value is needed":                                   tinyArrays(map[string]array{"x": float32s("(4, 1)", 0, float32(nan), 0, 0)}),
		"array x, row 1: feature 0 is +Inf; features must be finite":                            tinyArrays(map[string]array{"x": float32s("(4, 1)", 0, float32(inf), 0, 0)}),
		"array x: features of the shape [4]":                                                    tinyArrays(map[string]array{"x": float32s("(4,)", 0, 1, 0, 0)}),
		"no features":                                                                           tinyArrays(map[string]array{"x": float32s("(4, 0)")}),
		"no nodes":                                                                              tinyArrays(map[string]array{"x": float32s("(0, 4)")}),
		"array y: 3 labels, and features of 4 nodes":                                            tinyArrays(map[string]array{"y": int64s("(3,)", 0, 1, 0)}),
		"array y: it has the shape [2 2]":                                                       tinyArrays(map[string]array{"y": int64s("(2, 2)", 0, 1, 0, 1)}),
		"array y, row 3: label 4 of node 3 is out of range, with 4 nodes":                       tinyArrays(map[string]array{"y": int64s("(4,)", 0, 1, 0, 4)}),
		"no array labels (or y, label)":                                                         tinyArrays(map[string]array{"y": none}),
		"array train_mask: a mask of 3 nodes":                                                   tinyArrays(map[string]array{"train_mask": bools(true, true, true)}),
		"array train_mask: it has the shape [2 2]":                                              tinyArrays(map[string]array{"train_mask": {"|b1", "(2, 2)", []bool{true, true, true, false}}}),
		"array train_mask: value [0]: 2 is neither true (1) nor false (0)":                      tinyArrays(map[string]array{"train_mask": int64s("(1,)", 2)}),
		"no nodes are for training":                                                             tinyArrays(map[string]array{"train_mask": bools(false, false, false, false)}),
		"array test_mask: node 1 is for training and for the test":                              tinyArrays(map[string]array{"test_mask": bools(false, true, true, false)}),
		"array adj_data: edges of a matrix [5, 4], and there are features":                      sparse(map[string]array{"adj_indptr": int64s("(6,)", 0, 2, 3, 3, 3, 3), "adj_shape": int64s("(2,)", 5, 4)}),
		"array adj_data, row 1: an edge of weight -1":                                           sparse(map[string]array{"adj_data": float32s("(3,)", 1, 1, -1)}),
		"array adj_indptr: a sparse matrix of 4 columns with a value in column 9 of row 0":      sparse(map[string]array{"adj_indices": int64s("(3,)", 1, 9, 2)}),
		"array adj_indptr: a sparse matrix of 4 rows with 4 starts":                             sparse(map[string]array{"adj_indptr": int64s("(4,)", 0, 2, 3, 3)}),
		"array adj_indptr: a sparse matrix whose row 1 is values 2 to 1":                        sparse(map[string]array{"adj_indptr": int64s("(5,)", 0, 2, 1, 3, 3)}),
		"array adj_shape: [1099511627776 4] is no shape of a matrix":                            sparse(map[string]array{"adj_shape": int64s("(2,)", 1<<40, 4)}),
		"array x: truncated":                                                                    tinyArrays(map[string]array{"x": float32s("(4000000000, 3)", 1)}),
	} {
		_, err := file(t, map[string]string{"g.npz": npz(t, arrays)}, "g.npz", Options{})
		complains(t, err, want)
	}
	bomb := npz(t, tinyArrays(map[string]array{"x": float32s("(1000, 1000)", make([]float32, 1e6)...)}))
	if len(bomb) > 1<<16 {
		t.Errorf("the bomb has %d bytes", len(bomb))
	}
	_, err := file(t, map[string]string{"g.npz": bomb}, "g.npz", Options{Most: 1 << 20})
	complains(t, err, "takes more than 1048576 bytes of memory, the most that is allowed")
	_, err = file(t, map[string]string{"g.csv": "a,b\n1,2\n"}, "g.csv", Options{})
	complains(t, err, "g.csv is a table; a graph is a folder with the files edges.csv and nodes.csv, or an npz file")
}

func TestTableErrors(t *testing.T) {
	for _, test := range []struct{ name, content, want string }{
		{"edges.csv", "source,target\n0,1\n0,4\n", "edges.csv:3: an edge between the nodes 0 and 4, and the nodes are 0 to 3"},
		{"edges.csv", "source,target\n0,3000000000\n", "edges.csv:2: column target: 3000000000 is beyond a 32-bit integer"},
		{"edges.csv", "source,target,weight\n0,1,1\n0,2,0\n", "edges.csv:3: an edge of weight 0"},
		{"edges.csv", "source,target,weight\n0,1,\n", "edges.csv:2: column weight: empty, where a value is needed"},
		{"edges.csv", "source,target\n", "edges.csv: no edges"},
		{"edges.csv", ",u,v\n0,0,1\n", "edges.csv: a column without a name, perhaps the index of pandas"},
		{"edges.csv", "n,source,end\n0,0,1\n", "edges.csv: no column target (or dst, to, dest, destination); it has n, source, end"},
		{"edges.csv", "source\n1\n", "edges.csv: no column target"},
		{"edges.csv", "u\n1\n", "edges.csv: one column; an edge is two nodes"},
		{"edges.csv", "0,1\n", "edges.csv:1: numbers stand where the names of the columns should"},
		{"edges.csv", "source,target\nann,bob\n", `edges.csv:2: column source: "ann" is no number`},
		{"nodes.csv", ",label,a\n0,0,1\n", "nodes.csv: a column without a name, perhaps the index of pandas"},
		{"nodes.csv", "a,split\n1,train\n", "no column label (or labels, class, y); it has a, split"},
		{"nodes.csv", "label,split\n1,train\n", "no columns are left for the matrix of columns"},
		{"nodes.csv", "label,a\n0,1\n1,\n", "nodes.csv:3: column a: empty, where a value is needed"},
		{"nodes.csv", "label,a\n0,1\n1,inf\n", "nodes.csv:3: feature 0 is +Inf"},
		{"nodes.csv", "label,city\n0,Paris\n", `nodes.csv:2: column city: "Paris" is no number`},
		{"nodes.csv", "label,a\n0,1\nx,1\n", `nodes.csv:3: the label "x" is no number, and others are`},
		{"nodes.csv", "label,a\n0,1\n5,1\n1,1\n", "nodes.csv:3: label 5 of node 1 is out of range, with 3 nodes"},
		{"nodes.csv", "label,a,split\n0,1,train\n1,1,tset\n", `nodes.csv:3: column split: "tset" is no part of a split; write train, valid, test or nothing`},
		{"nodes.csv", "id,label,a\nu,0,1\nu,1,1\n", `nodes.csv:3: the id "u" is that of row 0, too`},
		{"nodes.csv", "id,label,a\n0,0,1\n1,1,1\n", `edges.csv:3: no node has the id "2"`},
		{"nodes.csv", "label,a,train_mask,test_mask\n0,1,1,0\n1,1,1,0\n1,1,0,1\n0,1,1,1\n", "node 3 is for training and for the test"},
		{"nodes.csv", "label,a,split\n0,1,train\n1,1,train\n,1,test\n", "nodes.csv: node 2 is for the test, and has no label"},
	} {
		_, err := file(t, tinyTables(map[string]string{test.name: test.content}), "", Options{})
		complains(t, err, test.want)
	}
	for _, name := range []string{"edges.csv", "nodes.csv"} {
		files := tinyTables()
		files[name] = ""
		_, err := file(t, files, "", Options{})
		complains(t, err, name+" is empty")
	}
}

func TestPickleErrors(t *testing.T) {
	evil := copied(t, "evil.pkl")["evil.pkl"]
	for _, test := range []struct{ name, content, want string }{
		{"graph", evil, "ind.tiny.graph: pickle: it needs \"posix.system\" of Python, which is not among what is read; no code of a pickle is ever run"},
		{"allx", evil, "no code of a pickle is ever run"},
		{"allx", "ind.tiny.y", "ind.tiny.allx holds an array of shape [2 2], where a sparse matrix is wanted"},
		{"ally", "ind.tiny.x", "ind.tiny.ally holds a sparse matrix of shape [2 3], where an array of nodes and classes is wanted"},
		{"ally", "ind.tiny.y", "ind.tiny.ally has the shape [2 2], and there are features of 4 nodes"},
		{"graph", "ind.tiny.x", "ind.tiny.graph holds a sparse matrix of shape [2 3], where a dictionary of the nodes' neighbours is wanted"},
		{"y", "ind.tiny.graph", "ind.tiny.y holds a dictionary"},
		{"graph", "(dp0\nI0\n(lp1\nI9\nas.", "ind.tiny.graph: an edge between the nodes 0 and 9, and the nodes are 0 to 6"},
		{"graph", "(dp0\nS'a'\n(lp1\nI9\nas.", "ind.tiny.graph: a text, where the number of a node is wanted"},
		{"graph", "(dp0\nI0\nI1\ns.", "ind.tiny.graph: neighbours of node 0: an integer, where integers are wanted"},
		{"graph", "", "ind.tiny.graph: pickle: "},
		{"test.index", "4\n4\n", "ind.tiny.test.index: node 4 is there twice"},
		{"test.index", "3\n4\n", "ind.tiny.test.index: node 3 is for the test, and one of the 4 in allx"},
		{"test.index", "4\n", "ind.tiny.tx has 2 rows, and test.index 1 nodes"},
		{"test.index", "4\n1000000000\n", "ind.tiny.test.index: node 1000000000, with 4 nodes before the test and 2 for it"},
		{"test.index", "4\nx\n", `ind.tiny.test.index:2: "x" is no node`},
	} {
		files := copied(t, "ind.tiny.*")
		if other, ok := files[test.content]; ok {
			test.content = other
		}
		files["ind.tiny."+test.name] = test.content
		_, err := file(t, files, "", Options{})
		complains(t, err, test.want)
	}
}

func TestOGBErrors(t *testing.T) {
	good := map[string]string{
		"raw/edge.csv": "0,1\n1,2\n", "raw/node-feat.csv": "1,2\n3,4\n5,6\n", "raw/node-label.csv": "0\n1\n0\n",
		"split/time/train.csv": "0\n", "split/time/valid.csv": "1\n", "split/time/test.csv": "2\n",
	}
	if s, err := file(t, good, "", Options{}); err != nil || s.Nodes() != 3 {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, content, want string }{
		{"raw/edge.csv", "0,1\n0,3\n", "edge.csv:2: an edge between the nodes 0 and 3"},
		{"raw/edge.csv", "0,1,2\n", "edge.csv: 3 columns, where an edge is two nodes"},
		{"raw/node-label.csv", "0,1\n1,1\n0,1\n", "node-label.csv: 2 columns, where one value for each row is wanted"},
		{"raw/node-label.csv", "0\n1\n", "node-label.csv: 2 labels, and features of 3 nodes"},
		{"split/other/train.csv", "0\n", "split has 2 splits; leave one folder in it"},
		{"split/time/valid.csv", "0\n", "node 0 is for training and for validation"},
	} {
		files := map[string]string{test.name: test.content}
		for name, content := range good {
			if name != test.name {
				files[name] = content
			}
		}
		_, err := file(t, files, "", Options{})
		complains(t, err, test.want)
	}
}

// A small file that unpacks to a large one takes no more memory than is allowed.
func TestBombs(t *testing.T) {
	lines := zipped(t, strings.Repeat("\n", 1<<20))
	_, err := file(t, tiny("g", map[string]string{"features.txt": lines}), "", Options{Most: 1 << 19})
	complains(t, err, "g.features.txt:65536: features of more than 524288 bytes of memory")
	_, err = file(t, tiny("g", map[string]string{"labels.txt": zipped(t, strings.Repeat("0", 20<<20))}), "", Options{})
	complains(t, err, "g.labels.txt:1: a line of more than 16777216 bytes")
	_, err = file(t, tiny("g", map[string]string{"edges.txt": zipped(t, strings.Repeat("0 1\n", 1<<18))}), "", Options{Most: 1 << 19})
	complains(t, err, "g.edges.txt: it has more than 524288 bytes, the most that is read")
}

// What has the name of a file and is none.
func TestNoFiles(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, tiny("g", map[string]string{"edges.txt": ""}))
	if err := os.Mkdir(filepath.Join(dir, "g.edges.txt"), 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := OpenFile(dir, Options{})
	complains(t, err, "g.edges.txt is a folder; give the name of a file")
}
