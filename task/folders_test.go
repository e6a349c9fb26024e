package task

import (
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"breakeven/run"
)

// photos writes images of two classes, one bright on the left and one on the right, and returns
// their folder and a spec for them.
func photos(t *testing.T, n int) run.Spec {
	t.Helper()
	root := filepath.Join(t.TempDir(), "photos")
	for i := range n {
		im := image.NewGray(image.Rect(0, 0, 40, 36))
		for p := range im.Pix {
			if left := p%40 < 20; left == (i%2 == 0) {
				im.SetGray(p%40, p/40, color.Gray{uint8(200 + 5*(i%10))})
			}
		}
		name, encode := filepath.Join(root, []string{"left", "right"}[i%2], string(rune('a'+i))), png.Encode
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if name += ".png"; i%3 == 0 {
			name = strings.TrimSuffix(name, "png") + "jpg"
		}
		f, err := os.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if i%3 == 0 {
			err = jpeg.Encode(f, im, nil)
		} else {
			err = encode(f, im)
		}
		if err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
	s := run.Default()
	s.Data, s.Model, s.Batch = root, "densenet121", 4
	s.More = map[string]string{"image_size": "32", "growth": "2", "dense_layers": "[1, 1]", "test_share": "0.25"}
	return s
}

// A folder of images is a task, cut as the spec says, and measured without augmentation.
func TestFolders(t *testing.T) {
	s := photos(t, 20)
	if f, ok := FamilyOf(s); !ok || f.Name != "folders" {
		t.Fatalf("the family of a folder is %q", f.Name)
	}
	tk := openTask(t, s, "")
	if tk.Train.Len() != 15 || tk.Test.Len() != 5 || tk.Valid.Len() != 5 || tk.Net.Output().C != 2 || tk.Digest == "" {
		t.Errorf("%d for training, %d for the test, %d for validation, %v classes", tk.Train.Len(), tk.Test.Len(), tk.Valid.Len(), tk.Net.Output())
	}
	s.Valid, s.Augment = 3, true
	cut := openTask(t, s, "")
	if cut.Train.Len() != 12 || cut.Valid.Len() != 3 || cut.Digest != tk.Digest {
		t.Errorf("%d for training, %d for validation", cut.Train.Len(), cut.Valid.Len())
	}
	index := []int{3, 11, 0}
	a, err := tk.Train.Read(index, unstopped)
	if err != nil {
		t.Fatal(err)
	}
	b, err := cut.Train.Read(index, unstopped)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(a.In[0].F, b.In[0].F) || len(a.In[0].F) != 3*3*32*32 {
		t.Error("images for measurements depend on augmentation")
	}
	for k, label := range a.Target[0].Labels { // bright on the left or on the right
		x := a.In[0].F[k*3*32*32:]
		if right := x[16*32+4] < x[16*32+27]; right != (label == 1) {
			t.Errorf("image %d has label %d", k, label)
		}
	}
}

// Mistakes in a spec for folders are said.
func TestFolderErrors(t *testing.T) {
	s := photos(t, 8)
	for _, c := range []struct {
		change func(s *run.Spec)
		want   string
	}{
		{func(s *run.Spec) { s.Train = 9 }, "9 images for training and 0 for validation cannot be cut from its 6"},
		{func(s *run.Spec) { s.More["image_size"] = "0" }, "image_size"},
		{func(s *run.Spec) { s.More["image_size"] = "20" }, "at least 29×29"},
		{func(s *run.Spec) { s.More["test_share"] = "1" }, "test_share"},
		{func(s *run.Spec) { s.More["mean"] = "[0.5]"; s.More["std"] = "[0.5]" }, "1 means and 1 deviations for the 3 channels"},
		{func(s *run.Spec) { s.DataSHA256 = strings.Repeat("0", 64) }, "does not hold the examples"},
	} {
		bad := s
		bad.More = map[string]string{}
		for k, v := range s.More {
			bad.More[k] = v
		}
		c.change(&bad)
		if _, err := Open(bad, ""); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
}

// An image that cannot be read is an error of what reads it, and of batches when they are asked
// for.
func TestBrokenImage(t *testing.T) {
	s := photos(t, 12)
	tk := openTask(t, s, "")
	batches, err := tk.Batches(0, 3)
	if err != nil {
		t.Fatal(err)
	}
	batches.Batch(0)
	if err := Broken(batches); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(s.Data, "left", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if err := os.WriteFile(name, []byte("nothing"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	tk = openTask(t, s, "")
	all := make([]int, tk.Train.Len())
	for i := range all {
		all[i] = i
	}
	if _, err := tk.Train.Read(all, unstopped); err == nil || !strings.Contains(err.Error(), filepath.Join(s.Data, "left")) {
		t.Error(err)
	}
	batches, err = tk.Batches(0, tk.Train.Len())
	if err != nil {
		t.Fatal(err)
	}
	batches.Batch(0)
	if err := Broken(batches); err == nil || !strings.Contains(err.Error(), "neither a JPEG nor a PNG") {
		t.Error(err)
	}
}
