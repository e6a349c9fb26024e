package pickle

import (
	"bufio"
	"compress/gzip"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// planetoid holds the parts of a data set of Planetoid.
type planetoid struct {
	features [][]int64 // the columns of the ones of each node
	labels   []int64
	edges    map[[2]int64]bool
	test     []int64
}

// openPlanetoid reads ind.NAME.* in a folder, and puts the test nodes in their places.
func openPlanetoid(t *testing.T, dir, name string) *planetoid {
	t.Helper()
	part := func(part string) any {
		v, err := everything.File(filepath.Join(dir, "ind."+name+"."+part))
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	index, err := os.ReadFile(filepath.Join(dir, "ind."+name+".test.index"))
	if err != nil {
		t.Fatal(err)
	}
	p := &planetoid{edges: map[[2]int64]bool{}}
	for _, word := range strings.Fields(string(index)) {
		i, err := strconv.ParseInt(word, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		p.test = append(p.test, i)
	}
	graph := part("graph").(*Dict)
	nodes := len(graph.Keys)
	p.features, p.labels = make([][]int64, nodes), make([]int64, nodes)
	place := func(features, labels any, at func(i int) int64) {
		m := features.(*CSR)
		indptr, indices, values, err := m.Parts()
		if err != nil {
			t.Fatal(err)
		}
		y, err := labels.(*Array).Int64s()
		if err != nil {
			t.Fatal(err)
		}
		classes := labels.(*Array).Shape[1]
		for i := range m.Shape[0] {
			row := indices[indptr[i]:indptr[i+1]]
			for _, x := range values[indptr[i]:indptr[i+1]] {
				if name == "cora" && x != 1 {
					t.Errorf("a feature is %v", x)
				}
			}
			slices.Sort(row)
			p.features[at(i)] = row
			p.labels[at(i)] = int64(max(0, slices.Index(y[i*classes:(i+1)*classes], 1)))
		}
	}
	place(part("allx"), part("ally"), func(i int) int64 { return int64(i) })
	place(part("tx"), part("ty"), func(i int) int64 { return p.test[i] })
	for i, k := range graph.Keys {
		u := k.(int64)
		neighbours, err := Ints(graph.Values[i])
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range neighbours {
			if u != v {
				p.edges[[2]int64{min(u, v), max(u, v)}] = true
			}
		}
	}
	return p
}

// A graph in Planetoid's format, written by programs of its time.
func TestPlanetoidTiny(t *testing.T) {
	p := openPlanetoid(t, "testdata", "tiny")
	if want := [][]int64{{0}, {1}, {2}, {0, 1}, {0, 2}, nil, {1, 2}}; !slices.EqualFunc(p.features, want, slices.Equal) {
		t.Errorf("features %v", p.features)
	}
	if want := []int64{0, 1, 0, 1, 0, 0, 1}; !slices.Equal(p.labels, want) {
		t.Errorf("labels %v", p.labels)
	}
	if len(p.edges) != 5 || !p.edges[[2]int64{2, 4}] || !p.edges[[2]int64{3, 6}] {
		t.Errorf("edges %v", p.edges)
	}
}

// Cora as published, compared with the same data as text.
func TestPlanetoidCora(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "shared", "data", "planetoid")
	if _, err := os.Stat(filepath.Join(dir, "ind.cora.x")); errors.Is(err, fs.ErrNotExist) {
		t.Skip("needs ../shared/data/planetoid/ind.cora.*, the pickles, which are not here")
	}
	p := openPlanetoid(t, dir, "cora")
	var features [][]int64
	edges := map[[2]int64]bool{}
	for _, line := range lines(t, filepath.Join(dir, "cora.features.txt.gz")) {
		features = append(features, ints(t, line))
	}
	for _, line := range lines(t, filepath.Join(dir, "cora.edges.txt.gz")) {
		e := ints(t, line)
		edges[[2]int64{e[0], e[1]}] = true
	}
	if !slices.EqualFunc(p.features, features, slices.Equal) {
		t.Error("features differ")
	}
	if len(p.edges) != len(edges) {
		t.Errorf("%d edges, want %d", len(p.edges), len(edges))
	}
	for e := range edges {
		if !p.edges[e] {
			t.Errorf("edge %v is missing", e)
		}
	}
}

// lines returns the lines of a gzipped text.
func lines(t *testing.T, name string) (list []string) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	s := bufio.NewScanner(z)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		list = append(list, s.Text())
	}
	return list
}

func ints(t *testing.T, line string) (list []int64) {
	t.Helper()
	for _, word := range strings.Fields(line) {
		i, err := strconv.ParseInt(word, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, i)
	}
	return list
}
