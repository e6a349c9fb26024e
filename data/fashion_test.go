package data

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"breakeven/internal/testenv"
	"breakeven/rng"
)

// Files may be plain or gzipped, in the folder itself or in known folders below it, two
// of them torchvision's.
func TestOpenFashion(t *testing.T) {
	in, wantTrain, wantTest, files := tinyFashion(t)
	for _, sub := range []string{"", "fashion-mnist", "raw", "FashionMNIST/raw"} {
		for _, pack := range []bool{false, true} {
			dir := t.TempDir()
			for name, b := range files {
				if pack {
					name, b = name+".gz", zipped(t, b)
				}
				put(t, filepath.Join(dir, sub), name, b)
			}
			train, test, warnings, err := in.open(&in, dir)
			if err != nil || len(warnings) > 0 {
				t.Fatalf("in %q, gzipped %v: %v, %v", sub, pack, err, warnings)
			}
			same(t, "training", train, wantTrain)
			same(t, "test", test, wantTest)
			for _, c := range in.verify(&in, dir) {
				if c.State != Good {
					t.Errorf("verify: %+v", c)
				}
			}
		}
	}
}

func TestFashionHostile(t *testing.T) {
	const images, labels = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
	edit := func(b []byte, at int, x byte) []byte {
		b = bytes.Clone(b)
		b[at] = x
		return b
	}
	for _, c := range []struct {
		what, file string
		damage     func(b []byte) []byte
		words      []string
	}{
		{"empty", images, func([]byte) []byte { return nil }, []string{"truncated", "0 of 9424"}},
		{"half a header", images, func(b []byte) []byte { return b[:10] }, []string{"truncated", "10 of 9424"}},
		{"half a body", images, func(b []byte) []byte { return b[:5000] }, []string{"truncated", "5000 of 9424"}},
		{"one byte short", labels, func(b []byte) []byte { return b[:len(b)-1] }, []string{"truncated", "19 of 20"}},
		{"one byte long", labels, func(b []byte) []byte { return append(bytes.Clone(b), 0) }, []string{"too long: it has 21 bytes, the published file 20"}},
		{"labels for images", images, func([]byte) []byte { return idx(make([]byte, 12), 12) }, []string{"begins with 00000801, not 00000803"}},
		{"web page", images, func([]byte) []byte { return []byte("<html>not found</html>") }, []string{"it is a web page", "fetch it again"}},
		{"pointer", labels, func([]byte) []byte { return []byte("version https://git-lfs.github.com/spec/v1\n") }, []string{"it is a pointer of Git LFS"}},
		{"text", images, func([]byte) []byte { return []byte("not found") }, []string{"begins with 6e6f7420"}},
		{"other count", images, func(b []byte) []byte { return edit(b, 7, 13) }, []string{"dimension 0 is 13", "12 in the published"}},
		{"huge count", images, func(b []byte) []byte { return edit(b, 4, 255) }, []string{"dimension 0 is"}},
		{"other height", images, func(b []byte) []byte { return edit(b, 11, 27) }, []string{"dimension 1 is 27"}},
		{"counts disagree", labels, func(b []byte) []byte { return idx(make([]byte, 11), 11) }, []string{"dimension 0 is 11"}},
		{"label out of range", labels, func(b []byte) []byte { return edit(b, 8+3, 10) }, []string{"example 3 has label 10", "0 to 9"}},
		{"changed pixel", images, func(b []byte) []byte { return edit(b, 5000, b[5000]+1) }, []string{"not the published ones", "sha256"}},
		{"changed label", labels, func(b []byte) []byte { return edit(b, 8, (b[8]+1)%10) }, []string{"not the published ones"}},
		{"gzip cut", images, func(b []byte) []byte { z := zipped(t, b); return z[:len(z)/2] }, []string{"truncated"}},
		{"gzip trailer cut", images, func(b []byte) []byte { z := zipped(t, b); return z[:len(z)-3] }, []string{"truncated"}},
		{"gzip trailer wrong", images, func(b []byte) []byte { z := zipped(t, b); return edit(z, len(z)-6, z[len(z)-6]+1) }, []string{"corrupt", "checksum"}},
		{"gzip header only", images, func([]byte) []byte { return []byte{0x1f, 0x8b} }, []string{"corrupt gzip header"}},
		{"gzip bomb", labels, func([]byte) []byte { return zipped(t, append(idx(make([]byte, 12), 12), make([]byte, 50<<20)...)) }, []string{"too long"}},
	} {
		t.Run(c.what, func(t *testing.T) {
			in, _, _, files := tinyFashion(t)
			dir := t.TempDir()
			for name, b := range files {
				if name == c.file {
					b = c.damage(b)
				}
				put(t, dir, name, b)
			}
			_, _, _, err := in.open(&in, dir)
			complains(t, err, append(c.words, filepath.Join(dir, c.file), "fetch it again")...)
			for _, check := range in.verify(&in, dir) {
				if bad := check.State != Good; bad != (check.File == c.file) {
					t.Errorf("verify: %+v", check)
				}
			}
		})
	}
}

