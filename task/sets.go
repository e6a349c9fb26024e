package task

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"breakeven/data"
	"breakeven/data/graph"
	"breakeven/data/text"
	"breakeven/run"
)

// Sets returns the descriptions of the data sets of all families.
func Sets() []data.Info {
	var all []data.Info
	for _, f := range Families {
		all = append(all, f.Sets...)
	}
	return all
}

// SetNames returns their names.
func SetNames() []string {
	var names []string
	for _, in := range Sets() {
		names = append(names, in.Name)
	}
	return names
}

// Lookup returns the description of the named data set.
func Lookup(name string) (data.Info, error) {
	for _, in := range Sets() {
		if in.Name == name {
			return in, nil
		}
	}
	return data.Info{}, unknown(name)
}

// unknown is the error for data that no family reads.
func unknown(name string) error {
	if _, err := os.Stat(name); run.IsFile(name) && errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("data: %s: %w: name a folder of images, or a file whose name ends in one of %s", name, fs.ErrNotExist, words(endings))
	}
	if run.IsFile(name) {
		return fmt.Errorf("data: no task reads %s: its name must end in one of %s", name, words(endings))
	}
	hint := ""
	if near, ok := run.Nearest(name, SetNames()); ok {
		hint = fmt.Sprintf(" (did you mean %q?)", near)
	}
	return fmt.Errorf("data: no data set is called %q%s; there are %s", name, hint, words(SetNames()))
}

func words(names []string) string { return strings.Join(names, ", ") }

// Verify compares the files of a named data set in folder dir ("" is
// data.DefaultDir) with their published checksums.
func Verify(name, dir string) ([]data.Check, error) {
	in, err := Lookup(name)
	if err != nil {
		return nil, err
	}
	if isGraph(name) {
		return graph.Verify(name, dir)
	}
	if _, ok := pairs.set(name); ok {
		return nil, fmt.Errorf("data: %s: its authors publish no checksums that files could be compared with", name)
	}
	if name == text.IMDB.Name {
		if dir, err = textFolder(dir); err != nil {
			return nil, err
		}
		return data.VerifyFiles(in.Files, dir), nil
	}
	return data.Verify(name, dir)
}

// Fetch downloads the files of a named data set into folder dir ("" is
// data.DefaultDir), as data.Fetch does.
func Fetch(ctx context.Context, name, dir string, progress func(file string, done, total int64)) error {
	in, err := Lookup(name)
	switch {
	case err != nil:
		return err
	case in.ByHand != "":
		return fmt.Errorf("data: %s: its authors publish no checksums, and what cannot be checked is not downloaded: get %s from %s, and put that into the folder of the data sets",
			name, in.ByHand, in.Source)
	}
	if name == text.IMDB.Name {
		if dir, err = textFolder(dir); err != nil {
			return err
		}
		return data.FetchFiles(ctx, name, in.Files, dir, progress)
	}
	return data.Fetch(ctx, name, dir, progress)
}

// textFolder is the folder of the reviews' archive.
func textFolder(dir string) (string, error) {
	if dir == "" {
		var err error
		if dir, err = data.DefaultDir(); err != nil {
			return "", err
		}
	}
	return filepath.Join(dir, text.IMDB.Name), nil
}
