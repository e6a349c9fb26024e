package data

import (
	"archive/tar"
	"bytes"
	"io"
	"testing"

	"breakeven/internal/testenv"
)

// mostMemory bounds what reading n bytes of hostile input may take: some
// buffers, some for each member of an archive, and a small multiple of the input.
func mostMemory(n int) int64 { return 4<<20 + 16*int64(n) }

func FuzzIDX(f *testing.F) {
	good := idx(make([]byte, 24), 2, 3, 4)
	for _, b := range [][]byte{nil, good, good[:30], append(bytes.Clone(good), 0), zipped(f, good), zipped(f, append(bytes.Clone(good), make([]byte, 1<<20)...)), idx(nil, 1<<31, 1<<31, 1<<31)} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var items []byte
		var err error
		taken := testenv.Allocated(func() { items, _, err = readIDX(bytes.NewReader(b), int64(len(b)), 2, 3, 4) })
		if taken > mostMemory(len(b)) {
			t.Errorf("%d bytes were taken for %d", taken, len(b))
		}
		if err == nil && len(items) != 24 {
			t.Errorf("%d items", len(items))
		}
	})
}

// smallCIFAR is a description like CIFAR-10's of one image of 2×2 a file.
func smallCIFAR(tb testing.TB) (in Info, entries []entry) {
	in, err := Lookup("cifar10")
	if err != nil {
		tb.Fatal(err)
	}
	in.Shape, in.Train, in.Test = [3]int{3, 2, 2}, 5, 1
	in.Members = append([]File(nil), in.Members...)
	for i := range in.Members {
		in.Members[i].Size = 13
		entries = append(entries, entry{"cifar-10-batches-bin/" + in.Members[i].Name, tar.TypeReg, []byte{byte(i), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}})
	}
	return in, entries
}

func FuzzCIFAR(f *testing.F) {
	in, entries := smallCIFAR(f)
	for _, b := range [][]byte{nil, entries[0].body, entries[0].body[:12], append(bytes.Clone(entries[0].body), 0), bytes.Repeat([]byte{10}, 13)} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		train, test := in.newSet(in.Train), in.newSet(in.Test)
		errs := make([]error, len(in.Members))
		taken := testenv.Allocated(func() {
			for i := range in.Members {
				_, errs[i] = in.readBatch(bytes.NewReader(b), i, train, test)
			}
		})
		if taken > mostMemory(len(b)) {
			t.Errorf("%d bytes were taken for %d", taken, len(b))
		}
		for i, err := range errs {
			if good := len(b) == 13 && b[0] < 10; good != (err == nil) {
				t.Errorf("file %d of % x: error %v", i, b, err)
			}
		}
	})
}

func FuzzTar(f *testing.F) {
	in, entries := smallCIFAR(f)
	for _, list := range [][]entry{
		nil, entries, append(entries[1:], entries[1]),
		{{"cifar-10-batches-bin/", tar.TypeDir, nil}, {"../" + entries[0].name, tar.TypeReg, entries[0].body}, {entries[0].name, tar.TypeSymlink, []byte("/etc/passwd")}},
	} {
		f.Add(unzipped(f, tarred(f, list)))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		train, test := in.newSet(in.Train), in.newSet(in.Test)
		const most = 1 << 15
		taken := testenv.Allocated(func() {
			_ = in.untar(&io.LimitedReader{R: bytes.NewReader(b), N: most}, most, train, test)
		})
		if taken > mostMemory(len(b)) {
			t.Errorf("%d bytes were taken for %d", taken, len(b))
		}
	})
}
