package data

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"breakeven/internal/testenv"
)

// tinySVHN returns a description like SVHN's of the two files in testdata.
func tinySVHN(t testing.TB) (in Info, files [2][]byte) {
	in, err := Lookup("svhn")
	if err != nil {
		t.Fatal(err)
	}
	in.Shape, in.Train, in.Test, in.Files = [3]int{3, 4, 4}, 3, 2, slices.Clone(in.Files)
	for i := range in.Files {
		b, err := os.ReadFile(filepath.Join("testdata", in.Files[i].Name))
		if err != nil {
			t.Fatal(err)
		}
		files[i] = b
		in.Files[i].Size, in.Files[i].SHA256 = int64(len(b)), sha(b)
	}
	return in, files
}

// Files that SciPy wrote, compressed and not, with labels as bytes and as doubles.
func TestOpenSVHN(t *testing.T) {
	in, _ := tinySVHN(t)
	train, test, warnings, err := in.open(&in, "testdata")
	if err != nil || len(warnings) > 0 {
		t.Fatal(err, warnings)
	}
	if !bytes.Equal(train.Labels, []byte{0, 1, 5}) || !bytes.Equal(test.Labels, []byte{9, 0}) {
		t.Errorf("labels %v and %v", train.Labels, test.Labels)
	}
	for _, s := range []*Set{train, test} {
		for i := range s.Len() {
			for at, got := range s.image(i) {
				c, h, w := at/16, at/4%4, at%4
				if want := byte(12*h + 3*w + c + 50*i); got != want {
					t.Fatalf("image %d has %d at channel %d, row %d, column %d, want %d", i, got, c, h, w, want)
				}
			}
		}
	}
	for _, c := range in.verify(&in, "testdata") {
		if c.State != Good {
			t.Errorf("verify: %+v", c)
		}
	}
}

func TestSVHNHostile(t *testing.T) {
	double := func(b []byte, x float64) []byte { // in place of the label 9
		b = bytes.Clone(b)
		at := bytes.Index(b, binary.LittleEndian.AppendUint64(nil, 0x4022000000000000))
		_, err := binary.Encode(b[at:], binary.LittleEndian, x)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	edit := func(from, to string) func(b []byte) []byte {
		return func(b []byte) []byte { return bytes.Replace(b, []byte(from), []byte(to), 1) }
	}
	for what, c := range map[string]struct {
		damage func(b []byte) []byte
		words  []string
	}{
		"empty":             {func([]byte) []byte { return nil }, []string{"truncated in its header"}},
		"cut":               {func(b []byte) []byte { return b[:len(b)-40] }, []string{"truncated"}},
		"cut in a head":     {func(b []byte) []byte { return b[:150] }, []string{"truncated"}},
		"version 7.3":       {edit("MATLAB 5.0", "MATLAB 7.3"), []string{"version 7.3", "-v7"}},
		"another program's": {func(b []byte) []byte { return append([]byte("P6 "), b[3:124]...) }, []string{"truncated in its header"}},
		"big-endian":        {edit("\x00\x01IM", "\x01\x00MI"), []string{"not a MAT file of version 5"}},
		"another name":      {edit("\x01\x00\x01\x00X", "\x01\x00\x01\x00Z"), []string{"there is no array X in it"}},
		"dimensions":        {edit("\x04\x00\x00\x00\x04\x00\x00\x00\x03\x00\x00\x00\x02", "\x04\x00\x00\x00\x04\x00\x00\x00\x03\x00\x00\x00\x07"), []string{"array X has the dimensions [4 4 3 7], and [4 4 3 2] in the published file"}},
		"a class":           {edit("\x06\x00\x00\x00\x08\x00\x00\x00\x09", "\x06\x00\x00\x00\x08\x00\x00\x00\x0c"), []string{"array X is of a class that is not read"}},
		"half a label":      {func(b []byte) []byte { return double(b, 0.5) }, []string{"number 0 is 0.5"}},
		"label 11":          {func(b []byte) []byte { return double(b, 11) }, []string{"example 0 has label 11"}},
	} {
		t.Run(what, func(t *testing.T) {
			in, files := tinySVHN(t)
			dir, b := t.TempDir(), c.damage(files[1])
			if bytes.Equal(b, files[1]) {
				t.Fatal("nothing was damaged")
			}
			put(t, dir, in.Files[0].Name, files[0])
			put(t, dir, in.Files[1].Name, b)
			in.Files[1].Size, in.Files[1].SHA256 = int64(len(b)), sha(b)
			_, _, _, err := in.open(&in, dir)
			complains(t, err, append(c.words, filepath.Join(dir, "test_32x32.mat"), "fetch it again")...)
		})
	}
	in, files := tinySVHN(t)
	dir := t.TempDir()
	put(t, dir, in.Files[1].Name, files[1])
	_, _, _, err := in.open(&in, dir)
	complains(t, err, "has no train_32x32.mat")
	put(t, dir, in.Files[0].Name, files[0])
	in.Files[0].SHA256 = sha(nil)
	_, _, _, err = in.open(&in, dir)
	complains(t, err, "train_32x32.mat: its sha256 is", "published")
}

func FuzzMAT(f *testing.F) {
	_, files := tinySVHN(f)
	f.Add(files[0])
	f.Add(files[1])
	f.Add(files[1][:140])
	f.Fuzz(func(t *testing.T, b []byte) {
		want := []matArray{{name: "X", dims: []int{4, 4, 3, 2}, dst: make([]byte, 96)}, {name: "y", dims: []int{2, 1}, dst: make([]byte, 2)}}
		taken := testenv.Allocated(func() { _ = readMAT(bytes.NewReader(b), want) })
		if taken > mostMemory(len(b)) {
			t.Errorf("%d bytes were taken for %d", taken, len(b))
		}
	})
}
