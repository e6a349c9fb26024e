package graph

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
)

// maxSplit bounds the bytes of a split file.
const maxSplit = 1 << 28

// A splitFile is NAME.split.json. Counts may be left out.
type splitFile struct {
	Nodes    int     `json:"nodes"`
	Features int     `json:"features"`
	Classes  int     `json:"classes"`
	Edges    int     `json:"edges"`
	Train    []int64 `json:"train"`
	Valid    []int64 `json:"val"`
	Test     []int64 `json:"test"`
	NoLabel  []int64 `json:"no_label"` // nodes with a class in the labels file that stands for none
}

// readText reads a graph in text: NAME.features.txt, NAME.edges.txt, NAME.labels.txt and, if it is
// there, NAME.split.json, each gzipped or not.
func readText(d folder, name string) (*content, error) {
	if err := refusePartial(d, name); err != nil {
		return nil, err
	}
	c := &content{name: name}
	split, err := c.readSplit(d, name)
	if err != nil {
		return nil, err
	}
	if err := c.readFeatures(d, name, split.Features); err != nil {
		return nil, err
	}
	c.classes = split.Classes
	if err := c.readLabels(d, name); err != nil {
		return nil, err
	}
	if err := c.readEdges(d, name); err != nil {
		return nil, err
	}
	if split.Nodes > 0 && split.Nodes != c.nodes() {
		return nil, fmt.Errorf("%s says that there are %d nodes, and there are features of %d", c.splitAt, split.Nodes, c.nodes())
	}
	if split.Edges > 0 && split.Edges != len(c.edges.source) {
		return nil, fmt.Errorf("%s says that there are %d edges, and there are %d", c.splitAt, split.Edges, len(c.edges.source))
	}
	return c, c.setSplit(split)
}

// setSplit sets the split to that of a file, and notes the nodes without a label.
func (c *content) setSplit(s *splitFile) error {
	inside := func(node int64) bool { return node >= 0 && node < int64(c.nodes()) }
	for i, nodes := range [][]int64{s.Train, s.Valid, s.Test} {
		to := parts[i].of(&c.split)
		for _, node := range nodes {
			if !inside(node) {
				return fmt.Errorf("%s: node %d is for %s, and the nodes are 0 to %d", c.splitAt, node, partNames[i], c.nodes()-1)
			}
			*to = append(*to, int32(node))
		}
	}
	without := 0
	for _, node := range s.NoLabel {
		if inside(node) && int(node) < len(c.labels) && c.labels[node] >= 0 {
			without++
		}
	}
	c.noteUnlabelled(without)
	return nil
}

// noteUnlabelled warns of nodes without a label that have a class in its place.
func (c *content) noteUnlabelled(n int) {
	if n > 0 {
		c.facts = append(c.facts, fmt.Sprintf("%s: %d nodes have no label; the splits full and complete use them with the class that stands in its place, as the published programs do", c.name, n))
	}
}

// refusePartial returns an error if only some nodes have features.
func refusePartial(d folder, name string) error {
	whole, err := d.find(name + ".features.txt")
	if whole != "" || err != nil {
		return err
	}
	partial, err := d.find(name + ".features.PARTIAL.txt")
	if err == nil && partial != "" {
		err = fmt.Errorf("%s has the features of some nodes only, and a network needs those of all; get the published files, ind.%s.*", d.place(partial), name)
	}
	return err
}

func (c *content) readSplit(d folder, name string) (*splitFile, error) {
	file, err := d.find(name + ".split.json")
	if err != nil || file == "" {
		return &splitFile{}, err
	}
	c.splitAt = d.place(file)
	b, err := d.read(file, maxSplit)
	if err != nil {
		return nil, err
	}
	s := &splitFile{}
	if err := json.Unmarshal(b, s); err != nil {
		return nil, fmt.Errorf("%s:%w", c.splitAt, jsonFault(b, err))
	}
	if s.Nodes < 0 || s.Features < 0 || s.Features > math.MaxInt32 || s.Classes < 0 || s.Edges < 0 {
		return nil, fmt.Errorf("%s: a number of nodes, features, classes or edges is out of range", c.splitAt)
	}
	return s, nil
}

