package graph

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"breakeven/data/table"
)

// A labelColumn is a column of labels: numbers, or words.
type labelColumn struct {
	name    string
	text    bool
	words   table.Array[string]
	numbers table.Array[int32]
}

// labels returns the column under the first of names that the file has, and the field to read it
// by.
func (f *columns) labels(names ...string) (*labelColumn, table.Field) {
	l := &labelColumn{name: f.has(names...)}
	if l.name == "" { // reading says what there is
		return l, want(&l.numbers, false, names...)
	}
	if column, _ := f.column(l.name); column.Kind == table.String {
		l.text = true
		return l, table.Field{Names: []string{l.name}, Into: &l.words, Missing: true}
	}
	return l, table.Field{Names: []string{l.name}, Into: &l.numbers, Missing: true}
}

// setLabels sets the labels to a column that was read. Words are numbered in their alphabetical
// order. A missing label is -1.
func (c *content) setLabels(f *columns, l *labelColumn) error {
	c.labelAt = f.at(l.name)
	if !l.text {
		for _, i := range l.numbers.Missing {
			l.numbers.Data[i] = -1
		}
		c.labels = l.numbers.Data
		return flat(c.labelAt, l.numbers.Shape)
	}
	if err := flat(c.labelAt, l.words.Shape); err != nil {
		return err
	}
	return c.setWords(l.words.Data)
}

// setWords sets the labels to words, all of which are numbers, or none.
func (c *content) setWords(words []string) error {
	c.labels = make([]int32, len(words))
	number, word := -1, -1 // the first of each
	for i, w := range words {
		w = strings.TrimSpace(w)
		words[i] = w
		if noLabel(w) {
			words[i], c.labels[i] = "", -1
			continue
		}
		if x, err := strconv.ParseInt(strings.TrimSuffix(w, ".0"), 10, 32); err == nil {
			c.labels[i] = int32(x)
			number = max(number, i)
		} else if word < 0 {
			word = i
		}
	}
	switch {
	case word < 0:
		return nil
	case number >= 0:
		return fmt.Errorf("%s: the label %.40q is no number, and others are", c.labelAt(word), words[word])
	}
	c.nameClasses(words)
	return nil
}

// noLabel reports whether a word stands for a missing label.
func noLabel(w string) bool {
	return slices.Contains([]string{"", "na", "n/a", "nan", "null", "none"}, strings.ToLower(w))
}

// nameClasses numbers the labels that are words; the empty one is none.
func (c *content) nameClasses(words []string) {
	classes := slices.Compact(slices.Sorted(slices.Values(words)))
	if len(classes) > 0 && classes[0] == "" {
		classes = classes[1:]
	}
	number := map[string]int32{"": -1}
	for i, w := range classes {
		number[w] = int32(i)
	}
	for i, w := range words {
		c.labels[i] = number[w]
	}
	c.classNames = classes
}

// flat returns an error for an array of more than one column.
func flat(at func(int) string, shape []int) error {
	if len(shape) == 1 || len(shape) == 2 && shape[1] == 1 {
		return nil
	}
	return fmt.Errorf("%s: it has the shape %v, where one value for each node is wanted", at(-1), shape)
}
