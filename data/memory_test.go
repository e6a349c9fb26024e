package data

import (
	"path/filepath"
	"runtime"
	"testing"

	"breakeven/internal/testenv"
)

// Reading a set takes little more memory than the set: files are not held in memory
// besides.
func TestOpenMemory(t *testing.T) {
	in, train, test, entries := cifarOf(t, 600)
	folder, archive := t.TempDir(), t.TempDir()
	for _, e := range entries[2:] {
		put(t, folder, filepath.Base(e.name), e.body)
	}
	packed := tarred(t, entries)
	in.publish(packed)
	put(t, archive, in.Files[0].Name, packed)
	embedded, err := Lookup("fashion-mnist-sample")
	if err != nil {
		t.Fatal(err)
	}
	for what, open := range map[string]func() (*Set, *Set, error){
		"folder":  func() (*Set, *Set, error) { a, b, _, err := in.open(&in, folder); return a, b, err },
		"archive": func() (*Set, *Set, error) { a, b, _, err := in.open(&in, archive); return a, b, err },
		"sample":  func() (*Set, *Set, error) { return embedded.readFashion(embedded.sampleFile) },
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		a, b, err := open()
		runtime.ReadMemStats(&after)
		if err != nil {
			t.Fatal(err)
		}
		took, holds := int64(after.TotalAlloc-before.TotalAlloc), a.Bytes()+b.Bytes()
		if what != "sample" {
			same(t, what, a, train)
			same(t, what, b, test)
		}
		if what != "sample" && in.Bytes() != holds {
			t.Errorf("%s: %d bytes were announced, it holds %d", what, in.Bytes(), holds)
		}
		const buffers = 2 << 20 // of the readers, unpackers and checksums
		if took < holds || took > holds+buffers {
			t.Errorf("%s: reading %d bytes took %d", what, holds, took)
		}
	}
}

// Batcher.Bytes is the memory that a Batcher holds.
func TestBatcherBytes(t *testing.T) {
	set := randomSet(5, 1000, [3]int{1, 8, 8})
	transform, err := NewTransform("paper", set)
	if err != nil {
		t.Fatal(err)
	}
	for _, augment := range []Augment{{}, {Flip: true, Shift: 2}} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		b, err := NewBatcher(set, transform, augment, 0, 10)
		runtime.ReadMemStats(&after)
		if err != nil {
			t.Fatal(err)
		}
		if took := int64(after.TotalAlloc - before.TotalAlloc); b.Bytes() < took*8/10 || b.Bytes() > took {
			t.Errorf("%+v: a batcher that took %d bytes says %d", augment, took, b.Bytes())
		}
	}
}

// The embedded sample is unpacked once.
func TestSampleIsShared(t *testing.T) {
	train, test, _, err := Open("fashion-mnist-sample", "")
	if err != nil {
		t.Fatal(err)
	}
	if took := testenv.Allocated(func() {
		again, more, _, err := Open("fashion-mnist-sample", "")
		if err != nil {
			t.Fatal(err)
		}
		same(t, "again", again, train)
		same(t, "again", more, test)
	}); took > 1<<16 {
		t.Errorf("opening it again takes %d bytes", took)
	}
}
