package graph

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Options say how a user's own graph is read.
type Options struct {
	// Directed keeps the directions of the edges. Otherwise every edge runs both ways.
	Directed bool

	// Most bounds the bytes unpacked from each file, and the bytes that the values of a graph
	// take in memory. 0 is DefaultMost.
	Most int64
}

// A reader reads the named graph from a folder.
type reader func(d folder, name string) (*content, error)

// A form is a way to keep a graph in the files of a folder, recognised by one of them: its sign.
// A star stands for the graph's name. The file may be packed by gzip, and end in .gz.
type form struct {
	sign string
	read reader
}

var forms = []form{
	{"ind.*.graph", readPlanetoid},
	{"*.features.txt", readText},
	{"*.features.PARTIAL.txt", readText},
	{"edges.csv", readTables},
	{"edges.tsv", readTables},
	{"edges.parquet", readTables},
	{"edge.csv", readOGB},
}

// fileForms are those that a graph is recognised by, too, if one of its files is named.
var fileForms = append(slices.Clone(forms),
	form{"*.edges.txt", readText}, form{"*.labels.txt", readText}, form{"*.split.json", readText},
	form{"nodes.csv", readTables}, form{"nodes.tsv", readTables}, form{"nodes.parquet", readTables})

// OpenFile reads the graph in a user's own file or folder, in one of the forms that docs/formats.md
// describes: an npz file; a folder with ind.NAME.*, NAME.edges.txt and so on, edges.csv and
// nodes.csv, or the files of the Open Graph Benchmark.
//
// Errors wrap fs.ErrNotExist if files are missing.
func OpenFile(path string, o Options) (*Set, error) {
	if o.Most <= 0 {
		o.Most = DefaultMost
	}
	s, err := openFile(path, o)
	if err != nil {
		return nil, fmt.Errorf("graph: %w", err)
	}
	return s, nil
}

func openFile(path string, o Options) (*Set, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	var c *content
	if info.IsDir() {
		c, err = readFolder(folder{dir: path, most: o.Most})
	} else {
		c, err = readFile(path, o.Most)
	}
	if err != nil {
		return nil, err
	}
	return c.set(o.Directed)
}

// IsGraph reports whether a path is that of a graph that OpenFile reads: an npz file whose arrays
// have the names of a graph's, a folder with a list of edges, or a file of such a folder. A table
// of nodes without one of edges beside it is a table like any other. IsGraph reads names alone.
func IsGraph(path string) bool {
	info, err := os.Stat(path)
	if err != nil {
		return false
	}
	hasGraph := func(dir string) bool {
		found, err := folder{dir: dir}.graphs()
		return err == nil && len(found) > 0
	}
	if info.IsDir() {
		return hasGraph(path)
	}
	if _, _, ok := formOf(path); ok {
		return hasGraph(filepath.Dir(path))
	}
	f, err := openColumns(path, DefaultMost, true)
	if err != nil {
		return false
	}
	defer f.Close()
	return f.isGraph()
}

// formOf returns the form of the graph that a file belongs to, and the graph's name.
func formOf(path string) (f form, name string, ok bool) {
	for _, f := range fileForms {
		if name, ok := f.matches(filepath.Base(path)); ok {
			return f, name, true
		}
	}
	return form{}, "", false
}

// readFile reads an npz file, or a named file of a graph with the others beside it.
func readFile(path string, most int64) (*content, error) {
	if f, name, ok := formOf(path); ok {
		return f.read(folder{dir: filepath.Dir(path), most: most}, name)
	}
	return readNPZ(path, most)
}

// readFolder reads the one graph that a folder has.
func readFolder(d folder) (*content, error) {
	found, err := d.graphs()
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s has no graph: neither edges.csv (.tsv, .parquet), NAME.features.txt, ind.NAME.graph nor edge.csv.gz of the Open Graph Benchmark", d.dir)
	}
	if len(found) > 1 {
		return nil, fmt.Errorf("%s has several graphs; name one of these files in it: %s", d.dir, strings.Join(signs(found), ", "))
	}
	return found[0].read(found[0].in, found[0].name)
}

// A match is a graph that a folder has, by the file that it was recognised by.
type match struct {
	in         folder
	name, sign string
	read       reader
}

func signs(list []match) (names []string) {
	for _, m := range list {
		names = append(names, m.sign)
	}
	return names
}

// graphs returns the graphs that the folder has in itself or, if there are none, in its folder
// raw, where both PyTorch Geometric and the Open Graph Benchmark keep what they download.
func (d folder) graphs() ([]match, error) {
	entries, err := os.ReadDir(d.dir)
	if err != nil {
		return nil, err
	}
	var found []match
	for _, f := range forms {
		for _, e := range entries {
			if name, ok := f.matches(e.Name()); ok {
				found = append(found, match{d, name, e.Name(), f.read})
			}
		}
	}
	if len(found) == 0 && slices.ContainsFunc(entries, func(e os.DirEntry) bool { return e.Name() == "raw" && e.IsDir() }) {
		d.dir = filepath.Join(d.dir, "raw")
		return d.graphs()
	}
	return slices.CompactFunc(found, func(a, b match) bool { return a.sign+".gz" == b.sign }), nil
}

// matches reports whether a file name has the form's sign, and returns the name of the graph.
func (f form) matches(file string) (name string, ok bool) {
	before, after, starred := strings.Cut(f.sign, "*")
	file = strings.TrimSuffix(file, ".gz")
	if !starred {
		return "", file == f.sign
	}
	rest, ok := strings.CutPrefix(file, before)
	name, ends := strings.CutSuffix(rest, after)
	return name, ok && ends && name != ""
}
