//go:build unix

package data

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// A pipe without a writer, in place of any of the files, is refused at once.
func TestPipes(t *testing.T) {
	fashion, _, _, files := tinyFashion(t)
	cifar, _, _, entries := tinyCIFAR(t)
	pipe := func(dir, name string) {
		path := filepath.Join(dir, name)
		_ = os.Remove(path)
		if err := syscall.Mkfifo(path, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	dirs := [3]string{t.TempDir(), t.TempDir(), t.TempDir()}
	for name, b := range files {
		put(t, dirs[0], name, b)
	}
	for _, e := range entries[2:] {
		put(t, dirs[1], filepath.Base(e.name), e.body)
	}
	for i, test := range []struct {
		in    *Info
		name  string
		check int // of Verify
	}{{&fashion, "train-images-idx3-ubyte", 0}, {&cifar, "data_batch_5.bin", 4}, {&cifar, "cifar-10-binary.tar.gz", 0}} {
		pipe(dirs[i], test.name)
		_, _, _, err := test.in.open(test.in, dirs[i])
		complains(t, err, filepath.Join(dirs[i], test.name)+" is a pipe", "fetch it again")
		if c := test.in.verify(test.in, dirs[i])[test.check]; c.State != Differs {
			t.Errorf("verify: %+v", c)
		}
	}

	// The same for the place that a download goes to.
	c := newFetch(t, nil)
	put(t, c.dir, "x", nil)
	pipe(c.dir, "set.bin.part")
	complains(t, c.fetch(), c.part()+" is not a regular file")
	c = newFetch(t, nil)
	put(t, c.dir, "set.bin.part", c.body[:100])
	pipe(c.dir, "set.bin.part.source")
	pipe(c.dir, "set.bin")
	if err := c.fetch(); err != nil {
		t.Fatal(err)
	}
	c.asked(t, "")
	c.arrived(t)
}
