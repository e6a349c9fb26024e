package graph

import (
	"fmt"
	"math"

	"breakeven/tensor"
)

// edges are the edges of a file, in its order.
type edges struct {
	source, target []int32
	weight         []float32 // nil: all are 1
}

// add appends an edge without a weight.
func (e *edges) add(source, target int32) {
	e.source, e.target = append(e.source, source), append(e.target, target)
}

// adjacency checks the edges and returns their matrix. It leaves out loops and takes of the same
// edge given several times one, and warns of both.
func (c *content) adjacency(directed bool) (*tensor.CSR, error) {
	e := &c.edges
	if len(e.source) == 0 {
		return nil, fmt.Errorf("%s: no edges", c.edgeAt(-1))
	}
	if len(e.source) > math.MaxInt32/2 {
		return nil, fmt.Errorf("%s: %d edges, more than the %d that are read", c.edgeAt(-1), len(e.source), math.MaxInt32/2)
	}
	if err := c.checkEdges(); err != nil {
		return nil, err
	}
	loops := e.dropLoops()
	if len(e.source) == 0 {
		return nil, fmt.Errorf("%s: no edges but %d from a node to itself", c.edgeAt(-1), loops)
	}
	given, duplicates, err := c.merged()
	if err == nil && !directed {
		given, err = c.union(given, given.T())
	}
	if err != nil {
		return nil, err
	}
	if loops > 0 {
		c.repairs = append(c.repairs, fmt.Sprintf("%s: %d edges from a node to itself were left out", c.name, loops))
	}
	if duplicates > 0 {
		c.repairs = append(c.repairs, fmt.Sprintf("%s: %d edges are there more than once, and count once", c.name, duplicates))
	}
	return given, nil
}

// checkEnds returns an error unless both nodes of an edge exist.
func (c *content) checkEnds(source, target int64) error {
	if n := int64(c.nodes()); source < 0 || source >= n || target < 0 || target >= n {
		return fmt.Errorf("an edge between the nodes %d and %d, and the nodes are 0 to %d", source, target, n-1)
	}
	return nil
}

// addEdge adds an edge whose nodes must exist.
func (c *content) addEdge(source, target int64) error {
	if err := c.checkEnds(source, target); err != nil {
		return err
	}
	c.edges.add(int32(source), int32(target))
	return nil
}

func (c *content) checkEdges() error {
	for i, source := range c.edges.source {
		if err := c.checkEnds(int64(source), int64(c.edges.target[i])); err != nil {
			return fmt.Errorf("%s: %w", c.edgeAt(i), err)
		}
	}
	for i, w := range c.edges.weight {
		if w64 := float64(w); !(w > 0) || math.IsInf(w64, 0) {
			return fmt.Errorf("%s: an edge of weight %v; weights must be positive and finite", c.edgeAt(i), w)
		}
	}
	return nil
}

// dropLoops takes out edges from a node to itself, and returns how many there were.
func (e *edges) dropLoops() int {
	kept := 0
	for i := range e.source {
		if e.source[i] == e.target[i] {
			continue
		}
		e.source[kept], e.target[kept] = e.source[i], e.target[i]
		if e.weight != nil {
			e.weight[kept] = e.weight[i]
		}
		kept++
	}
	loops := len(e.source) - kept
	e.source, e.target = e.source[:kept], e.target[:kept]
	if e.weight != nil {
		e.weight = e.weight[:kept]
	}
	return loops
}

// sorted returns the edges in the order of a key, those of equal keys as they were in order.
func sorted(key []int32, nodes int, order []int32) []int32 {
	next := make([]int, nodes+1)
	for _, k := range key {
		next[k+1]++
	}
	for k := range nodes {
		next[k+1] += next[k]
	}
	out := make([]int32, len(key))
	for i := range out {
		e := int32(i)
		if order != nil {
			e = order[i]
		}
		out[next[key[e]]] = e
		next[key[e]]++
	}
	return out
}

// merged returns the matrix of the edges as they are given, by their targets, and how many were
// there already.
func (c *content) merged() (m *tensor.CSR, duplicates int, err error) {
	e, n := &c.edges, c.nodes()
	start := make([]int, n+1)
	index, value := make([]int32, 0, len(e.source)), make([]float32, 0, len(e.source))
	last := int32(-1) // target of the last edge
	for _, i := range sorted(e.target, n, sorted(e.source, n, nil)) {
		source, target, weight := e.source[i], e.target[i], float32(1)
		if e.weight != nil {
			weight = e.weight[i]
		}
		if target == last && index[len(index)-1] == source {
			if had := value[len(value)-1]; had != weight {
				return nil, 0, c.twoWeights(source, target, had, weight)
			}
			duplicates++
			continue
		}
		index, value, last = append(index, source), append(value, weight), target
		start[target+1]++
	}
	for i := range n {
		start[i+1] += start[i]
	}
	return tensor.NewCSR(n, n, start, index, value), duplicates, nil
}

// union returns the matrix with the entries of two, which must agree where both have one.
func (c *content) union(a, b *tensor.CSR) (*tensor.CSR, error) {
	start := make([]int, 1, a.Rows+1)
	index, value := make([]int32, 0, 2*len(a.Index)), make([]float32, 0, 2*len(a.Index))
	for i := range a.Rows {
		aj, av := a.Row(i)
		bj, bv := b.Row(i)
		for len(aj)+len(bj) > 0 {
			switch {
			case len(bj) == 0 || len(aj) > 0 && aj[0] < bj[0]:
				index, value = append(index, aj[0]), append(value, av[0])
				aj, av = aj[1:], av[1:]
			case len(aj) == 0 || bj[0] < aj[0]:
				index, value = append(index, bj[0]), append(value, bv[0])
				bj, bv = bj[1:], bv[1:]
			case av[0] != bv[0]:
				return nil, c.twoWeights(aj[0], int32(i), av[0], bv[0])
			default:
				index, value = append(index, aj[0]), append(value, av[0])
				aj, av, bj, bv = aj[1:], av[1:], bj[1:], bv[1:]
			}
		}
		start = append(start, len(index))
	}
	return tensor.NewCSR(a.Rows, a.Cols, start, index, value), nil
}

// twoWeights is the error for an edge that is given with different weights.
func (c *content) twoWeights(source, target int32, a, b float32) error {
	return fmt.Errorf("%s: the edge between the nodes %s and %s has the weights %v and %v; give it once, or with one weight", c.edgeAt(-1), c.node(source), c.node(target), a, b)
}
