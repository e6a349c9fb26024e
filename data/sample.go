package data

import "embed"

// The sample is the beginning of each of the published files, recompressed.
// To make it again from them: go run ./data/sample/gen -from DIR -to data/sample
//
//go:embed sample/*.gz sample/LICENSE sample/README.md
var sample embed.FS

// openSample reads the embedded sample.
func openSample(in *Info, _ string) (train, test *Set, warnings []string, err error) {
	train, test, err = in.readFashion(in.sampleFile)
	return train, test, nil, err
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
