package folder

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// A Set lists the images of a folder.
type Set struct {
	Root        string
	Classes     []string // by label
	Train, Test []Image
	// Digest is the SHA-256 of the paths and the sizes of all files. Contents are not in it: they
	// are read only when they are needed.
	Digest string
}

// An Image is a file.
type Image struct {
	Path  string // below the root, with slashes
	Label int32
	size  int64
	key   uint64 // decides its place in the order
}

// The names of the folders for training and for the test.
const trainFolder = "train"

var testFolders = []string{"val", "valid", "validation", "test"}

// Is reports whether the name is that of a folder.
func Is(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// Open lists the images of folder root. If there is no folder of images for the test, the given
// share of the others is for it.
func Open(root string, share float64) (*Set, error) {
	s := &Set{Root: root}
	train, test := "", ""
	if Is(filepath.Join(root, trainFolder)) {
		train = trainFolder
		for _, name := range testFolders {
			if Is(filepath.Join(root, name)) {
				test = name
				break
			}
		}
	}
	var err error
	if s.Classes, err = classes(filepath.Join(root, train)); err != nil {
		return nil, err
	}
	if len(s.Classes) < 2 {
		found := "no folders"
		if len(s.Classes) == 1 {
			found = "one folder, " + s.Classes[0]
		}
		return nil, fmt.Errorf("%s has %s; want one for each class, with its JPEG and PNG images: %[1]s/cat, %[1]s/dog", filepath.Join(root, train), found)
	}
	if s.Train, err = s.list(train); err != nil {
		return nil, err
	}
	if test != "" {
		if s.Test, err = s.list(test); err != nil {
			return nil, err
		}
	} else {
		n := len(s.Train) - int(math.Round(share*float64(len(s.Train))))
		s.Train, s.Test = s.Train[:n:n], s.Train[n:]
	}
	s.Digest = digest(s.Train, s.Test)
	return s, nil
}

// Bytes returns about how much memory the list takes.
func (s *Set) Bytes() int64 {
	const each = 40
	sum := int64(0)
	for _, part := range [][]Image{s.Train, s.Test} {
		for _, im := range part {
			sum += each + int64(len(im.Path))
		}
	}
	return sum
}

// classes returns the names of the folders in dir, in their order.
func classes(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if !hidden(e.Name()) && Is(filepath.Join(dir, e.Name())) {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

// hidden reports whether a file or a folder is one that programs leave behind.
func hidden(name string) bool { return strings.HasPrefix(name, ".") || name == "__MACOSX" }

// list returns the images of a part of the set, in order.
func (s *Set) list(part string) ([]Image, error) {
	names, err := classes(filepath.Join(s.Root, part))
	if err != nil {
		return nil, err
	}
	var all []Image
	for _, name := range names {
		label, ok := slices.BinarySearch(s.Classes, name)
		if !ok {
			return nil, fmt.Errorf("%s is a class that the images for training do not have", filepath.Join(s.Root, part, name))
		}
		found := len(all)
		if all, err = s.walk(all, path.Join(part, name), int32(label), deepest); err != nil {
			return nil, err
		}
		if len(all) == found {
			return nil, fmt.Errorf("%s has no JPEG or PNG images (.jpg, .jpeg, .png)", filepath.Join(s.Root, part, name))
		}
	}
	for i := range all {
		sum := sha256.Sum256([]byte(strings.TrimPrefix(all[i].Path, part)))
		all[i].key = binary.BigEndian.Uint64(sum[:])
	}
	slices.SortFunc(all, func(a, b Image) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.Path, b.Path)) })
	return all, nil
}

// deepest is how many folders images may lie below that of their class: links can lead in circles.
const deepest = 8

// walk appends the images below a folder. Links are followed.
func (s *Set) walk(all []Image, dir string, label int32, deep int) ([]Image, error) {
	entries, err := os.ReadDir(filepath.Join(s.Root, dir))
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if hidden(e.Name()) {
			continue
		}
		name := path.Join(dir, e.Name())
		info, err := os.Stat(filepath.Join(s.Root, name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("%s is a link that leads nowhere", filepath.Join(s.Root, name))
		case err != nil:
			return nil, err
		case info.IsDir() && deep == 0:
			return nil, fmt.Errorf("%s lies more than %d folders below its class", filepath.Join(s.Root, name), deepest)
		case info.IsDir():
			if all, err = s.walk(all, name, label, deep-1); err != nil {
				return nil, err
			}
		case isImage(e.Name()):
			all = append(all, Image{Path: name, Label: label, size: info.Size()})
		}
	}
	return all, nil
}

// isImage goes by the end of a file's name.
func isImage(name string) bool {
	return slices.Contains([]string{".jpg", ".jpeg", ".png"}, strings.ToLower(path.Ext(name)))
}

func digest(parts ...[]Image) string {
	h := sha256.New()
	for k, part := range parts {
		for _, im := range part {
			fmt.Fprintf(h, "%d %d %s\n", k, im.size, im.Path)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}
