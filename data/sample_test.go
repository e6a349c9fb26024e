package data

import (
	"io/fs"
	"testing"
)

func TestSample(t *testing.T) {
	train, test, warnings, err := Open("fashion-mnist-sample", "")
	if err != nil || len(warnings) > 0 {
		t.Fatal(err, warnings)
	}
	if train.Len() != 6000 || test.Len() != 1000 || train.Shape != [3]int{1, 28, 28} || train.Classes != 10 {
		t.Fatalf("%d and %d images of %v, %d classes", train.Len(), test.Len(), train.Shape, train.Classes)
	}
	// The first labels of the published files, as the set's home page shows them.
	if got := train.Labels[:6]; string(got) != "\x09\x00\x00\x03\x00\x02" {
		t.Errorf("training labels begin with %v", got)
	}
	if got := test.Labels[:6]; string(got) != "\x09\x02\x01\x01\x06\x01" {
		t.Errorf("test labels begin with %v", got)
	}
	// Checksums are checked on reading. An embedded set does not look at the folder
	// given here.
	checks, err := Verify("fashion-mnist-sample", "/nowhere")
	if err != nil || len(checks) != 4 {
		t.Fatal(err, checks)
	}
	for _, c := range checks {
		if c.State != Good {
			t.Errorf("%+v", c)
		}
	}
}

func TestSampleIsSmall(t *testing.T) {
	var size int64
	err := fs.WalkDir(sample, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		size += info.Size()
		return err
	})
	if err != nil || size > 4_000_000 {
		t.Errorf("the sample has %d bytes (%v), want at most 4 MB", size, err)
	}
}

func BenchmarkOpenSample(b *testing.B) {
	for b.Loop() {
		if _, _, _, err := Open("fashion-mnist-sample", ""); err != nil {
			b.Fatal(err)
		}
	}
}
