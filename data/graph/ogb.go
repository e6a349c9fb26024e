package graph

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"breakeven/data/table"
)

// readOGB reads a graph for node classification as the Open Graph Benchmark keeps it: CSV files
// without names of columns, in the folder raw, and the split in a folder of the folder split
// beside that.
func readOGB(d folder, _ string) (*content, error) {
	root := d.dir
	if filepath.Base(root) == "raw" {
		root = filepath.Dir(root)
	}
	c := &content{name: folder{dir: root}.base()}
	var x table.Array[float32]
	f, err := d.rows("node-feat.csv", func(*columns) (table.Field, error) { return table.Field{Into: &x, Rest: true}, nil })
	if err != nil {
		return nil, err
	}
	if err := c.setDense(&x, d.most, f.at("")); err != nil {
		return nil, err
	}
	var labels *labelColumn
	f, err = d.rows("node-label.csv", func(f *columns) (table.Field, error) {
		l, field := f.labels("1")
		labels = l
		return field, one(f)
	})
	if err != nil {
		return nil, err
	}
	if err := c.setLabels(f, labels); err != nil {
		return nil, err
	}
	if err := c.readOGBEdges(d); err != nil {
		return nil, err
	}
	return c, c.readOGBSplit(folder{dir: filepath.Join(root, "split"), most: d.most})
}

// rows reads a field of a file without names of columns.
func (d folder) rows(name string, field func(f *columns) (table.Field, error)) (*columns, error) {
	file, err := d.need(name)
	if err != nil {
		return nil, err
	}
	f, err := openColumns(d.place(file), d.most, false)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	wanted, err := field(f)
	if err != nil {
		return nil, err
	}
	return f, f.Read(wanted)
}

// one returns an error for a file of several columns.
func one(f *columns) error {
	if n := len(f.Columns()); n > 1 {
		return fmt.Errorf("%s: %d columns, where one value for each row is wanted", f.Name(), n)
	}
	return nil
}

func (c *content) readOGBEdges(d folder) error {
	var ends table.Array[int32]
	f, err := d.rows("edge.csv", func(f *columns) (table.Field, error) {
		if n := len(f.Columns()); n != 2 {
			return table.Field{}, fmt.Errorf("%s: %d columns, where an edge is two nodes", f.Name(), n)
		}
		return table.Field{Into: &ends, Rest: true}, nil
	})
	if err != nil {
		return err
	}
	for e := range ends.Len() / 2 {
		c.edges.add(ends.Data[2*e], ends.Data[2*e+1])
	}
	c.edgeAt = f.at("")
	return nil
}

// readOGBSplit reads the one split that there is; none is none.
func (c *content) readOGBSplit(d folder) error {
	entries, err := os.ReadDir(d.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var found []string
	for _, e := range entries {
		if e.IsDir() {
			found = append(found, e.Name())
		}
	}
	if len(found) != 1 {
		return fmt.Errorf("%s has %d splits; leave one folder in it, with train.csv, valid.csv and test.csv", d.dir, len(found))
	}
	d.dir = filepath.Join(d.dir, found[0])
	c.splitAt = d.dir
	for i, name := range []string{"train.csv", "valid.csv", "test.csv"} {
		var nodes table.Array[int32]
		_, err := d.rows(name, func(f *columns) (table.Field, error) { return want(&nodes, false, "1"), one(f) })
		if err != nil {
			return err
		}
		*parts[i].of(&c.split) = nodes.Data
	}
	return nil
}
