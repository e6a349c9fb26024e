package graph

import (
	"fmt"
	"slices"

	"breakeven/internal/pickle"
)

// readLabels reads the labels. A node without one counts as class 0, since it does so in the
// programs that published numbers come from.
func (p *planetoid) readLabels(c *content, rows int) error {
	labels := slices.Repeat([]int32{-1}, c.nodes())
	for _, part := range []struct {
		name string
		rows int
		node func(row int) int32
	}{
		{"ally", rows, func(row int) int32 { return int32(row) }},
		{"ty", len(p.test), func(row int) int32 { return p.test[row] }},
	} {
		a, err := p.array(part.name)
		if err != nil {
			return err
		}
		if a.Shape[0] != part.rows || c.classes != 0 && a.Shape[1] != c.classes {
			return fmt.Errorf("%s has the shape %v, and there are features of %d nodes; rows are nodes, columns the classes of ally", p.part(part.name), a.Shape, part.rows)
		}
		c.classes = a.Shape[1]
		ones, err := a.Float64s()
		if err != nil {
			return fmt.Errorf("%s: %w", p.part(part.name), err)
		}
		for row := range part.rows {
			label, err := oneHot(ones[row*c.classes : (row+1)*c.classes])
			if err != nil {
				return fmt.Errorf("%s: row %d: %w", p.part(part.name), row, err)
			}
			labels[part.node(row)] = label
		}
	}
	without := 0
	for i, l := range labels {
		if l < 0 {
			labels[i] = 0
			without++
		}
	}
	c.noteUnlabelled(without)
	c.labels = labels
	return nil
}

// oneHot returns the class of a row of zeros and a one; -1 if there is no one.
func oneHot(row []float64) (int32, error) {
	label := int32(-1)
	for class, x := range row {
		switch {
		case x == 0:
		case x != 1 || label >= 0:
			return 0, fmt.Errorf("it is not the label of one class: a one, and zeros")
		default:
			label = int32(class)
		}
	}
	return label, nil
}

// readEdges reads the neighbours of each node.
func (p *planetoid) readEdges(c *content) error {
	v, err := p.load("graph")
	if err != nil {
		return err
	}
	graph, ok := v.(*pickle.Dict)
	if !ok {
		return fmt.Errorf("%s holds %s, where a dictionary of the nodes' neighbours is wanted", p.part("graph"), pickle.Describe(v))
	}
	for i, key := range graph.Keys {
		node, ok := key.(int64)
		if !ok {
			return fmt.Errorf("%s: %s, where the number of a node is wanted", p.part("graph"), pickle.Describe(key))
		}
		neighbours, err := pickle.Ints(graph.Values[i])
		if err != nil {
			return fmt.Errorf("%s: neighbours of node %d: %w", p.part("graph"), node, err)
		}
		for _, other := range neighbours {
			if err := c.addEdge(node, other); err != nil {
				return fmt.Errorf("%s: %w", p.part("graph"), err)
			}
		}
	}
	return nil
}
