package graph

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"breakeven/internal/pickle"
)

// planetoidValid is how many nodes after those for training are for validation.
const planetoidValid = 500

// A planetoid is the files ind.NAME.* of a set: pickles of SciPy's matrices, NumPy's arrays and
// a dictionary. Rows of allx and ally are the first nodes; those of tx and ty are the nodes that
// test.index lists. A node beyond allx that is not in that list has neither features nor label.
type planetoid struct {
	folder
	name string
	test []int32 // nodes, in the order of tx
}

// readPlanetoid reads the published files of a set.
func readPlanetoid(d folder, name string) (*content, error) {
	p := &planetoid{folder: d, name: name}
	if err := p.readTest(); err != nil {
		return nil, err
	}
	at := func(part string) func(int) string { return func(int) string { return p.part(part) } }
	c := &content{name: name, edgeAt: at("graph"), labelAt: at("ally"), splitAt: p.splitAt()}
	rows, err := p.readFeatures(c)
	if err != nil {
		return nil, err
	}
	if err := p.readLabels(c, rows); err != nil {
		return nil, err
	}
	if err := p.readEdges(c); err != nil {
		return nil, err
	}
	y, err := p.array("y")
	if err != nil {
		return nil, err
	}
	train := y.Shape[0]
	if train > rows {
		return nil, fmt.Errorf("%s has %d rows, and ally %d", p.part("y"), train, rows)
	}
	c.split = Split{count(0, train), count(train, min(train+planetoidValid, rows)), p.test}
	return c, nil
}

// count returns lo … hi-1.
func count(lo, hi int) (list []int32) {
	for i := lo; i < hi; i++ {
		list = append(list, int32(i))
	}
	return list
}

func (p *planetoid) part(part string) string { return p.place("ind." + p.name + "." + part) }

// load reads the pickle of a part.
func (p *planetoid) load(part string) (any, error) {
	if _, err := os.Stat(p.part(part)); err != nil {
		return nil, fmt.Errorf("no %s in %s: %w", filepath.Base(p.part(part)), p.dir, fs.ErrNotExist)
	}
	loader := pickle.Loader{Classes: pickle.Join(pickle.Collections, pickle.NumPy, pickle.SciPy)}
	return loader.File(p.part(part))
}

// array reads a part that is one row of zeros and ones for each node.
func (p *planetoid) array(part string) (*pickle.Array, error) {
	v, err := p.load(part)
	if err != nil {
		return nil, err
	}
	a, ok := v.(*pickle.Array)
	if !ok || len(a.Shape) != 2 || a.Shape[1] == 0 {
		return nil, fmt.Errorf("%s holds %s, where an array of nodes and classes is wanted", p.part(part), pickle.Describe(v))
	}
	return a, nil
}

func (p *planetoid) readTest() error {
	name := "ind." + p.name + ".test.index"
	if _, err := p.need(name); err != nil {
		return err
	}
	return p.lines(name, func(_ int, line []byte) error {
		node, err := strconv.ParseUint(string(bytes.TrimSpace(line)), 10, 31)
		if err != nil {
			return fmt.Errorf("%.40q is no node", line)
		}
		p.test = append(p.test, int32(node))
		return nil
	})
}

func (p *planetoid) sparse(part string) (*sparse, error) {
	v, err := p.load(part)
	if err != nil {
		return nil, err
	}
	m, ok := v.(*pickle.CSR)
	if !ok {
		return nil, fmt.Errorf("%s holds %s, where a sparse matrix is wanted", p.part(part), pickle.Describe(v))
	}
	s := &sparse{rows: m.Shape[0], cols: m.Shape[1]}
	if s.start, s.column, s.value, err = m.Parts(); err != nil {
		return nil, fmt.Errorf("%s: %w", p.part(part), err)
	}
	return s, nil
}

// readFeatures reads the features of all nodes. It returns the number of rows of allx.
func (p *planetoid) readFeatures(c *content) (rows int, err error) {
	all, err := p.sparse("allx")
	if err != nil {
		return 0, err
	}
	test, err := p.sparse("tx")
	if err != nil {
		return 0, err
	}
	if test.rows != len(p.test) {
		return 0, fmt.Errorf("%s has %d rows, and test.index %d nodes", p.part("tx"), test.rows, len(p.test))
	}
	if test.cols != all.cols {
		return 0, fmt.Errorf("%s has %d features, and allx %d", p.part("tx"), test.cols, all.cols)
	}
	rowOf, err := p.rowOf(all.rows)
	if err != nil {
		return 0, err
	}
	m := newMatrix(all.cols, p.most)
	add := func(part string, from *sparse, row int) error {
		if err := from.row(row, m); err != nil {
			return fmt.Errorf("%s: row %d: %w", p.part(part), row, err)
		}
		return nil
	}
	for i := range all.rows {
		if err := add("allx", all, i); err != nil {
			return 0, err
		}
	}
	for _, row := range rowOf {
		if row < 0 {
			err = m.end()
		} else {
			err = add("tx", test, int(row))
		}
		if err != nil {
			return 0, err
		}
	}
	c.features = m.csr(all.cols)
	return all.rows, nil
}

// rowOf returns the row of tx for each node from the given one on; -1 for one that is not in
// test.index.
func (p *planetoid) rowOf(first int) ([]int32, error) {
	last := int32(first - 1)
	for _, i := range p.test {
		last = max(last, i)
	}
	if n := int(last) + 1 - first; n > 1000*len(p.test)+1000 {
		return nil, fmt.Errorf("%s: node %d, with %d nodes before the test and %d for it", p.splitAt(), last, first, len(p.test))
	}
	rows := slices.Repeat([]int32{-1}, int(last)+1-first)
	for row, i := range p.test {
		at := int(i) - first
		if at < 0 {
			return nil, fmt.Errorf("%s: node %d is for the test, and one of the %d in allx", p.splitAt(), i, first)
		}
		if rows[at] >= 0 {
			return nil, fmt.Errorf("%s: node %d is there twice", p.splitAt(), i)
		}
		rows[at] = int32(row)
	}
	return rows, nil
}

func (p *planetoid) splitAt() string { return p.part("test.index") }
