package graph

import (
	"fmt"
	"slices"
	"strings"

	"breakeven/data/table"
)

// A part is a part of a split, with the names of the array that says which nodes are in it.
type part struct {
	masks   []string // a truth value for each node
	indices []string // nodes
	of      func(s *Split) *[]int32
}

var parts = []part{
	{[]string{"train_mask"}, []string{"train_idx", "train_index", "idx_train", "train"}, func(s *Split) *[]int32 { return &s.Train }},
	{[]string{"val_mask", "valid_mask"}, []string{"val_idx", "valid_idx", "val_index", "idx_val", "val", "valid"}, func(s *Split) *[]int32 { return &s.Valid }},
	{[]string{"test_mask"}, []string{"test_idx", "test_index", "idx_test", "test"}, func(s *Split) *[]int32 { return &s.Test }},
}

// readParts reads the split from arrays: a mask or a list of nodes for each part.
func (c *content) readParts(f *columns) error {
	for _, p := range parts {
		name := f.has(slices.Concat(p.masks, p.indices)...)
		if name == "" {
			continue
		}
		if column, _ := f.column(name); column.Kind == table.Bool || slices.Contains(p.masks, name) {
			var mask table.Array[bool]
			if err := f.Read(want(&mask, false, name)); err != nil {
				return err
			}
			if err := c.setMask(f, p, &mask); err != nil {
				return err
			}
			continue
		}
		c.splitAt = f.at(name)(-1)
		var nodes table.Array[int32]
		if err := f.Read(want(&nodes, false, name)); err != nil {
			return err
		}
		if err := flat(f.at(name), nodes.Shape); err != nil {
			return err
		}
		*p.of(&c.split) = nodes.Data
	}
	return nil
}

// setMask sets a part of the split to the nodes of a mask.
func (c *content) setMask(f *columns, p part, mask *table.Array[bool]) error {
	c.splitAt = f.at(mask.Name)(-1)
	if err := flat(f.at(mask.Name), mask.Shape); err != nil {
		return err
	}
	if mask.Len() != c.nodes() {
		return fmt.Errorf("%s: a mask of %d nodes, and there are features of %d", c.splitAt, mask.Len(), c.nodes())
	}
	to := p.of(&c.split)
	for i, in := range mask.Data {
		if in {
			*to = append(*to, int32(i))
		}
	}
	return nil
}

// partNames are the names of the parts in messages.
var partNames = []string{"training", "validation", "the test"}

// splitWords are the words for the parts of a split. A node may be in none.
var splitWords = map[string]int{"train": 0, "training": 0, "valid": 1, "val": 1, "validation": 1, "test": 2, "": -1, "none": -1}

// setSplitWords sets the split to a column of words.
func (c *content) setSplitWords(f *columns, words *table.Array[string]) error {
	at := f.at(words.Name)
	c.splitAt = at(-1)
	for i, w := range words.Data {
		p, ok := splitWords[strings.ToLower(strings.TrimSpace(w))]
		if !ok {
			return fmt.Errorf("%s: column %s: %.40q is no part of a split; write train, valid, test or nothing", at(i), words.Name, w)
		}
		if p >= 0 {
			to := parts[p].of(&c.split)
			*to = append(*to, int32(i))
		}
	}
	return nil
}
