package folder_test

import (
	"fmt"
	"image/color"
	"slices"
	"strings"
	"testing"

	"breakeven/data"
	"breakeven/data/folder"
	"breakeven/internal/testenv"
)

// photos writes n images of two classes, of different sizes and shades, and lists them.
func photos(t *testing.T, n int) *folder.Set {
	t.Helper()
	root := t.TempDir()
	for i := range n {
		shade := color.NRGBA{uint8(10 * i), uint8(255 - 10*i), uint8(i), 255}
		write(t, stripes(20+i, 40-i, shade, red, blue), root, string("ab"[i%2]), fmt.Sprintf("%d.png", i))
	}
	s, err := folder.Open(root, 0)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// loader returns one of batches of 3 images of 8×8 pixels.
func loader(t *testing.T, s *folder.Set, random bool) *folder.Loader {
	t.Helper()
	l, err := folder.NewLoader(decoder(t, s.Root, 8), s.Train, random, 5, 3)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// batches returns copies of the given batches.
func batches(t *testing.T, l *folder.Loader, steps ...int) (x [][]float32, y []int32) {
	for _, step := range steps {
		a, b := l.Batch(step)
		x, y = append(x, slices.Clone(a)), append(y, b...)
	}
	if err := l.Err(); err != nil {
		t.Fatal(err)
	}
	return x, y
}

// Batches are those of data.Order, whatever was asked for before and however many processors
// there are.
func TestOrder(t *testing.T) {
	s := photos(t, 10)
	for _, random := range []bool{false, true} {
		want, labels := batches(t, loader(t, s, random), 0, 1, 2, 3, 4, 5, 6, 7)
		for step := range 8 {
			order := data.Order(5, step/3, 10)
			for k, i := range order[step%3*3:][:3] {
				if got := labels[3*step+k]; got != s.Train[i].Label {
					t.Errorf("example %d of batch %d has label %d, want %d", k, step, got, s.Train[i].Label)
				}
			}
		}
		testenv.OnProcessors(t, func(when string) {
			if got, _ := batches(t, loader(t, s, random), 7, 2, 2, 3, 0); !slices.EqualFunc(got, [][]float32{want[7], want[2], want[2], want[3], want[0]}, slices.Equal) {
				t.Errorf("random %v: other numbers %s", random, when)
			}
		})
		plain := decoder(t, s.Root, 8)
		x := make([]float32, plain.Size())
		if err := plain.Middle(x, s.Train[data.Order(5, 0, 10)[0]]); err != nil {
			t.Fatal(err)
		}
		if same := slices.Equal(x, want[0][:plain.Size()]); same == random {
			t.Errorf("random %v: the first image is seen as for measurements: %v", random, same)
		}
	}
}

// Crops and flips belong to places in an epoch: they do not depend on the size of a batch.
func TestCropsOfPlaces(t *testing.T) {
	s := photos(t, 6)
	small, _ := batches(t, loader(t, s, true), 0, 1)
	l, err := folder.NewLoader(decoder(t, s.Root, 8), s.Train, true, 5, 6)
	if err != nil {
		t.Fatal(err)
	}
	if large, _ := batches(t, l, 0); !slices.Equal(large[0], slices.Concat(small...)) {
		t.Error("other crops in a batch of 6 than in two of 3")
	}
}

// A broken image is the error of its batch and of none before.
func TestBrokenBatch(t *testing.T) {
	s := photos(t, 6)
	bad := s.Train[data.Order(5, 0, 6)[4]].Path
	write(t, "nothing", s.Root, bad)
	l := loader(t, s, false)
	l.Batch(0)
	if err := l.Err(); err != nil {
		t.Fatal(err)
	}
	l.Batch(1)
	if err := l.Err(); err == nil || !strings.Contains(err.Error(), bad) {
		t.Errorf("%v, want one about %s", err, bad)
	}
	if _, err := folder.NewLoader(decoder(t, s.Root, 8), s.Train, false, 5, 7); err == nil {
		t.Error("no error for a batch of more images than there are")
	}
}
