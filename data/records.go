package data

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"

	"breakeven/internal/regular"
	"breakeven/tensor"
)

// record returns the bytes of a record: an example's labels, a byte each, then the image: red,
// green and blue, each row by row. Of two labels the first is a coarse one.
func (in *Info) record() int64 { return int64(in.labels() + in.size()) }

// labels returns how many labels a record has.
func (in *Info) labels() int {
	if in.cifar.coarse > 0 {
		return 2
	}
	return 1
}

// readRecords reads records, all that r holds, into the examples of s.
func (in *Info) readRecords(r io.Reader, s *Set) error {
	want := int64(s.Len()) * in.record()
	b, labels := bufio.NewReaderSize(r, 1<<18), make([]byte, in.labels()) // the file is read once and never held
	for k := range s.Len() {
		begin := int64(k) * in.record()
		if err := fill(b, labels, begin, want); err != nil {
			return err
		}
		if err := fill(b, s.image(k), begin+int64(len(labels)), want); err != nil {
			return err
		}
		if len(labels) > 1 && int(labels[0]) >= in.cifar.coarse {
			return fmt.Errorf("example %d has the coarse label %d; these go from 0 to %d", k, labels[0], in.cifar.coarse-1)
		}
		s.Labels[k] = labels[len(labels)-1]
	}
	if err := end(b, want); err != nil {
		return err
	}
	return checkLabels(s.Labels, in.Classes)
}

// A recordFile holds a part of a set as records. Its name says how many: train_6000.bin, or
// train_6000.bin.gz.
type recordFile struct {
	path string
	n    int
}

var recordName = regexp.MustCompile(`^(train|test)_([1-9][0-9]{0,5})\.bin(\.gz)?$`)

// recordFiles returns those of the first folder that has any, for training and for the test; nil
// if there are none.
func (in *Info) recordFiles(dir string) ([]recordFile, error) {
	for _, sub := range in.folders {
		at := filepath.Join(dir, sub)
		entries, err := os.ReadDir(at)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("cannot look for the files: %w; check the folder and its permissions", err)
		}
		files := make([]recordFile, 2)
		for _, e := range entries {
			m := recordName.FindStringSubmatch(e.Name())
			if m == nil {
				continue
			}
			f := &files[0]
			if m[1] == "test" {
				f = &files[1]
			}
			if f.path != "" {
				return nil, fmt.Errorf("%s has %s and %s; leave one of them there", at, filepath.Base(f.path), e.Name())
			}
			f.path = filepath.Join(at, e.Name())
			f.n, _ = strconv.Atoi(m[2]) // of at most six digits
		}
		switch {
		case files[0].path != "" && files[1].path != "":
			return files, nil
		case files[0].path != "":
			return nil, in.missing(at, "test_N.bin beside "+filepath.Base(files[0].path))
		case files[1].path != "":
			return nil, in.missing(at, "train_N.bin beside "+filepath.Base(files[1].path))
		}
	}
	return nil, nil
}

// openRecords reads a part of a set. It warns of what it is.
func (in *Info) openRecords(files []recordFile) (train, test *Set, warnings []string, err error) {
	sets, errs := make([]*Set, len(files)), make([]error, len(files))
	tensor.Parallel(len(files), func(i int) { sets[i], errs[i] = in.readRecordFile(files[i]) })
	for _, err := range errs {
		if err != nil {
			return nil, nil, nil, in.again(err)
		}
	}
	return sets[0], sets[1], []string{in.partly(filepath.Dir(files[0].path), files[0].n, files[1].n)}, nil
}

// partly is the warning for a part of a set.
func (in *Info) partly(folder string, train, test int) string {
	return fmt.Sprintf("%s: results are of a part of the set, in %s: %d of %d examples for training and %d of %d for the test",
		in.Name, folder, train, in.Train, test, in.Test)
}

// readRecordFile reads a file of records, gzipped or not. Before it allocates memory for them it
// compares the number in the name with the published one and, if the file is not gzipped, with its
// size.
func (in *Info) readRecordFile(f recordFile) (*Set, error) {
	file, size, err := regular.Open(f.path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	s, err := in.partOf(file, size, f.n)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.path, err)
	}
	return s, nil
}

// partOf reads n records from a file of the given size.
func (in *Info) partOf(file interface {
	io.Reader
	io.ReaderAt
}, size int64, n int) (*Set, error) {
	if most := in.Train + in.Test; n > most {
		return nil, fmt.Errorf("its name says %d examples, more than the %d of the set", n, most)
	}
	if err := recognised(file); err != nil {
		return nil, err
	}
	r, packed, err := plain(file)
	if err != nil {
		return nil, fmt.Errorf("corrupt gzip header (%w)", err)
	}
	if want := int64(n) * in.record(); !packed && size != want {
		return nil, fmt.Errorf("it has %d bytes, and the %d examples of its name have %d", size, n, want)
	}
	s := in.newSet(n)
	return s, in.readRecords(r, s)
}

// checkRecords checks a part of a set: it is not what was published, even if it can be read.
func (in *Info) checkRecords(files []recordFile) (checks []Check) {
	for i, f := range files {
		all := []int{in.Train, in.Test}[i]
		_, err := in.readRecordFile(f)
		if err == nil {
			err = fmt.Errorf("it has %d of the %d published examples", f.n, all)
		}
		checks = append(checks, Check{File: filepath.Base(f.path), Path: f.path}.Failed(err))
	}
	return checks
}
