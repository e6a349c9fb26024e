package graph

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"breakeven/data"
)

const (
	planetoidSource = "https://github.com/kimiyoung/planetoid"
	planetoidCite   = "Z. Yang, W. W. Cohen, R. Salakhutdinov: Revisiting Semi-Supervised Learning with Graph Embeddings, ICML 2016, arXiv:1603.08861"
)

// The citation graphs of Planetoid. Train and Test are of the public split. Their authors publish
// no checksums, so that nothing is downloaded. Of a data.Info, Shape is not used.
var (
	Cora = data.Info{
		Name:    "cora",
		Doc:     "2,708 papers of seven subjects, the words in them, and 5,278 citations between them; embedded in the program.",
		Classes: 7, Train: 140, Test: 1000,
		Licence: "MIT", Source: planetoidSource, Cite: planetoidCite,
	}
	Citeseer = data.Info{
		Name:    "citeseer",
		Doc:     "3,327 papers of six subjects, the words in them, and 4,552 citations between them.",
		Classes: 6, Train: 120, Test: 1000, ByHand: "data/ind.citeseer.*",
		Licence: "MIT", Source: planetoidSource, Cite: planetoidCite,
	}
	Pubmed = data.Info{
		Name:    "pubmed",
		Doc:     "19,717 papers on three kinds of diabetes, the weights of words in them, and 44,324 citations between them.",
		Classes: 3, Train: 60, Test: 1000, ByHand: "data/ind.pubmed.*",
		Licence: "MIT", Source: planetoidSource, Cite: planetoidCite,
	}
)

// A published is what is known of a named set.
type published struct {
	*data.Info
	folder                 string // of the set in the layout of PyTorch Geometric
	nodes, edges, features int
	digest                 string // of its content; "" if it is not known
}

var sets = []published{
	{&Cora, "Cora", 2708, 5278, 1433, "be4f551787e3f5be285077912aac9e13d2ae5700cac122ef8de6d18889001d5e"},
	{&Citeseer, "CiteSeer", 3327, 4552, 3703, "3044b8fc6117846b19afd02b3d4cccc6940e916e33b33b37f39f260d02af0ff5"},
	{&Pubmed, "PubMed", 19717, 44324, 500, ""},
}

// sample is Cora in text.
//
//go:embed sample/*.gz sample/LICENSE sample/README.md
var sample embed.FS

// Open reads the named set, cora, citeseer or pubmed, from folder dir ("" is data.DefaultDir) or
// from planetoid or a folder of the set's name below it: the published files ind.NAME.*, or the
// same in text. Cora is in the program, and needs no files.
//
// Errors wrap fs.ErrNotExist if files are missing.
func Open(name, dir string) (*Set, error) {
	for _, p := range sets {
		if p.Name == name {
			s, err := p.open(dir)
			if err != nil {
				return nil, fmt.Errorf("graph: %s: %w", name, err)
			}
			return s, nil
		}
	}
	return nil, fmt.Errorf("graph: no graph is called %q; there are cora, citeseer and pubmed", name)
}

func (p *published) open(dir string) (*Set, error) {
	found, err := p.find(dir)
	if err != nil {
		return nil, err
	}
	c, err := found.read(found.folder, p.Name)
	if err != nil {
		return nil, err
	}
	s, err := c.set(false)
	if err != nil {
		return nil, err
	}
	if p.is(s) {
		s.Warnings = c.facts // what was left out is known of the published set
	} else {
		s.Warnings = append(s.Warnings, fmt.Sprintf("%s: results are of the graph in %s, which differs from the published one: %d nodes and %d edges, published %d and %d",
			p.Name, found.dir, s.Nodes(), len(s.Edges.Index)/2, p.nodes, p.edges))
	}
	return s, nil
}

// Verify reads the named set, which Open finds, and compares it with what was published: its
// content or, of Pubmed, the sizes of its parts. The check names the set in place of a file.
func Verify(name, dir string) ([]data.Check, error) {
	for _, p := range sets {
		if p.Name == name {
			return []data.Check{p.check(dir)}, nil
		}
	}
	return nil, fmt.Errorf("graph: no graph is called %q", name)
}

func (p *published) check(dir string) data.Check {
	c := data.Check{File: p.Name, Path: dir, State: data.Good, Detail: "its content is the published one"}
	if p.digest == "" {
		c.Detail = "its numbers of nodes, edges, features and labels are the published ones"
	}
	if c.Path == "" {
		c.Path, _ = data.DefaultDir()
	}
	found, err := p.find(dir)
	if err != nil {
		return c.Failed(err)
	}
	c.Path = found.dir
	s, err := p.open(dir)
	if err == nil && !p.is(s) {
		err = errors.New("its content is not the published one")
	}
	return c.Failed(err)
}

// is reports whether a set has the published content, as far as that is known.
func (p *published) is(s *Set) bool {
	if p.digest != "" {
		return s.Digest() == p.digest
	}
	return s.Nodes() == p.nodes && len(s.Edges.Index) == 2*p.edges && s.Features.Cols == p.features && s.Classes == p.Classes &&
		len(s.Public.Train) == p.Train && len(s.Public.Test) == p.Test
}

// A source is a folder with a graph, and how to read it.
type source struct {
	folder
	read reader
}

// find looks for the files of the set.
func (p *published) find(dir string) (source, error) {
	embedded := source{folder{dir: "sample", embedded: sample, most: DefaultMost}, readText}
	if dir == "" {
		var err error
		if dir, err = data.DefaultDir(); err != nil {
			if p.Info == &Cora {
				return embedded, nil
			}
			return source{}, err
		}
	}
	for _, sub := range []string{"", "planetoid", p.Name, filepath.Join(p.folder, "raw"), "raw"} {
		at := folder{dir: filepath.Join(dir, sub), most: DefaultMost}
		if read, err := recognised(at, p.Name); read != nil || err != nil {
			return source{at, read}, err
		}
	}
	if p.Info == &Cora {
		return embedded, nil
	}
	return source{}, p.missing(dir)
}

// recognised returns how to read the named graph from a folder; nil if the folder does not have
// it.
func recognised(d folder, name string) (reader, error) {
	for _, f := range forms {
		if !strings.Contains(f.sign, "*") {
			continue
		}
		if found, err := d.find(strings.ReplaceAll(f.sign, "*", name)); found != "" || err != nil {
			return f.read, err
		}
	}
	return nil, nil
}

// missing is the error for a set that is not there.
func (p *published) missing(dir string) error {
	state := fmt.Sprintf("has neither the published files, ind.%s.*, nor %s.features.txt", p.Name, p.Name)
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		state = "does not exist"
	}
	return fmt.Errorf("folder %s %s; get the files from %s (folder data): %w", dir, state, p.Source, fs.ErrNotExist)
}
