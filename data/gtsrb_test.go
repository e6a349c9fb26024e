package data

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sign returns a PPM file of an image that testdata/README.md describes.
func sign(width, height int) []byte {
	b := fmt.Appendf(nil, "P6\n# a comment\n%d %d\n255\n", width, height)
	for y := range height {
		for x := range width {
			for c := range 3 {
				b = append(b, byte(7*x+13*y+50*c+x*y%17*5))
			}
		}
	}
	return b
}

// tinySigns returns a description like the traffic signs' of two classes, of 10 and of 2 tracks of three
// images each, and a folder with them.
func tinySigns(t testing.TB) (in Info, dir string) {
	in, err := Lookup("gtsrb")
	if err != nil {
		t.Fatal(err)
	}
	in.Classes, in.Train, in.Test = 2, 27, 9
	dir = t.TempDir()
	for class, tracks := range []int{10, 2} {
		folder := filepath.Join(dir, "GTSRB", "Final_Training", "Images", fmt.Sprintf("%05d", class))
		list := "Filename;Width;Height;Roi.X1;Roi.Y1;Roi.X2;Roi.Y2;ClassId\n"
		for track := range tracks {
			for frame := range 3 {
				name := fmt.Sprintf("%05d_%05d.ppm", track, frame)
				list += fmt.Sprintf("%s;%d;40;5;5;30;35;%d\n", name, 20+track, class)
				put(t, folder, name, sign(20+track, 40))
			}
		}
		put(t, folder, fmt.Sprintf("GT-%05d.csv", class), []byte(list))
	}
	return in, dir
}

// The first fifth of the tracks of each class is for the test, at least one, and no track is in both
// halves. The order is the same always.
func TestSigns(t *testing.T) {
	in, dir := tinySigns(t)
	train, test, warnings, err := in.open(&in, dir)
	if err != nil || len(warnings) > 0 {
		t.Fatal(err, warnings)
	}
	if train.Len() != 27 || test.Len() != 9 {
		t.Fatalf("%d and %d images", train.Len(), test.Len())
	}
	count := [2]map[uint8]int{{}, {}}
	for i, s := range []*Set{train, test} {
		for _, l := range s.Labels {
			count[i][l]++
		}
	}
	if count[0][0] != 24 || count[0][1] != 3 || count[1][0] != 6 || count[1][1] != 3 {
		t.Errorf("classes %v", count)
	}
	for i := range test.Len() {
		for j := range train.Len() {
			if test.Labels[i] == train.Labels[j] && bytes.Equal(test.image(i), train.image(j)) {
				t.Fatalf("image %d of the test is one for training", i)
			}
		}
	}
	again, _, _, err := in.open(&in, filepath.Join(dir, "GTSRB", "..")) // the images of a track are the same ones here
	if err != nil {
		t.Fatal(err)
	}
	same(t, "another time", again, train)
	if checks := in.verify(&in, dir); len(checks) != 1 || checks[0].State != Good {
		t.Errorf("verify: %+v", checks)
	}
	in.Train++
	if _, _, warnings, _ := in.open(&in, dir); len(warnings) != 1 || !strings.Contains(warnings[0], "27 of 28 examples for training") {
		t.Errorf("warnings %q", warnings)
	}
	if checks := in.verify(&in, dir); checks[0].State != Differs {
		t.Errorf("verify: %+v", checks)
	}
}

func TestSignsHostile(t *testing.T) {
	for what, c := range map[string]struct {
		name string // in the folder of class 1
		text string
		word string
	}{
		"missing image": {"00001_00002.ppm", "", "no such file"},
		"no image":      {"00001_00002.ppm", "P5 1 1 255 x", "does not begin with P6"},
		"cut image":     {"00001_00002.ppm", string(sign(20, 20)[:500]), "1200"},
		"path":          {"GT-00001.csv", "Filename;ClassId\n../00000/00000_00000.ppm;1\n", "no name of an image"},
		"twice":         {"GT-00001.csv", "Filename;ClassId\n00000_00000.ppm;1\n00000_00000.ppm;1\n", "is in it twice"},
		"another class": {"GT-00001.csv", "Filename;ClassId\n00000_00000.ppm;0\n", `of class "0", in the list of class 1`},
		"one track":     {"GT-00001.csv", "Filename;ClassId\n00000_00000.ppm;1\n", "class 1 has one track"},
		"no list":       {"GT-00001.csv", "", "no such file"},
		"empty list":    {"GT-00001.csv", "\n", "not a list of images"},
		"other columns": {"GT-00001.csv", "Filename;ClassId\n00000_00000.ppm\n", "wrong number of fields"},
	} {
		t.Run(what, func(t *testing.T) {
			in, dir := tinySigns(t)
			path := filepath.Join(dir, "GTSRB", "Final_Training", "Images", "00001", c.name)
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			if c.text != "" {
				put(t, filepath.Dir(path), c.name, []byte(c.text))
			}
			_, _, _, err := in.open(&in, dir)
			complains(t, err, c.word, "00001")
		})
	}
	in, _ := tinySigns(t)
	dir := t.TempDir()
	_, _, _, err := in.open(&in, dir)
	complains(t, err, dir, "has no GTSRB/Final_Training/Images")
	if !errors.Is(err, fs.ErrNotExist) {
		t.Error("error is not fs.ErrNotExist")
	}
	if checks := in.verify(&in, dir); len(checks) != 1 || checks[0].State != Missing {
		t.Errorf("verify: %+v", checks)
	}
}

// Images are resized as Pillow does it.
func TestResize(t *testing.T) {
	golden, err := os.ReadFile(filepath.Join("testdata", "resized.bin"))
	if err != nil {
		t.Fatal(err)
	}
	for i, size := range [][2]int{{50, 45}, {20, 25}} {
		path, got := filepath.Join(t.TempDir(), "sign.ppm"), make([]byte, 3072)
		put(t, filepath.Dir(path), filepath.Base(path), sign(size[0], size[1]))
		if err := readSign(path, got, 32, 32); err != nil {
			t.Fatal(err)
		}
		for k, want := range golden[3072*i : 3072*(i+1)] {
			if d := int(got[k]) - int(want); d < -1 || d > 1 {
				t.Fatalf("%v: byte %d is %d, Pillow has %d", size, k, got[k], want)
			}
		}
	}
}

func FuzzPPM(f *testing.F) {
	for _, b := range [][]byte{nil, sign(2, 3), []byte("P6 1 1 255 abc"), []byte("P6\n#x\n#y\n1\t1\r255\nabc"), []byte("P6 99999 99999 255 "), []byte("P6 1 1 65535 abcdef"), []byte("P6 0 1 255 ")} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := decodePPM(b)
		if err == nil && (m.Bounds().Dx() < 1 || m.Bounds().Dy() < 1 || 3*m.Bounds().Dx()*m.Bounds().Dy() >= len(b)) {
			t.Errorf("an image of %v from %d bytes", m.Bounds(), len(b))
		}
	})
}
