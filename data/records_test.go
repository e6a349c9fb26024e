package data

import (
	"archive/tar"
	"bytes"
	"crypto/md5"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// tinyCIFAR100 returns a description like CIFAR-100's of 6 and 3 images, the images, and the contents
// of its two files.
func tinyCIFAR100(t testing.TB) (in Info, train, test *Set, files [2][]byte) {
	in, err := Lookup("cifar100")
	if err != nil {
		t.Fatal(err)
	}
	in.Train, in.Test = 6, 3
	in.Members, in.Files = slices.Clone(in.Members), slices.Clone(in.Files)
	train, test = randomSet(5, 6, in.Shape), randomSet(6, 3, in.Shape)
	for i, s := range []*Set{train, test} {
		s.Name, s.Classes = in.Name, in.Classes
		for k := range s.Len() {
			s.Labels[k] += 90
			files[i] = append(append(files[i], byte(k), s.Labels[k]), s.image(k)...)
		}
		in.Members[i].Size, in.Members[i].MD5 = int64(len(files[i])), fmt.Sprintf("%x", md5.Sum(files[i]))
	}
	return in, train, test, files
}

// CIFAR-100 is read from its folder and from its archive.
func TestOpenCIFAR100(t *testing.T) {
	in, wantTrain, wantTest, files := tinyCIFAR100(t)
	folder, archive := t.TempDir(), t.TempDir()
	put(t, filepath.Join(folder, "cifar-100-binary"), "train.bin", files[0])
	put(t, filepath.Join(folder, "cifar-100-binary"), "test.bin", files[1])
	packed := tarred(t, []entry{{"cifar-100-binary/train.bin", tar.TypeReg, files[0]}, {"cifar-100-binary/test.bin", tar.TypeReg, files[1]}})
	in.publish(packed)
	put(t, archive, "cifar-100-binary.tar.gz", packed)
	for _, dir := range []string{folder, archive} {
		train, test, warnings, err := in.open(&in, dir)
		if err != nil || len(warnings) > 0 {
			t.Fatalf("%v, %v", err, warnings)
		}
		same(t, "training", train, wantTrain)
		same(t, "test", test, wantTest)
		for _, c := range in.verify(&in, dir) {
			if c.State != Good {
				t.Errorf("verify: %+v", c)
			}
		}
	}
	files[0][0] = 20
	put(t, filepath.Join(folder, "cifar-100-binary"), "train.bin", files[0])
	_, _, _, err := in.open(&in, folder)
	complains(t, err, "train.bin", "example 0 has the coarse label 20; these go from 0 to 19")
}

// A part of a set is read, gzipped or not, with a warning, and is not what was published.
func TestParts(t *testing.T) {
	in, wantTrain, wantTest, files := tinyCIFAR100(t)
	short := files[0][:4*in.record()]
	for what, parts := range map[string]map[string][]byte{
		"packed": {"train_4.bin.gz": zipped(t, short), "test_3.bin.gz": zipped(t, files[1])},
		"plain":  {"train_4.bin": short, "test_3.bin": files[1]},
	} {
		dir := t.TempDir()
		for name, b := range parts {
			put(t, filepath.Join(dir, "cifar-100"), name, b)
		}
		train, test, warnings, err := in.open(&in, dir)
		if err != nil || len(warnings) != 1 || !strings.Contains(warnings[0], "4 of 6 examples for training and 3 of 3 for the test") {
			t.Fatalf("%s: %v, %q", what, err, warnings)
		}
		same(t, what, train, wantTrain.Slice(0, 4))
		same(t, what, test, wantTest)
		checks := in.verify(&in, dir)
		if len(checks) != 2 || checks[0].State != Differs || !strings.Contains(checks[0].Detail, "it has 4 of the 6 published examples") {
			t.Errorf("verify: %+v", checks)
		}
	}
}

func TestPartsHostile(t *testing.T) {
	in, _, _, files := tinyCIFAR100(t)
	label := bytes.Clone(files[0])
	label[3075] = 100
	for what, c := range map[string]struct {
		parts map[string][]byte
		words []string
	}{
		"one half":       {map[string][]byte{"train_6.bin": files[0]}, []string{"has no test_N.bin beside train_6.bin"}},
		"two of a half":  {map[string][]byte{"train_6.bin": files[0], "train_6.bin.gz": nil, "test_3.bin": files[1]}, []string{"train_6.bin and train_6.bin.gz", "leave one"}},
		"another number": {map[string][]byte{"train_5.bin": files[0], "test_3.bin": files[1]}, []string{"train_5.bin", "it has 18444 bytes, and the 5 examples of its name have 15370"}},
		"too many":       {map[string][]byte{"train_999999.bin.gz": zipped(t, nil), "test_3.bin": files[1]}, []string{"its name says 999999 examples, more than the 9 of the set"}},
		"truncated":      {map[string][]byte{"train_6.bin.gz": zipped(t, files[0][:5000]), "test_3.bin": files[1]}, []string{"truncated: it ends after 5000 of 18444"}},
		"too long":       {map[string][]byte{"train_5.bin.gz": zipped(t, files[0]), "test_3.bin": files[1]}, []string{"too long"}},
		"no gzip":        {map[string][]byte{"train_6.bin.gz": {0x1f, 0x8b, 3}, "test_3.bin": files[1]}, []string{"corrupt gzip header"}},
		"a label":        {map[string][]byte{"train_6.bin": label, "test_3.bin": files[1]}, []string{"example 1 has label 100"}},
		"a web page":     {map[string][]byte{"train_6.bin": []byte("<!doctype html>"), "test_3.bin": files[1]}, []string{"it is a web page"}},
	} {
		t.Run(what, func(t *testing.T) {
			dir := t.TempDir()
			for name, b := range c.parts {
				put(t, dir, name, b)
			}
			_, _, _, err := in.open(&in, dir)
			complains(t, err, append(c.words, dir)...)
		})
	}
}

// The parts that development has are read, and look like the whole sets.
func TestSharedParts(t *testing.T) {
	for name, tol := range map[string]float64{"cifar100": 0.01, "gtsrb": 0.03} {
		folder := map[string]string{"cifar100": "data/cifar-100", "gtsrb": "data/gtsrb32"}[name]
		train, test, warnings, err := Open(name, shared(t, folder))
		if err != nil || len(warnings) != 1 {
			t.Fatal(err, warnings)
		}
		seen := map[uint8]bool{}
		for _, l := range test.Labels {
			seen[l] = true
		}
		if len(seen) != train.Classes {
			t.Errorf("%s: %d of %d classes are in the test", name, len(seen), train.Classes)
		}
		channels(t, train, tol)
	}
}
