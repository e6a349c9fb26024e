package data

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/md5"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"breakeven/rng"
)

// randomSet returns n random images.
func randomSet(seed uint64, n int, shape [3]int) *Set {
	s := rng.New(seed, "test/set")
	set := &Set{Name: "cifar10", Shape: shape, Classes: 10, Labels: make([]uint8, n)}
	if shape[0] == 1 {
		set.Name = "fashion-mnist"
	}
	set.Pixels = make([]byte, n*set.size())
	for i := range set.Pixels {
		set.Pixels[i] = byte(s.IntN(256))
	}
	for i := range set.Labels {
		set.Labels[i] = uint8(s.IntN(10))
	}
	return set
}

func sha(b []byte) string { return fmt.Sprintf("%x", sha256.Sum256(b)) }

// zipped returns b gzipped.
func zipped(t testing.TB, b []byte) []byte {
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	if _, err := z.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// put writes b to the file dir/name.
func put(t testing.TB, dir, name string, b []byte) {
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

// idx returns an idx file.
func idx(items []byte, dims ...int) []byte {
	b := []byte{0, 0, 8, byte(len(dims))}
	for _, d := range dims {
		b = binary.BigEndian.AppendUint32(b, uint32(d))
	}
	return append(b, items...)
}

// tinyFashion returns a description like Fashion-MNIST's of 12 and 5 images, the
// images, and the files that hold them, unpacked.
func tinyFashion(t testing.TB) (in Info, train, test *Set, files map[string][]byte) {
	in, err := Lookup("fashion-mnist")
	if err != nil {
		t.Fatal(err)
	}
	in.Train, in.Test = 12, 5
	in.Members, in.Files = append([]File(nil), in.Members...), append([]File(nil), in.Files...)
	train, test = randomSet(1, 12, in.Shape), randomSet(2, 5, in.Shape)
	contents := [][]byte{idx(train.Pixels, 12, 28, 28), idx(train.Labels, 12), idx(test.Pixels, 5, 28, 28), idx(test.Labels, 5)}
	files = map[string][]byte{}
	for i, b := range contents {
		in.Members[i].Size, in.Members[i].SHA256 = int64(len(b)), sha(b)
		files[in.Members[i].Name] = b
	}
	return in, train, test, files
}

// entry is a file in a tar archive.
type entry struct {
	name string
	kind byte
	body []byte
}

// tarred returns a gzipped tar archive.
func tarred(t testing.TB, entries []entry) []byte {
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	for _, e := range entries {
		head := &tar.Header{Name: e.name, Typeflag: e.kind, Size: int64(len(e.body)), Mode: 0o644}
		if e.kind == tar.TypeSymlink {
			head.Linkname, head.Size = string(e.body), 0
		}
		if err := w.WriteHeader(head); err != nil {
			t.Fatal(err)
		}
		if head.Size > 0 {
			if _, err := w.Write(e.body); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return zipped(t, buf.Bytes())
}

// tinyCIFAR returns a description like CIFAR-10's of four images a file, the
// images, and the entries of its archive.
func tinyCIFAR(t testing.TB) (in Info, train, test *Set, entries []entry) { return cifarOf(t, 4) }

// cifarOf is tinyCIFAR of n images a file.
func cifarOf(t testing.TB, n int) (in Info, train, test *Set, entries []entry) {
	in, err := Lookup("cifar10")
	if err != nil {
		t.Fatal(err)
	}
	in.Train, in.Test = 5*n, n
	in.Members, in.Files = append([]File(nil), in.Members...), append([]File(nil), in.Files...)
	train, test = randomSet(3, 5*n, in.Shape), randomSet(4, n, in.Shape)
	entries = append(entries, entry{"cifar-10-batches-bin/", tar.TypeDir, nil}, entry{"cifar-10-batches-bin/readme.html", tar.TypeReg, []byte("read me")})
	for i := range in.Members {
		s := test
		if i < 5 {
			s = train.Slice(n*i, n*(i+1))
		}
		var b []byte
		for r := range s.Len() {
			b = append(append(b, s.Labels[r]), s.image(r)...)
		}
		in.Members[i].Size, in.Members[i].MD5 = int64(len(b)), fmt.Sprintf("%x", md5.Sum(b))
		entries = append(entries, entry{"cifar-10-batches-bin/" + in.Members[i].Name, tar.TypeReg, b})
	}
	in.publish(tarred(t, entries))
	return in, train, test, entries
}

// publish makes archive the published one of the description in.
func (in *Info) publish(archive []byte) {
	in.Files[0].Size, in.Files[0].SHA256 = int64(len(archive)), sha(archive)
}

// same compares two sets.
func same(t *testing.T, what string, got, want *Set) {
	t.Helper()
	if got.Shape != want.Shape || got.Classes != want.Classes || !bytes.Equal(got.Pixels, want.Pixels) || !bytes.Equal(got.Labels, want.Labels) {
		t.Errorf("%s: %d images read differ from the %d written", what, got.Len(), want.Len())
	}
}

// complains checks that err has one line with all the words.
func complains(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, want one with %q", words)
		return
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("error %q, want %q in it", err, w)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("error of several lines: %q", err)
	}
}

// shared returns the path of a file for development beside the module, or skips
// the test.
func shared(t testing.TB, name string) string {
	dir, err := os.Getwd()
	for err == nil && dir != filepath.Dir(dir) {
		if _, statErr := os.Stat(filepath.Join(dir, "go.mod")); statErr == nil {
			break
		}
		dir = filepath.Dir(dir)
	}
	path := filepath.Join(dir, "..", "shared", filepath.FromSlash(name))
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("needs ../shared/%s, which is not here", name)
	}
	return path
}

// usual checks that a whole set has n examples of each class, and that the means and
// deviations of its channels are the usual constants, within tol. (These are those of
// the training sets, to four decimals.)
func usual(t *testing.T, s *Set, n int, tol float64) {
	t.Helper()
	counts := make([]int, s.Classes)
	for _, l := range s.Labels {
		counts[l]++
	}
	for class, got := range counts {
		if got != n {
			t.Errorf("%s: %d examples of class %d, want %d", s.Name, got, class, n)
		}
	}
	channels(t, s, tol)
}

// channels checks that the means and deviations of a set's channels are the usual constants, within
// tol.
func channels(t *testing.T, s *Set, tol float64) {
	t.Helper()
	in, err := Lookup(s.Name)
	if err != nil {
		t.Fatal(err)
	}
	plane := s.Shape[1] * s.Shape[2]
	for c := range s.Shape[0] {
		var sum, squares float64
		for i := range s.Len() {
			for _, b := range s.image(i)[c*plane : (c+1)*plane] {
				sum += float64(b)
				squares += float64(b) * float64(b)
			}
		}
		m := float64(s.Len() * plane)
		mean, std := sum/m/255, math.Sqrt(squares/m-sum/m*sum/m)/255
		t.Logf("%s: channel %d of %d examples: mean %.4f, deviation %.4f", s.Name, c, s.Len(), mean, std)
		if math.Abs(mean-in.Mean[c]) > tol || math.Abs(std-in.Std[c]) > tol {
			t.Errorf("%s: channel %d has mean %.4f and deviation %.4f, the constants are %.4f and %.4f", s.Name, c, mean, std, in.Mean[c], in.Std[c])
		}
	}
}
