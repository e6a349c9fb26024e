package graph

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"

	"breakeven/data/table"
)

// names of the arrays of an npz file.
var (
	edgeNames    = []string{"edge_index", "edges"}
	weightNames  = []string{"edge_weight", "edge_weights", "weight"}
	featureNames = []string{"x", "features", "feat", "attr_matrix"}
	labelNames   = []string{"labels", "y", "label"}

	// A sparse matrix is four arrays: PREFIXdata, PREFIXindices, PREFIXindptr, PREFIXshape.
	adjacencyPrefixes = []string{"adj_", "adj_matrix."}
	featurePrefixes   = []string{"attr_", "attr_matrix."}
)

// readNPZ reads a graph of arrays: adj_* or edge_index, attr_* or x, labels, and perhaps masks or
// indices of a split.
func readNPZ(path string, most int64) (*content, error) {
	f, err := openColumns(path, most, true)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if f.Format() != "npz" {
		return nil, fmt.Errorf("%s is a table; a graph is a folder with the files edges%[2]s and nodes%[2]s, or an npz file", path, filepath.Ext(strings.TrimSuffix(path, ".gz")))
	}
	c := &content{name: filepath.Base(path)}
	if err := c.readFeatureArrays(f, most); err != nil {
		return nil, err
	}
	labels, field := f.labels(labelNames...)
	if err := f.Read(field); err != nil {
		return nil, err
	}
	if err := c.setLabels(f, labels); err != nil {
		return nil, err
	}
	if err := c.readEdgeArrays(f); err != nil {
		return nil, err
	}
	return c, c.readParts(f)
}

// isGraph reports whether a file has the names of the arrays of a graph.
func (f *columns) isGraph() bool {
	return f.Format() == "npz" && f.has(labelNames...) != "" && (f.has(edgeNames...) != "" || f.prefix(adjacencyPrefixes) != "")
}

// prefix returns the prefix of the arrays of a sparse matrix; "" if there is none.
func (f *columns) prefix(prefixes []string) string {
	for _, p := range prefixes {
		if f.has(p+"indptr") != "" {
			return p
		}
	}
	return ""
}

// sparse reads the four arrays of a sparse matrix.
func (f *columns) sparse(prefix string) (*sparse, error) {
	var start, column, shape table.Array[int64]
	var value table.Array[float64]
	if err := f.Read(want(&start, false, prefix+"indptr"), want(&column, false, prefix+"indices"), want(&shape, false, prefix+"shape"), want(&value, false, prefix+"data")); err != nil {
		return nil, err
	}
	if shape.Len() != 2 || shape.Data[0] < 0 || shape.Data[1] < 0 || max(shape.Data[0], shape.Data[1]) >= math.MaxInt32 {
		return nil, fmt.Errorf("%s: %v is no shape of a matrix", f.at(prefix+"shape")(-1), shape.Data)
	}
	s := &sparse{int(shape.Data[0]), int(shape.Data[1]), start.Data, column.Data, value.Data}
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", f.at(prefix+"indptr")(-1), err)
	}
	return s, nil
}

func (c *content) readFeatureArrays(f *columns, most int64) error {
	prefix := f.prefix(featurePrefixes)
	if prefix == "" {
		var x table.Array[float32]
		if err := f.Read(want(&x, false, featureNames...)); err != nil {
			return err
		}
		return c.setDense(&x, most, f.at(x.Name))
	}
	s, err := f.sparse(prefix)
	if err != nil {
		return err
	}
	m := newMatrix(s.cols, most)
	for i := range s.rows {
		if err := s.row(i, m); err != nil {
			return fmt.Errorf("%s: %w", f.at(prefix+"data")(i), err)
		}
	}
	c.features = m.csr(s.cols)
	return nil
}

func (c *content) readEdgeArrays(f *columns) error {
	prefix := f.prefix(adjacencyPrefixes)
	if prefix == "" {
		return c.readEdgeList(f)
	}
	at := f.at(prefix + "data")
	s, err := f.sparse(prefix)
	if err != nil {
		return err
	}
	if s.rows != c.nodes() || s.cols != c.nodes() {
		return fmt.Errorf("%s: edges of a matrix [%d, %d], and there are features of %d nodes", at(-1), s.rows, s.cols, c.nodes())
	}
	for i := range s.rows {
		for e := s.start[i]; e < s.start[i+1]; e++ {
			if s.value[e] != 0 {
				c.edges.add(int32(i), int32(s.column[e]))
				c.edges.weight = append(c.edges.weight, float32(s.value[e]))
			}
		}
	}
	c.edgeAt = func(e int) string {
		if e < 0 {
			return at(-1)
		}
		return at(int(c.edges.source[e]))
	}
	return nil
}

// readEdgeList reads edges [2, edges] or [edges, 2] and, if they are there, their weights.
func (c *content) readEdgeList(f *columns) error {
	var ends table.Array[int32]
	var weight table.Array[float32]
	if err := f.Read(want(&ends, false, edgeNames...), want(&weight, true, weightNames...)); err != nil {
		return err
	}
	c.edgeAt = func(e int) string {
		if e < 0 {
			return f.at(ends.Name)(-1)
		}
		return fmt.Sprintf("%s, edge %d", f.at(ends.Name)(-1), e)
	}
	shape := ends.Shape
	if len(shape) != 2 || shape[0] != 2 && shape[1] != 2 {
		return fmt.Errorf("%s: edges of the shape %v, where [2, edges] or [edges, 2] is wanted", c.edgeAt(-1), shape)
	}
	sideways := shape[1] == 2 && (shape[0] != 2 || ends.Name == "edges")
	n := ends.Len() / 2
	for e := range n {
		if sideways {
			c.edges.add(ends.Data[2*e], ends.Data[2*e+1])
		} else {
			c.edges.add(ends.Data[e], ends.Data[n+e])
		}
	}
	if weight.Name != "" {
		if weight.Len() != n {
			return fmt.Errorf("%s: %d weights, and there are %d edges", f.at(weight.Name)(-1), weight.Len(), n)
		}
		c.edges.weight = weight.Data
	}
	return nil
}