// jsonFault says in which line of b a fault is.
func jsonFault(b []byte, err error) error {
	at := int64(len(b))
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	if errors.As(err, &syntax) {
		at = syntax.Offset
	} else if errors.As(err, &kind) {
		at, err = kind.Offset, fmt.Errorf("%s is %s, where a number of nodes, or a list of nodes, is wanted", kind.Field, kind.Value)
	}
	return fmt.Errorf("%d: %w", 1+bytes.Count(b[:min(at, int64(len(b)))], []byte{'\n'}), err)
}

// readFeatures reads a line for each node: the columns that are not zero, as col or col:value. The
// number of columns is 0 if it is not known.
func (c *content) readFeatures(d folder, name string, cols int) error {
	file, err := d.need(name + ".features.txt")
	if err != nil {
		return err
	}
	limit := cols
	if cols == 0 {
		limit = math.MaxInt32
	}
	m := newMatrix(limit, d.most)
	err = d.lines(file, func(_ int, line []byte) error {
		for word := range bytes.FieldsSeq(line) {
			col, value, weighted := bytes.Cut(word, []byte{':'})
			j, err := strconv.ParseUint(string(col), 10, 31)
			if err != nil {
				return fmt.Errorf("%.40q is neither a column nor column:value", word)
			}
			x := 1.0
			if weighted {
				if x, err = strconv.ParseFloat(string(value), 32); err != nil {
					return fmt.Errorf("%.40q: %.40q is no number", word, value)
				}
			}
			if err := m.add(int(j), float32(x)); err != nil {
				return err
			}
		}
		return m.end()
	})
	if err != nil {
		return err
	}
	if cols == 0 {
		cols = m.cols
	}
	c.features = m.csr(cols)
	return nil
}

// readLabels reads a class for each node, one a line.
func (c *content) readLabels(d folder, name string) error {
	file, err := d.need(name + ".labels.txt")
	if err != nil {
		return err
	}
	c.labelAt = d.lineAt(file)
	return d.lines(file, func(i int, line []byte) error {
		if i >= c.nodes() {
			return fmt.Errorf("a label too many: there are features of %d nodes", c.nodes())
		}
		label, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 10, 32)
		if err != nil {
			return fmt.Errorf("%.40q is no label; labels are 0, 1, …, and -1 for none", line)
		}
		c.labels = append(c.labels, int32(label))
		return nil
	})
}

// readEdges reads an edge a line: two nodes and perhaps a weight.
func (c *content) readEdges(d folder, name string) error {
	file, err := d.need(name + ".edges.txt")
	if err != nil {
		return err
	}
	c.edgeAt = d.lineAt(file)
	return d.lines(file, func(i int, line []byte) error {
		words := bytes.Fields(line)
		if len(words) != 2 && len(words) != 3 || i > 0 && (len(words) == 3) != (c.edges.weight != nil) {
			return fmt.Errorf("%d words; an edge is two nodes, and in all lines or in none a weight", len(words))
		}
		var ends [2]int64
		for k := range ends {
			node, err := strconv.ParseInt(string(words[k]), 10, 64)
			if err != nil {
				return fmt.Errorf("%.40q is no node; nodes are 0, 1, …", words[k])
			}
			ends[k] = node
		}
		if err := c.addEdge(ends[0], ends[1]); err != nil {
			return err
		}
		if len(words) == 3 {
			w, err := strconv.ParseFloat(string(words[2]), 32)
			if err != nil {
				return fmt.Errorf("%.40q is no weight", words[2])
			}
			c.edges.weight = append(c.edges.weight, float32(w))
		}
		return nil
	})
}

// lineAt returns a function that names the place of an item of a file which has one a line; of
// item -1 the file alone.
func (d folder) lineAt(name string) func(i int) string {
	return func(i int) string {
		if i < 0 {
			return d.place(name)
		}
		return fmt.Sprintf("%s:%d", d.place(name), i+1)
	}
}
