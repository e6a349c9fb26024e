package graph

import (
	"fmt"
	"math"
	"slices"

	"breakeven/tensor"
)

// DefaultMost is how many bytes are unpacked from one file, and how many the values of a graph
// take in memory, unless Options.Most says otherwise.
const DefaultMost = 4 << 30

// maxFeatures bounds the width of the features, which one number in a file can make large.
const maxFeatures = 1 << 24

// ignored is PyTorch's label of an example that counts for nothing.
const ignored = -100

// A content is a graph as a file has it, before anything about it is checked.
type content struct {
	name       string // of the set
	features   *tensor.CSR
	edges      edges
	labels     []int32 // -1: none
	classes    int     // 0: one more than the largest label
	classNames []string
	split      Split
	facts      []string // warnings that the published set has, too
	repairs    []string // warnings of what was left out or merged

	ids     []string              // of the nodes, if they have names
	number  map[string]int32      // of the node with an id
	edgeAt  func(e int) string    // place of edge e in the files, for messages
	labelAt func(node int) string // place of a label
	splitAt string                // file of the split
}

// set checks the content and returns it as a Set.
func (c *content) set(directed bool) (*Set, error) {
	if err := c.checkNodes(); err != nil {
		return nil, err
	}
	adjacency, err := c.adjacency(directed)
	if err != nil {
		return nil, err
	}
	s := &Set{
		Name: c.name, Features: c.features, Edges: adjacency, Directed: directed,
		Labels: c.labels, Classes: c.classes, ClassNames: c.classNames,
	}
	if s.Public, err = c.checkedSplit(); err != nil {
		return nil, err
	}
	s.Warnings = slices.Concat(c.facts, c.repairs)
	return s, nil
}

func (c *content) nodes() int { return c.features.Rows }

// node names a node in a message.
func (c *content) node(i int32) string {
	if c.ids != nil {
		return fmt.Sprintf("%.60q", c.ids[i])
	}
	return fmt.Sprint(i)
}

// checkNodes checks features and labels, and counts the classes.
func (c *content) checkNodes() error {
	switch {
	case c.nodes() == 0:
		return fmt.Errorf("%s: no nodes", c.name)
	case c.features.Cols == 0:
		return fmt.Errorf("%s: no features", c.name)
	case c.features.Cols > maxFeatures:
		return fmt.Errorf("%s: %d features, more than the %d that are read", c.name, c.features.Cols, maxFeatures)
	case c.classes > c.nodes():
		return fmt.Errorf("%s: %d classes of %d nodes", c.name, c.classes, c.nodes())
	case len(c.labels) != c.nodes():
		return fmt.Errorf("%s: %d labels, and features of %d nodes", c.labelAt(-1), len(c.labels), c.nodes())
	}
	most, names := c.classes, "classes"
	if most == 0 { // not given: a class for each node would be senseless already
		most, names = c.nodes(), "nodes"
	}
	largest := int32(-1)
	for i, l := range c.labels {
		if l == ignored {
			l, c.labels[i] = -1, -1
		}
		if l < -1 || int(l) >= most {
			return fmt.Errorf("%s: label %d of node %s is out of range, with %d %s; labels are 0, 1, …, and -1 for none", c.labelAt(i), l, c.node(int32(i)), most, names)
		}
		largest = max(largest, l)
	}
	if largest < 0 {
		return fmt.Errorf("%s: no node has a label", c.labelAt(-1))
	}
	if c.classes == 0 {
		c.classes = int(largest) + 1
	}
	return nil
}

// checkedSplit returns the split with its parts sorted.
func (c *content) checkedSplit() (Split, error) {
	split := c.split
	if len(split.Train)+len(split.Valid)+len(split.Test) == 0 {
		return Split{}, nil
	}
	if len(split.Train) == 0 {
		return Split{}, fmt.Errorf("%s: no nodes are for training", c.splitAt)
	}
	in := slices.Repeat([]int8{-1}, c.nodes()) // the part of each node
	for p := range parts {
		nodes := parts[p].of(&split)
		for _, i := range *nodes {
			if err := c.checkPart(i, int8(p), in); err != nil {
				return Split{}, fmt.Errorf("%s: %w", c.splitAt, err)
			}
			in[i] = int8(p)
		}
		*nodes = slices.Sorted(slices.Values(*nodes))
	}
	return split, nil
}

// checkPart returns an error unless a node can be in part p.
func (c *content) checkPart(node int32, p int8, in []int8) error {
	switch name := partNames[p]; {
	case node < 0 || int(node) >= c.nodes():
		return fmt.Errorf("node %d is for %s, and the nodes are 0 to %d", node, name, c.nodes()-1)
	case in[node] == p:
		return fmt.Errorf("node %s is for %s twice", c.node(node), name)
	case in[node] >= 0:
		return fmt.Errorf("node %s is for %s and for %s; the parts of a split must not overlap", c.node(node), partNames[in[node]], name)
	case c.labels[node] < 0:
		return fmt.Errorf("node %s is for %s, and has no label", c.node(node), name)
	}
	return nil
}

// A matrix is a sparse matrix that grows by rows.
type matrix struct {
	start []int
	index []int32
	value []float32
	cols  int   // one more than the largest column so far
	limit int   // on the number of columns
	most  int64 // bytes
}

func newMatrix(limit int, most int64) *matrix {
	return &matrix{start: []int{0}, limit: limit, most: most}
}

// add puts a value into the last row. Zeros are left out.
func (m *matrix) add(col int, value float32) error {
	if col < 0 || col >= m.limit {
		return fmt.Errorf("feature %d, and the features are 0 to %d", col, m.limit-1)
	}
	if v := float64(value); math.IsNaN(v) || math.IsInf(v, 0) {
		return fmt.Errorf("feature %d is %v; features must be finite", col, value)
	}
	m.cols = max(m.cols, col+1)
	if value != 0 {
		m.index, m.value = append(m.index, int32(col)), append(m.value, value)
	}
	return nil
}

// end ends a row.
func (m *matrix) end() error {
	from := m.start[len(m.start)-1]
	index, value := m.index[from:], m.value[from:]
	if !slices.IsSorted(index) {
		order := make([]int, len(index))
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(a, b int) int { return int(index[a]) - int(index[b]) })
		js, vs := slices.Clone(index), slices.Clone(value)
		for to, i := range order {
			index[to], value[to] = js[i], vs[i]
		}
	}
	for i := 1; i < len(index); i++ {
		if index[i] == index[i-1] {
			return fmt.Errorf("feature %d is there twice", index[i])
		}
	}
	m.start = append(m.start, len(m.index))
	switch {
	case len(m.start) > math.MaxInt32:
		return fmt.Errorf("more than %d nodes, the most that can be", math.MaxInt32-1)
	case 8*int64(len(m.start)+len(m.index)) > m.most:
		return fmt.Errorf("features of more than %d bytes of memory, the most that is allowed", m.most)
	}
	return nil
}

// rows returns the number of rows that have ended.
func (m *matrix) rows() int { return len(m.start) - 1 }

// csr returns the matrix with the given number of columns, which must be enough.
func (m *matrix) csr(cols int) *tensor.CSR {
	return tensor.NewCSR(m.rows(), cols, m.start, m.index, m.value)
}
