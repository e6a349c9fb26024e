package data

import (
	"embed"
	"sync"
)

// The sample is the beginning of each of the published files, recompressed.
// To make it again from them: go run ./data/sample/gen -from DIR -to data/sample
//
//go:embed sample/*.gz sample/LICENSE sample/README.md
var sample embed.FS

// unpacked is the embedded sample, once it was opened. It takes a twentieth of a second to unpack, and a series of
// runs opens it for each of them.
var unpacked struct {
	once        sync.Once
	train, test *Set
	err         error
}

// openSample returns the embedded sample.
func openSample(in *Info, _ string) (train, test *Set, warnings []string, err error) {
	u := &unpacked
	u.once.Do(func() { u.train, u.test, u.err = in.readFashion(in.sampleFile) })
	if u.err != nil {
		return nil, nil, nil, u.err
	}
	return u.train.Slice(0, u.train.Len()), u.test.Slice(0, u.test.Len()), nil, nil
}

// sampleFile opens the embedded file of Members[i].
func (in *Info) sampleFile(i int) (idxFile, error) {
	name := "sample/" + in.Members[i].Name + ".gz"
	f, err := sample.Open(name)
	if err != nil {
		return idxFile{name: "embedded " + name}, err
	}
	info, err := f.Stat()
	if err != nil {
		return idxFile{name: "embedded " + name}, err
	}
	return idxFile{"embedded " + name, info.Size(), f}, nil
}
