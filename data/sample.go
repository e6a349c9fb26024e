package data

import (
	"embed"
	"io"
)

// The sample is the beginning of each of the published files, recompressed.
// To make it again from them: go run ./data/sample/gen -from DIR -to data/sample
//
//go:embed sample/*.gz sample/LICENSE sample/README.md
var sample embed.FS

// openSample reads the embedded sample.
func openSample(in *Info, _ string) (train, test *Set, warnings []string, err error) {
	train, test, err = in.readFashion(func(i int) (string, io.ReadCloser, error) {
		name := "sample/" + in.Members[i].Name + ".gz"
		f, err := sample.Open(name)
		return "embedded " + name, f, err
	})
	return train, test, nil, err
}
