package folder_test

import (
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"breakeven/data/folder"
)

// stripes is an image whose columns have the given colours, a quarter each.
func stripes(w, h int, colours ...color.Color) *image.NRGBA {
	im := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			im.Set(x, y, colours[x*len(colours)/w])
		}
	}
	return im
}

var (
	red   = color.NRGBA{255, 0, 0, 255}
	green = color.NRGBA{0, 255, 0, 255}
	blue  = color.NRGBA{0, 0, 255, 255}
	grey  = color.NRGBA{100, 100, 100, 255}
)

// write writes an image as JPEG or PNG, or text as it is.
func write(t *testing.T, what any, parts ...string) {
	t.Helper()
	name := filepath.Join(parts...)
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	switch what := what.(type) {
	case string:
		_, err = f.WriteString(what)
	case image.Image:
		if strings.HasSuffix(name, "png") {
			err = png.Encode(f, what)
		} else {
			err = jpeg.Encode(f, what, &jpeg.Options{Quality: 100})
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

// decoder returns one whose numbers are those of bytes between 0 and 1.
func decoder(t *testing.T, root string, side int) *folder.Decoder {
	t.Helper()
	d, err := folder.NewDecoder(root, side, 1<<20, []float64{0, 0, 0}, []float64{1, 1, 1})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func paths(images []folder.Image) []string {
	var all []string
	for _, im := range images {
		all = append(all, im.Path)
	}
	slices.Sort(all)
	return all
}

// Classes are numbered by name, images found at any depth, and the folders for training and the
// test told apart.
func TestOpen(t *testing.T) {
	root := t.TempDir()
	small := stripes(4, 4, red)
	for _, name := range []string{"train/b/1.jpg", "train/b/deep/2.PNG", "train/a/3.jpeg", "train/a/notes.txt", "train/a/.4.jpg", "val/a/5.png"} {
		write(t, small, root, name)
	}
	s, err := folder.Open(root, 0.5)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(s.Classes, []string{"a", "b"}) || !slices.Equal(paths(s.Train), []string{"train/a/3.jpeg", "train/b/1.jpg", "train/b/deep/2.PNG"}) ||
		!slices.Equal(paths(s.Test), []string{"val/a/5.png"}) {
		t.Errorf("classes %v, training %v, test %v", s.Classes, paths(s.Train), paths(s.Test))
	}
	for _, im := range s.Train {
		if want := int32(strings.Index("ab", im.Path[len("train/"):][:1])); im.Label != want {
			t.Errorf("%s has label %d", im.Path, im.Label)
		}
	}
	write(t, small, root, "val/c/6.png")
	if _, err := folder.Open(root, 0.5); err == nil || !strings.Contains(err.Error(), "val/c is a class that the images for training do not have") {
		t.Error(err)
	}
}

// Without a folder for the test a share is cut off; a new image moves no other one.
func TestShare(t *testing.T) {
	root := t.TempDir()
	for i := range 20 {
		write(t, stripes(2, 2, grey), root, string("ab"[i%2]), string(rune('a'+i))+".png")
	}
	before, err := folder.Open(root, 0.25)
	if err != nil {
		t.Fatal(err)
	}
	if len(before.Train) != 15 || len(before.Test) != 5 {
		t.Errorf("%d for training and %d for the test", len(before.Train), len(before.Test))
	}
	order := func(s *folder.Set) []string {
		var all []string
		for _, im := range slices.Concat(s.Train, s.Test) {
			all = append(all, im.Path)
		}
		return all
	}
	write(t, stripes(2, 2, grey), root, "a", "new.png")
	after, err := folder.Open(root, 0.25)
	if err != nil {
		t.Fatal(err)
	}
	left := slices.DeleteFunc(order(after), func(p string) bool { return p == "a/new.png" })
	if !slices.Equal(left, order(before)) || slices.IsSorted(left) {
		t.Errorf("order %v, before %v", left, order(before))
	}
	if before.Digest == after.Digest {
		t.Error("another image, and the same digest")
	}
}

// What is wrong with a folder is said.
func TestOpenErrors(t *testing.T) {
	for name, c := range map[string]struct {
		files []string
		want  string
	}{
		"one class":   {[]string{"a/1.png"}, "has one folder, a; want one for each class"},
		"no class":    {[]string{"1.png"}, "has no folders; want one for each class"},
		"empty class": {[]string{"a/1.png", "b/2.txt"}, "b has no JPEG or PNG images"},
		"none":        {nil, "no such file"},
	} {
		root := filepath.Join(t.TempDir(), "photos")
		for _, f := range c.files {
			write(t, stripes(2, 2, red), root, strings.Replace(f, "txt", "png.txt", 1))
		}
		if _, err := folder.Open(root, 0); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// near reports whether bytes, read as numbers from 0 to 1, differ by JPEG's losses at most.
func near(a float32, b uint8) bool { return math.Abs(float64(a)-float64(b)/255) < 0.03 }

// The middle of an image is torchvision's: of 56 × 28 pixels, resized to 64 × 32 and cut to 28 × 28.
func TestMiddle(t *testing.T) {
	root := t.TempDir()
	transparent := color.NRGBA{0, 0, 255, 0}
	write(t, stripes(56, 28, red, green, blue, grey), root, "x.jpg")
	write(t, stripes(56, 28, red, green, transparent, grey), root, "x.png")
	grays := image.NewGray(image.Rect(0, 0, 56, 28))
	for i := range grays.Pix {
		grays.Pix[i] = 77
	}
	write(t, grays, root, "grey.png")
	const n = 28
	for _, name := range []string{"x.jpg", "x.png", "grey.png"} {
		d, x := decoder(t, root, n), make([]float32, 3*n*n)
		if err := d.Middle(x, folder.Image{Path: name}); err != nil {
			t.Fatal(err)
		}
		pixel := func(row, col int) (c [3]float32) {
			for k := range c {
				c[k] = x[(k*n+row)*n+col]
			}
			return c
		}
		// Columns 18 to 45 of 64: green up to 31, then blue.
		for _, at := range []struct {
			col  int
			want color.NRGBA
		}{{2, green}, {11, green}, {16, blue}, {25, blue}} {
			want := at.want
			if name == "grey.png" {
				want = color.NRGBA{77, 77, 77, 255}
			}
			if c := pixel(14, at.col); !near(c[0], want.R) || !near(c[1], want.G) || !near(c[2], want.B) {
				t.Errorf("%s: column %d is %v, want %v", name, at.col, c, want)
			}
		}
	}
}

// A file that cannot be decoded is named, and one with too many pixels is not decoded.
func TestBroken(t *testing.T) {
	root := t.TempDir()
	write(t, stripes(64, 64, red, green), root, "good.jpg")
	whole, err := os.ReadFile(filepath.Join(root, "good.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, string(whole[:len(whole)/2]), root, "half.jpg")
	write(t, string(whole[:30]), root, "header.jpg")
	write(t, "<!doctype html><title>404</title>", root, "page.jpg")
	write(t, "GIF89a", root, "other.png")
	write(t, stripes(1024, 1025, red), root, "large.png")
	large, err := os.ReadFile(filepath.Join(root, "large.png"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, string(large[:64]), root, "large.png") // nothing behind the header
	d, x := decoder(t, root, 8), make([]float32, 3*64)
	for name, want := range map[string]string{
		"half.jpg": "cannot be decoded", "header.jpg": "cannot be decoded", "page.jpg": "a web page", "other.png": "neither a JPEG nor a PNG",
		"large.png": "1024×1025 pixels, more than the 1048576", "none.png": "no such file",
	} {
		if err := d.Middle(x, folder.Image{Path: name}); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
	if err := d.Middle(x, folder.Image{Path: "good.jpg"}); err != nil {
		t.Error(err)
	}
}
