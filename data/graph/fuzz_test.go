package graph

import (
	"bytes"
	"testing"

	"breakeven/internal/testenv"
)

// Whatever stands in the files of a graph in text, they are a Set that keeps its promises or an
// error, and take memory in proportion to their length.
func FuzzText(f *testing.F) {
	t := tiny("g")
	f.Add([]byte(t["g.features.txt"]), []byte(t["g.edges.txt"]), []byte(t["g.labels.txt"]), []byte(t["g.split.json"]))
	f.Add([]byte("0\n\n"), []byte("0 1 2e30\n"), []byte("0\n-1\n"), []byte("{}"))
	f.Add([]byte("2147483646\n1:-0\n"), []byte("0 1\n1 0\n"), []byte("1\n1\n"), []byte(`{"train":[0],"no_label":[1]}`))
	f.Fuzz(func(t *testing.T, features, edges, labels, split []byte) {
		dir := t.TempDir()
		put(t, dir, map[string]string{"g.features.txt": string(features), "g.edges.txt": string(edges), "g.labels.txt": string(labels), "g.split.json": string(split)})
		size := int64(len(features) + len(edges) + len(labels) + len(split))
		var s *Set
		var err error
		taken := testenv.Allocated(func() { s, err = OpenFile(dir, Options{Most: 1 << 20}) })
		if taken > 4<<20+256*size && !bytes.HasPrefix(features, []byte{0x1f, 0x8b}) {
			t.Errorf("%d bytes were taken for %d", taken, size)
		}
		if err == nil {
			promises(t, s)
		}
	})
}

// promises checks what every Set has.
func promises(t *testing.T, s *Set) {
	t.Helper()
	n := s.Nodes()
	if s.Features.Rows != n || len(s.Labels) != n || s.Edges.Cols != n || s.Classes < 1 || len(s.Edges.Index) == 0 {
		t.Fatalf("%d nodes, features of %d, %d labels, %d classes, %d edges", n, s.Features.Rows, len(s.Labels), s.Classes, len(s.Edges.Index))
	}
	for i := range n {
		if l := s.Labels[i]; l < -1 || int(l) >= s.Classes {
			t.Errorf("label %d of %d classes", l, s.Classes)
		}
		index, value := s.Edges.Row(i)
		back, backValue := s.Edges.T().Row(i)
		for e, j := range index {
			if int(j) == i || !(value[e] > 0) || !s.Directed && (back[e] != j || backValue[e] != value[e]) {
				t.Errorf("edge from %d to %d of weight %v", j, i, value[e])
			}
		}
	}
	if len(s.Public.Train) > 0 {
		if _, err := s.Split("full"); err != nil {
			t.Error(err)
		}
	}
}
