package trial

import (
	"context"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"breakeven/run"
)

// gratings writes n images of two classes, stripes across and stripes down, and returns a spec of
// a small densely connected network for them.
func gratings(t *testing.T, n int) run.Spec {
	t.Helper()
	root := filepath.Join(t.TempDir(), "gratings")
	for i := range n {
		im := image.NewGray(image.Rect(0, 0, 40, 40))
		for p := range im.Pix {
			at := []int{p % 40, p / 40}[i%2]
			if (at+i)/4%2 == 0 {
				im.SetGray(p%40, p/40, color.Gray{uint8(150 + 5*(i%20))})
			}
		}
		name := filepath.Join(root, []string{"across", "down"}[i%2], string(rune('a'+i/2))+".png")
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		f, err := os.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if err := png.Encode(f, im); err != nil {
			t.Fatal(err)
		}
	}
	s := run.Default()
	s.Data, s.Model, s.LR, s.Batch, s.Epochs, s.Every, s.Augment = root, "densenet121", 0.1, 8, 6, 100, true
	s.Measure = run.Measure{L: 2, M: 8, Examples: 16, PerExample: 8, Tolerance: 0.1}
	s.Probes = []string{"loss", "h"}
	s.More = map[string]string{"image_size": "32", "growth": "4", "dense_layers": "[1, 2]", "test_share": "0.2"}
	return s
}

// A densely connected network learns from a folder of images, and its Hessian is measured.
func TestTrainsOnFolder(t *testing.T) {
	p := &tape{}
	end, err := openJob(t, gratings(t, 40)).Run(context.Background(), nil, 0, p)
	if err != nil || end.Status != run.Finished {
		t.Fatal(end, err)
	}
	number := func(step int, key string) float64 {
		v, ok := p.records[step].Get(key)
		if !ok {
			t.Fatalf("no %s at step %d", key, step)
		}
		return v.Value
	}
	if a, b := number(0, "loss"), number(24, "loss"); !(b < a/2) {
		t.Errorf("loss %v, then %v", a, b)
	}
	if h := number(24, "h_max"); !(h > 0) {
		t.Errorf("λ_H¹ = %v", h)
	}
}

// A breaking sink destroys the images of one class once it has a record.
type breaking struct {
	tape
	files []string
}

func (b *breaking) Save(r *run.Record, c *run.Checkpoint) error {
	for _, name := range b.files {
		if err := os.WriteFile(name, []byte("nothing"), 0o666); err != nil {
			return err
		}
	}
	return b.tape.Save(r, c)
}

// A run ends with the name of an image that it cannot read, and makes no step with its batch.
func TestBrokenImageEndsRun(t *testing.T) {
	s := gratings(t, 40)
	s.Probes = []string{"loss"}
	files, err := filepath.Glob(filepath.Join(s.Data, "across", "*"))
	if err != nil {
		t.Fatal(err)
	}
	b := &breaking{files: files}
	if _, err := openJob(t, s).Run(context.Background(), nil, 0, b); err == nil || !strings.Contains(err.Error(), filepath.Join(s.Data, "across")) {
		t.Errorf("%v, want the name of an image", err)
	}
	if len(b.records) != 1 {
		t.Errorf("%d records", len(b.records))
	}
}
