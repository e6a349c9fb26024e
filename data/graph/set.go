package graph

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"

	"breakeven/tensor"
)

// A Set is a graph whose nodes have features and labels.
type Set struct {
	Name       string      // of the data set: "cora"; of a file, its name
	Features   *tensor.CSR // [nodes, features], as published: not normalised
	Edges      *tensor.CSR // [nodes, nodes]: row i has the weights of the edges that end in node i; symmetric unless Directed
	Directed   bool        // the directions of the edges were kept
	Labels     []int32     // of each node; -1: it has none
	Classes    int
	ClassNames []string // of the labels 0, 1, …, if the file has words for labels
	Public     Split    // as the authors of the set, or its file, cut it; empty if they did not
	Warnings   []string // must be told to the user beside every result made from the set
}

// A Split says which nodes are for what. The numbers of each part increase, and no node is in
// two of them.
type Split struct{ Train, Valid, Test []int32 }

// Nodes returns the number of nodes.
func (s *Set) Nodes() int { return s.Edges.Rows }

// Bytes returns the memory that the set takes.
func (s *Set) Bytes() int64 { return s.Features.Bytes() + s.Edges.Bytes() + 4*int64(len(s.Labels)) }

const (
	// parts of the complete split
	completeValid = 500
	completeTest  = 500
	completeLeast = 1500
)

// Splits are the names of the ways to split a set.
var Splits = []string{"public", "full", "complete"}

// Split returns a split by its name:
//
//   - public: as the authors of the set cut it;
//   - full: validation and test as in public, and all other nodes for training;
//   - complete: of N nodes the first N-1000 for training, the next 500 for validation and the
//     last 500 for the test.
//
// Nodes without a label are left out.
func (s *Set) Split(name string) (Split, error) {
	switch name {
	case "public", "full":
		if len(s.Public.Train) == 0 {
			return Split{}, fmt.Errorf("graph: %s does not say which nodes are for training, so that there is no split %s; give it a split, or use complete", s.Name, name)
		}
		if name == "public" {
			return s.Public, nil
		}
		return s.full(), nil
	case "complete":
		if s.Nodes() < completeLeast {
			return Split{}, fmt.Errorf("graph: the split complete needs %d nodes, and %s has %d", completeLeast, s.Name, s.Nodes())
		}
		test := s.Nodes() - completeTest
		valid := test - completeValid
		return Split{s.labelled(0, valid), s.labelled(valid, test), s.labelled(test, s.Nodes())}, nil
	}
	return Split{}, fmt.Errorf("graph: no split is called %q; there are public, full and complete", name)
}

// full returns the public split with all other nodes for training.
func (s *Set) full() Split {
	held := make([]bool, s.Nodes())
	for _, part := range [][]int32{s.Public.Valid, s.Public.Test} {
		for _, i := range part {
			held[i] = true
		}
	}
	full := Split{Valid: s.Public.Valid, Test: s.Public.Test}
	for _, i := range s.labelled(0, s.Nodes()) {
		if !held[i] {
			full.Train = append(full.Train, i)
		}
	}
	return full
}

// labelled returns the nodes lo … hi-1 that have a label.
func (s *Set) labelled(lo, hi int) (nodes []int32) {
	for i := lo; i < hi; i++ {
		if s.Labels[i] >= 0 {
			nodes = append(nodes, int32(i))
		}
	}
	return nodes
}

// Digest returns a SHA-256 of the features, the edges, the labels and the public split. It does
// not depend on the form of the files that they were read from, nor on the order of edges there.
func (s *Set) Digest() string {
	h := sha256.New()
	var b []byte
	numbers := func(n int, number func(i int) uint64) {
		b = binary.LittleEndian.AppendUint64(b[:0], uint64(n))
		for i := range n {
			b = binary.LittleEndian.AppendUint64(b, number(i))
			if len(b) >= 1<<16 {
				h.Write(b)
				b = b[:0]
			}
		}
		h.Write(b)
	}
	integers := func(list []int32) { numbers(len(list), func(i int) uint64 { return uint64(list[i]) }) }
	for _, m := range []*tensor.CSR{s.Features, s.Edges} {
		numbers(m.Rows+1, func(i int) uint64 { return uint64(m.Start[i]) })
		numbers(1, func(int) uint64 { return uint64(m.Cols) })
		integers(m.Index)
		numbers(len(m.Value), func(i int) uint64 { return uint64(math.Float32bits(m.Value[i])) })
	}
	numbers(1, func(int) uint64 { return uint64(s.Classes) })
	for _, list := range [][]int32{s.Labels, s.Public.Train, s.Public.Valid, s.Public.Test} {
		integers(list)
	}
	return hex.EncodeToString(h.Sum(nil))
}
