package graph

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"breakeven/tensor"
)

// dense returns a matrix in full.
func dense(m *tensor.CSR) [][]float32 {
	rows := make([][]float32, m.Rows)
	for i := range rows {
		rows[i] = make([]float32, m.Cols)
		index, value := m.Row(i)
		for e, j := range index {
			rows[i][j] = value[e]
		}
	}
	return rows
}

// Loops and duplicates are left out and counted; weights and directions are kept.
func TestEdges(t *testing.T) {
	const edges = "0 1 2\n1 1 5\n0 1 2\n2 1 .5\n3 3 1\n"
	files := tiny("g", map[string]string{"edges.txt": edges, "split.json": ""})
	both, err := file(t, files, "", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if want := [][]float32{{0, 2, 0, 0}, {2, 0, .5, 0}, {0, .5, 0, 0}, {0, 0, 0, 0}}; !cmp.Equal(dense(both.Edges), want) {
		t.Errorf("edges %v, want %v", dense(both.Edges), want)
	}
	if want := []string{"g: 2 edges from a node to itself were left out", "g: 1 edges are there more than once, and count once"}; !cmp.Equal(both.Warnings, want) {
		t.Errorf("warnings %q", both.Warnings)
	}
	directed, err := file(t, files, "", Options{Directed: true})
	if err != nil {
		t.Fatal(err)
	}
	// Row 1 has the edges that end in node 1.
	if want := [][]float32{{0, 0, 0, 0}, {2, 0, .5, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}}; !cmp.Equal(dense(directed.Edges), want) || !directed.Directed {
		t.Errorf("directed: edges %v, want %v", dense(directed.Edges), want)
	}
	// In one direction each, two weights are two edges.
	files["g.edges.txt"] = "0 1 2\n1 0 3\n"
	if directed, err = file(t, files, "", Options{Directed: true}); err != nil || directed.Edges.Value[0] != 3 || directed.Edges.Value[1] != 2 {
		t.Errorf("directed: %v", err)
	}
}

// Edges in any order, in one direction or in both, some of them twice, give the matrix that a
// dense twin gives.
func TestEdgesRandom(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 12).Draw(t, "nodes")
		node := rapid.Int32Range(0, int32(n-1))
		list := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) [2]int32 { return [2]int32{node.Draw(t, "u"), node.Draw(t, "v")} }), 1, 60).Draw(t, "edges")
		directed := rapid.Bool().Draw(t, "directed")
		c := &content{name: "g", features: tensor.NewCSR(n, 1, make([]int, n+1), nil, nil), edgeAt: func(int) string { return "edges" }}
		want, times := make([][]float32, n), map[[2]int32]int{}
		for i := range want {
			want[i] = make([]float32, n)
		}
		loops, duplicates := 0, 0
		for _, e := range list {
			c.edges.add(e[0], e[1])
			if e[0] == e[1] {
				loops++
				continue
			}
			if times[e]++; times[e] > 1 {
				duplicates++
			}
			want[e[1]][e[0]] = 1
			if !directed {
				want[e[0]][e[1]] = 1
			}
		}
		m, err := c.adjacency(directed)
		if loops == len(list) {
			if err == nil {
				t.Fatal("loops alone are a graph")
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if !cmp.Equal(dense(m), want) {
			t.Errorf("%v, want %v", dense(m), want)
		}
		var warnings []string
		if loops > 0 {
			warnings = append(warnings, fmt.Sprintf("g: %d edges from", loops))
		}
		if duplicates > 0 {
			warnings = append(warnings, fmt.Sprintf("g: %d edges are there more than once", duplicates))
		}
		if !slices.EqualFunc(c.repairs, warnings, strings.HasPrefix) {
			t.Errorf("warnings %q, want %q", c.repairs, warnings)
		}
	})
}

