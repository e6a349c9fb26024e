package folder

import (
	"image"
	"math"
	"testing"

	"breakeven/rng"
)

// What torchvision's Resize(256) and CenterCrop(224) see of images of some sizes.
func TestMiddleOfSizes(t *testing.T) {
	for _, c := range []struct{ w, h, left, top, across, down int }{
		{500, 375, 58, 16, 341, 256}, // int(256·500/375) = 341, round(58.5) = 58
		{375, 500, 16, 58, 256, 341},
		{256, 256, 16, 16, 256, 256},
		{100, 300, 16, 272, 256, 768},
	} {
		from, to := middle(224)(c.w, c.h)
		if want := image.Rect(-c.left, -c.top, c.across-c.left, c.down-c.top); from != image.Rect(0, 0, c.w, c.h) || to != want {
			t.Errorf("%d×%d: %v to %v, want %v", c.w, c.h, from, to, want)
		}
	}
}

// Random crops lie in the image and have the areas and ratios of torchvision's; where none fits
// they are as large as the ratio allows.
func TestRandom(t *testing.T) {
	s := rng.New(1, "crops")
	const w, h = 300, 200
	area, turned := 0.0, 0
	for range 4000 {
		from, to := random(s, 8)(w, h)
		if !from.In(image.Rect(0, 0, w, h)) || to != image.Rect(0, 0, 8, 8) {
			t.Fatalf("%v to %v", from, to)
		}
		share := float64(from.Dx()*from.Dy()) / (w * h)
		if ratio := float64(from.Dx()) / float64(from.Dy()); ratio < 0.72 || ratio > 1.39 || share < 0.075 || share > 1 {
			t.Fatalf("%v has the ratio %v and the share %v", from, ratio, share)
		}
		if area += share / 4000; from.Dx() < from.Dy() {
			turned++
		}
	}
	// In torchvision 0.29 the mean share of 40,000 crops is 0.3906, and 1,638 of 4,000 are upright.
	if math.Abs(area-0.3906) > 0.012 || turned < 1518 || turned > 1758 {
		t.Errorf("mean share %v, %d of 4000 upright", area, turned)
	}
	if from, _ := random(s, 8)(1000, 10); from != image.Rect(493, 0, 506, 10) {
		t.Errorf("of a strip %v", from)
	}
	if from, _ := random(s, 8)(10, 1000); from != image.Rect(0, 493, 10, 506) {
		t.Errorf("of a tall strip %v", from)
	}
}
