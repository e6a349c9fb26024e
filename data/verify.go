package data

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"breakeven/internal/regular"
)

// A State is the result of Verify for a file.
type State string

// The states of a file.
const (
	Good    State = "ok"      // the published file, or its contents compressed otherwise
	Missing State = "missing" // not found
	Differs State = "differs" // found, but not the published contents
)

// A Check is what Verify found about one file.
type Check struct {
	File   string `json:"file"`
	Path   string `json:"path"` // where it was found, or looked for
	State  State  `json:"state"`
	Detail string `json:"detail,omitempty"` // in words
}

// Verify compares the files of the named set in folder dir ("" is DefaultDir) with the
// published checksums and returns one Check for each.
func Verify(name, dir string) ([]Check, error) {
	in, err := Lookup(name)
	if err != nil {
		return nil, err
	}
	if dir, err = folder(&in, dir); err != nil {
		return nil, err
	}
	return in.verify(&in, dir), nil
}

// verifySample checks the embedded files.
func verifySample(in *Info, _ string) []Check {
	return in.verifyIDX(in.sampleFile)
}

// verifyFashion checks the contents of the four idx files.
func verifyFashion(in *Info, dir string) []Check {
	return in.verifyIDX(func(i int) (idxFile, error) {
		name := in.Members[i].Name
		path, err := in.locate(dir, name, name+".gz")
		if path == "" {
			if err == nil {
				err = fs.ErrNotExist
			}
			return idxFile{name: filepath.Join(dir, name+".gz")}, err
		}
		return openIDX(path)
	})
}

func (in *Info) verifyIDX(source func(i int) (idxFile, error)) []Check {
	var checks []Check
	for i, m := range in.Members {
		f, err := source(i)
		c := Check{File: m.Name, Path: f.name, State: Good, Detail: "its contents have the published sha256"}
		if err == nil {
			_, err = in.readMember(i, f)
			f.Close()
		}
		checks = append(checks, c.Failed(err))
	}
	return checks
}

// Failed returns c with the state and the detail of an error.
func (c Check) Failed(err error) Check {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c.State, c.Detail = Missing, ""
	case err != nil:
		c.State, c.Detail = Differs, err.Error()
	}
	return c
}

// verifyCIFAR checks the unpacked files, if there are any, and the archive, which may be missing
// if they are there.
func verifyCIFAR(in *Info, dir string) []Check {
	var checks []Check
	batches, err := in.batchFolder(dir)
	if batches != "" && err == nil {
		for _, m := range in.Members {
			checks = append(checks, verifyFile(m, filepath.Join(batches, m.Name)))
		}
	}
	archive, err := in.locate(dir, in.Files[0].Name)
	if archive == "" {
		if len(checks) > 0 {
			return checks
		}
		if parts, _ := in.recordFiles(dir); parts != nil {
			return in.checkRecords(parts)
		}
		c := Check{File: in.Files[0].Name, Path: filepath.Join(dir, in.Files[0].Name)}
		if err == nil {
			err = fs.ErrNotExist
		}
		return append(checks, c.Failed(err))
	}
	return append(checks, verifyFile(in.Files[0], archive))
}

// verifyFile compares the file at path with f.
func verifyFile(f File, path string) Check {
	c := Check{File: f.Name, Path: path, State: Good, Detail: "it has the published checksum"}
	return c.Failed(f.compare(path))
}

// compare returns an error unless the file at path has f's size and checksum: the sha256 or, if
// there is none, the md5.
func (f File) compare(path string) error {
	r, err := f.open(path)
	if err != nil {
		return err
	}
	defer r.Close()
	kind, want, h := "sha256", f.SHA256, hash.Hash(sha256.New())
	if want == "" {
		kind, want, h = "md5", f.MD5, md5.New()
	}
	sum, err := sumOf(r, h)
	if err == nil && sum != want {
		err = fmt.Errorf("its %s is %s, the published one %s", kind, sum, want)
	}
	return err
}

// open opens the file at path, which must have f's size.
func (f File) open(path string) (*os.File, error) {
	r, size, err := regular.Open(path)
	if err != nil {
		return nil, err
	}
	if err := sized(size, f.Size); err != nil {
		if other := recognised(r); other != nil {
			err = other
		}
		r.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// sumOf returns the checksum of the contents of f.
func sumOf(f *os.File, h hash.Hash) (string, error) {
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