// withNodes is a set of n nodes in a row, of which every seventh has no label.
func withNodes(t *testing.T, n int) *Set {
	t.Helper()
	c := &content{name: "g", labels: make([]int32, n), split: Split{[]int32{3, 1}, []int32{4}, []int32{5, 2}}}
	m := newMatrix(1, DefaultMost)
	at := func(int) string { return "g" }
	c.edgeAt, c.labelAt, c.splitAt = at, at, "g"
	for i := range n {
		if err := m.end(); err != nil {
			t.Fatal(err)
		}
		if i%7 == 6 {
			c.labels[i] = -1
		}
		if i > 0 {
			c.edges.add(int32(i-1), int32(i))
		}
	}
	c.features = m.csr(1)
	s, err := c.set(false)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSplits(t *testing.T) {
	s := withNodes(t, 1499)
	if got, err := s.Split("public"); err != nil || !cmp.Equal(got, Split{[]int32{1, 3}, []int32{4}, []int32{2, 5}}) {
		t.Errorf("public: %v, %v", got, err)
	}
	full, err := s.Split("full")
	if err != nil || len(full.Train) != 1499-214-3 || !cmp.Equal(full.Train[:5], []int32{0, 1, 3, 7, 8}) {
		t.Errorf("full: %d for training, %v, %v", len(full.Train), full.Train[:5], err)
	}
	_, err = s.Split("complete")
	complains(t, err, "the split complete needs 1500 nodes, and g has 1499")
	_, err = s.Split("half")
	complains(t, err, `no split is called "half"; there are public, full and complete`)
	complete, err := withNodes(t, 1500).Split("complete")
	if err != nil || complete.Train[0] != 0 || complete.Valid[0] != 500 || complete.Test[0] != 1001 ||
		len(complete.Train) != 500-71 || len(complete.Valid) != 500-71 || len(complete.Test) != 500-72 {
		t.Errorf("complete: %d, %d and %d nodes, %v", len(complete.Train), len(complete.Valid), len(complete.Test), err)
	}
	s.Public = Split{}
	for _, name := range []string{"public", "full"} {
		_, err = s.Split(name)
		complains(t, err, "g does not say which nodes are for training, so that there is no split "+name)
	}
}

// Every part of the content is in the digest.
func TestDigest(t *testing.T) {
	seen := map[string]string{}
	for what, change := range map[string]map[string]string{
		"the same": {}, "another feature": {"features.txt": "0 1\n1:0.5 2:-3\n\n0:2\n"}, "another value": {"features.txt": "0 2\n1:0.5 2:3\n\n0:2\n"},
		"another edge": {"edges.txt": "0 1\n0 2\n1 3\n"}, "a weight": {"edges.txt": "0 1 1\n0 2 1\n1 2 2\n"}, "another label": {"labels.txt": "0\n1\n1\n-1\n"},
		"another class": {"split.json": `{"classes":3, "features":3, "train":[1], "val":[0], "test":[2]}`}, "another split": {"split.json": `{"classes":2, "features":3, "train":[0], "val":[1], "test":[2]}`},
		"another width": {"split.json": `{"classes":2, "features":4, "train":[1], "val":[0], "test":[2]}`},
	} {
		s, err := file(t, tiny("g", change), "", Options{})
		if err != nil {
			t.Fatal(err)
		}
		if other, ok := seen[s.Digest()]; ok {
			t.Errorf("%s and %s have the same digest", what, other)
		}
		seen[s.Digest()] = what
	}
}

// Labels that are words are numbered in their alphabetical order.
func TestClassNames(t *testing.T) {
	s, err := file(t, tinyTables(map[string]string{"nodes.csv": "label,a\nox, 1\ncat,1\n,2\nox,3\n"}), "", Options{})
	if err != nil || !cmp.Equal(s.ClassNames, []string{"cat", "ox"}) || !cmp.Equal(s.Labels, []int32{1, 0, -1, 1}) || s.Classes != 2 {
		t.Errorf("classes %v, labels %v, %v", s.ClassNames, s.Labels, err)
	}
}
