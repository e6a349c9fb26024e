package text

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"breakeven/data"
	"breakeven/data/table"
)

// IMDB describes the film reviews of Maas et al., 2011. Its Shape is not used.
var IMDB = data.Info{
	Name:    "imdb",
	Doc:     "50,000 reviews of films, half of them good, half bad.",
	Classes: 2, ClassNames: []string{"neg", "pos"}, Train: 25000, Test: 25000,
	Licence: "none stated by its authors",
	Source:  "https://ai.stanford.edu/~amaas/data/sentiment/",
	Cite:    "A. L. Maas, R. E. Daly, P. T. Pham, D. Huang, A. Y. Ng, C. Potts: Learning Word Vectors for Sentiment Analysis, ACL 2011",
	// The authors publish no checksum. This is the one that several public loaders use,
	// scikit-learn's among them.
	Files: []data.File{{
		Name: "aclImdb_v1.tar.gz", Size: 84125825,
		MD5:    "7c2ac02c03563afcf9b574c7e56c153a",
		SHA256: "c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe",
		URL:    "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",
	}},
}

// rootFolder is the folder inside the archive.
const rootFolder = "aclImdb"

// folders are where the set may lie, below the folder of data sets.
var folders = []string{"", "imdb", rootFolder, filepath.Join("imdb", rootFolder)}

// OpenIMDB reads the reviews from the first of these that it finds in folder dir ("" is
// data.DefaultDir) or in imdb below it:
//
//   - the published archive, aclImdb_v1.tar.gz;
//   - the folder that it unpacks to, which has train/pos/0_9.txt;
//   - train.tsv and test.tsv, or imdb_train.tsv and imdb_test.tsv, gzipped
//     (.tsv.gz) or not: a review a line, neg or pos, a tab, and the text.
//
// Warnings must be told to the user beside every result made from the set.
// Errors wrap fs.ErrNotExist if files are missing.
func OpenIMDB(dir string) (train, test *Set, warnings []string, err error) {
	if dir == "" {
		if dir, err = data.DefaultDir(); err != nil {
			return nil, nil, nil, err
		}
	}
	train, test, warnings, err = open(&IMDB, dir)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("text: %s: %w", IMDB.Name, err)
	}
	return train, test, warnings, nil
}

// open is OpenIMDB for a set like IMDB.
func open(in *data.Info, dir string) (train, test *Set, warnings []string, err error) {
	for _, source := range []struct {
		found func(in *data.Info, dir string) (paths []string, err error)
		read  func(in *data.Info, paths []string) (train, test *Set, err error)
	}{{findArchive, readArchive}, {findFolder, readFolder}, {findTSV, readTSV}} {
		paths, err := source.found(in, dir)
		if err != nil {
			return nil, nil, nil, err
		}
		if len(paths) == 0 {
			continue
		}
		if train, test, err = source.read(in, paths); err != nil {
			return nil, nil, nil, err
		}
		if train.Len() != in.Train || test.Len() != in.Test {
			warnings = append(warnings, fmt.Sprintf("%s: results are of the reviews in %s, not of the published set: %d for training and %d for the test, published %d and %d",
				in.Name, filepath.Dir(paths[0]), train.Len(), test.Len(), in.Train, in.Test))
		}
		return train, test, warnings, nil
	}
	return nil, nil, nil, missing(in, dir)
}

// missing is the error for a set that is not there.
func missing(in *data.Info, dir string) error {
	state := fmt.Sprintf("has no %s, no folder %s and no train.tsv or train.tsv.gz, neither in it nor in %s", in.Files[0].Name, rootFolder, in.Name)
	if _, err := os.Stat(dir); err != nil {
		state = "does not exist"
	}
	return &data.FilesError{Set: in.Name, Missing: true, Err: fmt.Errorf("folder %s %s: %w", dir, state, fs.ErrNotExist)}
}

// findTSV returns the paths of the files for training and for the test.
func findTSV(in *data.Info, dir string) ([]string, error) {
	var paths, lacks []string
	for _, half := range []string{"train", "test"} {
		long := in.Name + "_" + half
		path, err := data.Locate(dir, folders, half+".tsv", half+".tsv.gz", long+".tsv", long+".tsv.gz")
		if err != nil {
			return nil, err
		}
		if path == "" {
			lacks = append(lacks, half+".tsv")
			continue
		}
		paths = append(paths, path)
	}
	if len(lacks) == 1 {
		return nil, fmt.Errorf("%s is there, and no %s (or %s.gz) beside it: %w", paths[0], lacks[0], lacks[0], fs.ErrNotExist)
	}
	return paths, nil
}

// readTSV reads a file for training and one for the test.
func readTSV(in *data.Info, paths []string) (train, test *Set, err error) {
	if train, err = tsvHalf(in, paths[0]); err != nil {
		return nil, nil, err
	}
	test, err = tsvHalf(in, paths[1])
	return train, test, err
}

func tsvHalf(in *data.Info, path string) (*Set, error) {
	f, err := table.Open(path, &table.Options{NoHeader: true, Most: maxTexts})
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if n := len(f.Columns()); n != 2 {
		return nil, fmt.Errorf("%s: %d columns; a line has neg or pos, a tab, and the text", path, n)
	}
	var labels, texts table.Array[string]
	if err := f.Read(table.Field{Names: []string{"1"}, Into: &labels}, table.Field{Names: []string{"2"}, Into: &texts}); err != nil {
		return nil, err
	}
	s := newSet(in)
	s.Texts = texts.Data
	for i, name := range labels.Data {
		label := slices.Index(in.ClassNames, name)
		if label < 0 {
			return nil, fmt.Errorf("%s:%d: the first column is %.20q; it must be %s", path, i+1, name, strings.Join(in.ClassNames, " or "))
		}
		s.Labels = append(s.Labels, int32(label))
	}
	return s, nil
}

// newSet returns an empty set of in.
func newSet(in *data.Info) *Set { return &Set{Name: in.Name, Classes: in.ClassNames} }
