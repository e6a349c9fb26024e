package nn

import (
	"fmt"
	"math"
	"sync"

	"breakeven/tensor"
)

// A Graph has weighted edges among the examples of a batch, which are its nodes. It does
// not change once it is made.
type Graph struct {
	adjacency *tensor.CSR
	made      [2]struct {
		once sync.Once
		m    *tensor.CSR
	}
}

// NewGraph returns the graph of an adjacency matrix, which must be square: row i has the
// weights of the edges that end in node i, by the nodes in which they begin.
func NewGraph(adjacency *tensor.CSR) *Graph {
	if adjacency.Rows != adjacency.Cols {
		panic(fmt.Sprintf("nn: graph of %d×%d nodes", adjacency.Rows, adjacency.Cols))
	}
	return &Graph{adjacency: adjacency}
}

// Nodes returns the number of nodes.
func (g *Graph) Nodes() int { return g.adjacency.Rows }

// Edges returns the number of directed edges: an undirected one counts twice.
func (g *Graph) Edges() int { return len(g.adjacency.Index) }

// Adjacency returns the matrix of the edges.
func (g *Graph) Adjacency() *tensor.CSR { return g.adjacency }

// A Propagation is a matrix that a graph multiplies the features of its nodes by.
type Propagation int

const (
	// Symmetric is Â = D^{-1/2} (A + I) D^{-1/2}, with a loop of weight 1 at each node that
	// has none, and D the sums of the rows (Kipf and Welling 2017, Eq. 2).
	Symmetric Propagation = iota
	// Mean is D^{-1} A, the mean over the neighbours, and 0 for a node without any
	// (Hamilton et al. 2017).
	Mean
)

// Matrix returns a propagation of the graph. It is made when it is first asked for, and
// kept.
func (g *Graph) Matrix(p Propagation) *tensor.CSR {
	one := &g.made[p]
	one.once.Do(func() {
		if p == Symmetric {
			one.m = symmetric(withLoops(g.adjacency))
		} else {
			one.m = mean(g.adjacency)
		}
	})
	return one.m
}

// withLoops adds an entry 1 to the diagonal of each row that has none there.
func withLoops(a *tensor.CSR) *tensor.CSR {
	start := make([]int, 1, a.Rows+1)
	index, value := make([]int32, 0, len(a.Index)+a.Rows), make([]float32, 0, len(a.Index)+a.Rows)
	for i := range a.Rows {
		cols, weights := a.Row(i)
		looped := false
		for e, j := range cols {
			if int(j) > i && !looped {
				index, value, looped = append(index, int32(i)), append(value, 1), true
			}
			looped = looped || int(j) == i
			index, value = append(index, j), append(value, weights[e])
		}
		if !looped {
			index, value = append(index, int32(i)), append(value, 1)
		}
		start = append(start, len(index))
	}
	return tensor.NewCSR(a.Rows, a.Cols, start, index, value)
}

// degrees returns the sums of the rows.
func degrees(a *tensor.CSR) []float64 {
	d := make([]float64, a.Rows)
	for i := range d {
		_, weights := a.Row(i)
		for _, w := range weights {
			d[i] += float64(w)
		}
	}
	return d
}

// scaled returns a matrix with entry (i, j) multiplied by f(i, j).
func scaled(a *tensor.CSR, f func(i, j int) float64) *tensor.CSR {
	value := make([]float32, len(a.Value))
	for i := range a.Rows {
		for e := a.Start[i]; e < a.Start[i+1]; e++ {
			value[e] = float32(f(i, int(a.Index[e])) * float64(a.Value[e]))
		}
	}
	return tensor.NewCSR(a.Rows, a.Cols, a.Start, a.Index, value)
}

func symmetric(a *tensor.CSR) *tensor.CSR {
	root := degrees(a)
	for i, d := range root {
		root[i] = 0
		if d > 0 {
			root[i] = 1 / math.Sqrt(d)
		}
	}
	return scaled(a, func(i, j int) float64 { return root[i] * root[j] })
}

func mean(a *tensor.CSR) *tensor.CSR {
	d := degrees(a)
	return scaled(a, func(i, _ int) float64 {
		if d[i] > 0 {
			return 1 / d[i]
		}
		return 0
	})
}

// Bytes returns the memory that the graph and the matrices of the given propagations take,
// with their transposes.
func (g *Graph) Bytes(ps ...Propagation) int64 {
	bytes := g.adjacency.Bytes()
	for _, p := range ps {
		entries := int64(g.Edges())
		if p == Symmetric {
			entries += int64(g.Nodes())
		}
		bytes += 2 * (8*entries + 8*int64(g.Nodes()+1))
	}
	return bytes
}

// readsGraph is an operation that reads the graph of the batch.
type readsGraph interface{ readsGraph() }

// OnGraph reports whether an operation reads the graph of the batch.
func (n *Network) OnGraph() bool {
	for _, nd := range n.nodes {
		if _, ok := nd.op.(readsGraph); ok {
			return true
		}
	}
	return false
}