func TestFashionMissing(t *testing.T) {
	in, _, _, files := tinyFashion(t)
	dir := t.TempDir()
	for name, b := range files {
		if name != "t10k-labels-idx1-ubyte" {
			put(t, dir, name, b)
		}
	}
	_, _, _, err := in.open(&in, dir)
	complains(t, err, dir, "no t10k-labels-idx1-ubyte,", "fetch the set")
	if !errors.Is(err, fs.ErrNotExist) {
		t.Error("error is not fs.ErrNotExist")
	}
	if got := in.verify(&in, dir)[3].State; got != Missing {
		t.Errorf("verify says %s", got)
	}
	_, _, _, err = Open("fashion-mnist", filepath.Join(dir, "nowhere"))
	complains(t, err, "nowhere does not exist", "data: fashion-mnist:")

	if err := os.Mkdir(filepath.Join(dir, "t10k-labels-idx1-ubyte"), 0o755); err != nil {
		t.Fatal(err)
	}
	_, _, _, err = in.open(&in, dir)
	complains(t, err, "t10k-labels-idx1-ubyte is a folder")
	if got := in.verify(&in, dir)[3].State; got != Differs {
		t.Errorf("verify says %s of a folder", got)
	}
	_, _, _, err = in.open(&in, filepath.Join(dir, "train-labels-idx1-ubyte"))
	complains(t, err, "train-labels-idx1-ubyte", "check the folder")
}

// A damaged file never makes the reader panic or read beyond the file's size, and is
// never accepted.
func TestIDXDamage(t *testing.T) {
	_, _, _, files := tinyFashion(t)
	good := files["train-images-idx3-ubyte"]
	_, sum, err := readIDX(bytes.NewReader(good), int64(len(good)), 12, 28, 28)
	if err != nil {
		t.Fatal(err)
	}
	s := rng.New(1, "test/damage")
	for _, start := range [][]byte{good, zipped(t, good)} {
		for range 400 {
			b := bytes.Clone(start[:len(start)-s.IntN(2)*s.IntN(len(start))])
			for range 1 + s.IntN(3) {
				if len(b) > 0 {
					b[s.IntN(min(len(b), 1+s.IntN(len(b))))] ^= byte(1 + s.IntN(255))
				}
			}
			// Two changes may undo each other, and some bytes of a gzip header mean
			// nothing.
			items, got, err := readIDX(bytes.NewReader(b), int64(len(b)), 12, 28, 28)
			if err == nil && got == sum && !bytes.Equal(items, good[16:]) {
				t.Fatal("damaged contents with the good checksum")
			}
		}
	}
}

// The size of a plain file is compared with its header before memory is allocated for
// its contents.
func TestIDXSizeFirst(t *testing.T) {
	in, err := Lookup("fashion-mnist")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, m := range in.Members {
		put(t, dir, m.Name, idx(nil, 60000, 28, 28))
	}
	taken := testenv.Allocated(func() { _, _, _, err = in.open(&in, dir) })
	complains(t, err, "train-images-idx3-ubyte: truncated: it has 16 of 47040016 bytes")
	if taken > 1<<20 {
		t.Errorf("%d bytes were taken", taken)
	}
}

// The whole published set, if it is installed.
func TestWholeFashion(t *testing.T) {
	dir := "/usr/share/datasets/fashion-mnist"
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("needs Fashion-MNIST in %s (Debian: dataset-fashion-mnist): %v", dir, err)
	}
	train, test, warnings, err := Open("fashion-mnist", dir)
	if err != nil || len(warnings) > 0 {
		t.Fatal(err, warnings)
	}
	sampleTrain, sampleTest, _, err := Open("fashion-mnist-sample", "")
	if err != nil {
		t.Fatal(err)
	}
	same(t, "sample of training", sampleTrain, train.Slice(0, 6000))
	same(t, "sample of test", sampleTest, test.Slice(0, 1000))
	usual(t, train, 6000, 1e-4)
	usual(t, test, 1000, 0.01)
}
