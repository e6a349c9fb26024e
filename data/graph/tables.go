package graph

import (
	"fmt"

	"breakeven/data/table"
)

// Names of the columns of a user's tables.
var (
	sourceColumns = []string{"source", "src", "from"}
	targetColumns = []string{"target", "dst", "to", "dest", "destination"}
	weightColumns = []string{"weight", "edge_weight"}
	idColumns     = []string{"id", "node", "node_id"}
	labelColumns  = []string{"label", "labels", "class", "y"}
	splitColumns  = []string{"split", "part"}
)

// tableEndings are the endings of the names of tables.
var tableEndings = []string{".csv", ".tsv", ".parquet"}

// findTable returns the table of a name without its ending; "" if there is none.
func (d folder) findTable(name string) (string, error) {
	for _, ending := range tableEndings {
		if file, err := d.find(name + ending); file != "" || err != nil {
			return file, err
		}
	}
	return "", nil
}

// readTables reads a user's two tables: edges with the nodes that each joins, and nodes with
// labels and features.
func readTables(d folder, _ string) (*content, error) {
	file, err := d.findTable("nodes")
	if err == nil && file == "" {
		err = fmt.Errorf("%s has edges, and no nodes.csv (.tsv, .parquet) with a label and the features of each node", d.dir)
	}
	if err != nil {
		return nil, err
	}
	c := &content{name: d.base()}
	if err := c.readNodeTable(d, file); err != nil {
		return nil, err
	}
	if file, err = d.findTable("edges"); err != nil {
		return nil, err
	}
	return c, c.readEdgeTable(d, file)
}

// readNodeTable reads a node a row: perhaps an id, a label, perhaps its part of the split, and
// features in all other columns.
func (c *content) readNodeTable(d folder, file string) error {
	f, err := openColumns(d.place(file), d.most, true)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.allNamed(); err != nil {
		return err
	}
	var ids, splits table.Array[string]
	var x table.Array[float32]
	masks := make([]table.Array[bool], len(parts))
	labels, field := f.labels(labelColumns...)
	fields := []table.Field{field, {Into: &x, Rest: true}, want(&ids, true, idColumns...),
		{Names: splitColumns, Into: &splits, Optional: true, Missing: true}}
	for i, p := range parts {
		fields = append(fields, want(&masks[i], true, p.masks...))
	}
	if err := f.Read(fields...); err != nil {
		return err
	}
	if err := c.setDense(&x, d.most, f.at("")); err != nil {
		return err
	}
	if err := c.setLabels(f, labels); err != nil {
		return err
	}
	if err := c.setIDs(f, &ids); err != nil {
		return err
	}
	for i, p := range parts {
		if masks[i].Name != "" {
			if err := c.setMask(f, p, &masks[i]); err != nil {
				return err
			}
		}
	}
	if splits.Name == "" {
		return nil
	}
	return c.setSplitWords(f, &splits)
}

// allNamed refuses a column that a program wrote beside those of its user.
func (f *columns) allNamed() error {
	for _, column := range f.Columns() {
		if column.Name == "" || column.Name == "__index_level_0__" {
			return fmt.Errorf("%s: a column without a name, perhaps the index of pandas; leave it out (index=False), or name it", f.Name())
		}
	}
	return nil
}

// setIDs sets the ids of the nodes, if there are any.
func (c *content) setIDs(f *columns, ids *table.Array[string]) error {
	if ids.Name == "" {
		return nil
	}
	c.ids, c.number = ids.Data, map[string]int32{}
	at := f.at(ids.Name)
	for i, id := range ids.Data {
		if first, ok := c.number[id]; ok {
			return fmt.Errorf("%s: the id %.60q is that of row %d, too", at(i), id, first)
		}
		c.number[id] = int32(i)
	}
	return nil
}

// readEdgeTable reads an edge a row: source, target and perhaps a weight. Without these names
// the first two columns are the nodes.
func (c *content) readEdgeTable(d folder, file string) error {
	f, err := openColumns(d.place(file), d.most, true)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.allNamed(); err != nil {
		return err
	}
	ends := [2]string{f.has(sourceColumns...), f.has(targetColumns...)}
	if ends[0] == "" && ends[1] == "" {
		if len(f.Columns()) < 2 {
			return fmt.Errorf("%s: one column; an edge is two nodes, in the columns source and target", f.Name())
		}
		ends = [2]string{f.Columns()[0].Name, f.Columns()[1].Name}
	}
	for i, names := range [][]string{sourceColumns, targetColumns} {
		if ends[i] == "" {
			return f.Read(want(&table.Array[int32]{}, false, names...)) // its error says what there is
		}
	}
	c.edgeAt = f.at("")
	if name := f.has(weightColumns...); name != "" {
		var weight table.Array[float32]
		if err := f.Read(want(&weight, false, name)); err != nil {
			return err
		}
		c.edges.weight = weight.Data
	}
	return c.readEnds(f, ends)
}

// readEnds reads the nodes that the edges join, by their ids if they have any.
func (c *content) readEnds(f *columns, names [2]string) error {
	if c.ids == nil {
		var source, target table.Array[int32]
		if err := f.Read(want(&source, false, names[0]), want(&target, false, names[1])); err != nil {
			return err
		}
		c.edges.source, c.edges.target = source.Data, target.Data
		return nil
	}
	for k, to := range []*[]int32{&c.edges.source, &c.edges.target} {
		var ids table.Array[string]
		if err := f.Read(want(&ids, false, names[k])); err != nil {
			return err
		}
		for e, id := range ids.Data {
			node, ok := c.number[id]
			if !ok {
				return fmt.Errorf("%s: no node has the id %.60q", c.edgeAt(e), id)
			}
			*to = append(*to, node)
		}
	}
	return nil
}
