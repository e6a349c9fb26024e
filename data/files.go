package data

import (
	"context"
	"path/filepath"
)

// FetchFiles is Fetch for files that belong to no set of images: it downloads them into folder
// dir, unless they are there already. Errors begin with name.
func FetchFiles(ctx context.Context, name string, files []File, dir string, progress func(file string, done, total int64)) error {
	return newFetcher(progress).all(ctx, &Info{Name: name, Files: files}, dir)
}

// VerifyFiles is Verify for files that belong to no set of images, in folder dir: it compares
// them with their checksums and returns one Check for each.
func VerifyFiles(files []File, dir string) []Check {
	var checks []Check
	for _, f := range files {
		checks = append(checks, verifyFile(f, filepath.Join(dir, f.Name)))
	}
	return checks
}
