package data

import "fmt"

// openFashion reads Fashion-MNIST's four idx files, gzipped or not.
func openFashion(in *Info, dir string) (train, test *Set, warnings []string, err error) {
	paths, err := in.fashionPaths(dir)
	if err != nil {
		return nil, nil, nil, err
	}
	train, test, err = in.readFashion(func(i int) (idxFile, error) { return openIDX(paths[i]) })
	return train, test, nil, err
}

// fashionPaths returns the paths of the set's files in the order of Members.
func (in *Info) fashionPaths(dir string) ([]string, error) {
	var paths, lacks []string
	for _, m := range in.Members {
		path, err := in.locate(dir, m.Name, m.Name+".gz")
		if err != nil {
			return nil, err
		}
		if path == "" {
			lacks = append(lacks, m.Name)
		}
		paths = append(paths, path)
	}
	if len(lacks) > 0 {
		return nil, in.missing(dir, list(lacks)+", with or without .gz")
	}
	return paths, nil
}

// readFashion reads the two halves from the files that source opens.
func (in *Info) readFashion(source func(i int) (idxFile, error)) (train, test *Set, err error) {
	read := func(i int) ([]byte, error) {
		f, err := source(i)
		if err != nil {
			return nil, in.again(err)
		}
		defer f.Close()
		items, err := in.readMember(i, f)
		if err != nil {
			return nil, in.again(fmt.Errorf("%s: %w", f.name, err))
		}
		return items, nil
	}
	half := func(i, n int) (*Set, error) {
		s := in.newSet(0)
		var err error
		if s.Pixels, err = read(i); err != nil {
			return nil, err
		}
		s.Labels, err = read(i + 1)
		return s, err
	}
	if train, err = half(0, in.Train); err != nil {
		return nil, nil, err
	}
	if test, err = half(2, in.Test); err != nil {
		return nil, nil, err
	}
	return train, test, nil
}

// readMember reads and checks the idx file Members[i]: images of the training
// half, its labels, images of the test half, its labels.
func (in *Info) readMember(i int, f idxFile) ([]byte, error) {
	n := in.Train
	if i >= 2 {
		n = in.Test
	}
	dims := []int{n, in.Shape[1], in.Shape[2]}
	if i%2 == 1 {
		dims = dims[:1]
	}
	items, sum, err := readIDX(f, f.size, dims...)
	if err != nil {
		return nil, err
	}
	if i%2 == 1 {
		if err := checkLabels(items, in.Classes); err != nil {
			return nil, err
		}
	}
	if want := in.Members[i].SHA256; sum != want {
		return nil, fmt.Errorf("its contents are not the published ones (sha256 %s, published %s; MNIST's files have the same names)", sum, want)
	}
	return items, nil
}
