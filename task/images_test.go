package task

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"breakeven/data"
	"breakeven/run"
)

// The published images are identified by their name. Other images in their place, which
// are read with a warning, are identified by their content, so that runs of both are
// told apart.
func TestOtherImages(t *testing.T) {
	spec := run.Default()
	published, err := Open(spec, "")
	if err != nil {
		t.Fatal(err)
	}
	if published.Digest != "" {
		t.Errorf("the sample has the digest %q", published.Digest)
	}
	spec.DataSHA256 = "0123"
	if _, err := Open(spec, ""); err == nil || !strings.Contains(err.Error(), "fashion-mnist-sample holds the published examples, and the run was begun with others, whose SHA-256 is 0123") {
		t.Errorf("error %v", err)
	}

	spec.Data, spec.DataSHA256, spec.Preprocess = "cifar10", "", "channel"
	dir := blackCIFAR(t)
	black, err := Open(spec, dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(black.Digest) != 64 || len(black.Warnings) != 1 {
		t.Errorf("digest %q, warnings %q", black.Digest, black.Warnings)
	}
	f, err := os.OpenFile(filepath.Join(dir, "test_batch.bin"), os.O_WRONLY, 0)
	if err == nil {
		_, err = f.WriteAt([]byte{1}, 1)
	}
	if err != nil || f.Close() != nil {
		t.Fatal(err)
	}
	spec.DataSHA256 = black.Digest
	if _, err := Open(spec, dir); err == nil || !strings.Contains(err.Error(), "does not hold the examples that the run was begun with") {
		t.Errorf("another pixel: error %v", err)
	}
}

// blackCIFAR returns a folder with images of CIFAR-10 that are black, and sparse on disk.
func blackCIFAR(t *testing.T) string {
	t.Helper()
	in, err := data.Lookup("cifar10")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, m := range in.Members {
		name := filepath.Join(dir, m.Name)
		if err := os.WriteFile(name, nil, 0o666); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(name, m.Size); err != nil {
			t.Skip("no sparse files: ", err)
		}
	}
	return dir
}
