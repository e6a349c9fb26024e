package folder

import (
	"image"
	"math"

	"breakeven/rng"
)

// A view says which part of an image of w×h pixels is seen: the rectangle from of the image fills
// to, in an image whose upper left corner is 0, 0 and whose sides the caller knows.
type view func(w, h int) (from, to image.Rectangle)

// middle is torchvision's Resize of the shorter side to 8/7 of side, followed by CenterCrop.
func middle(side int) view {
	return func(w, h int) (from, to image.Rectangle) {
		short := int(math.Round(float64(side) * 8 / 7))
		across, down := short, short
		if w > h {
			across = short * w / h
		} else {
			down = short * h / w
		}
		left, top := half(across-side), half(down-side)
		return image.Rect(0, 0, w, h), image.Rect(-left, -top, across-left, down-top)
	}
}

// half is Python's round(n/2), which rounds to even.
func half(n int) int { return int(math.RoundToEven(float64(n) / 2)) }

// The part of an image that a random crop has, and the ratio of its sides.
const (
	leastArea  = 0.08
	leastRatio = 3.0 / 4
	mostRatio  = 4.0 / 3
)

// random is torchvision's RandomResizedCrop with its defaults, drawn from s.
func random(s *rng.Stream, side int) view {
	return func(w, h int) (from, to image.Rectangle) {
		to = image.Rect(0, 0, side, side)
		low, high := math.Log(leastRatio), math.Log(mostRatio)
		for range 10 {
			area := float64(w*h) * (leastArea + (1-leastArea)*s.Float64())
			ratio := math.Exp(low + (high-low)*s.Float64())
			across, down := int(math.RoundToEven(math.Sqrt(area*ratio))), int(math.RoundToEven(math.Sqrt(area/ratio)))
			if across > 0 && across <= w && down > 0 && down <= h {
				top, left := s.IntN(h-down+1), s.IntN(w-across+1)
				return image.Rect(left, top, left+across, top+down), to
			}
		}
		across, down := w, h
		switch ratio := float64(w) / float64(h); {
		case ratio < leastRatio:
			down = int(math.RoundToEven(float64(w) / leastRatio))
		case ratio > mostRatio:
			across = int(math.RoundToEven(float64(h) * mostRatio))
		}
		left, top := (w-across)/2, (h-down)/2
		return image.Rect(left, top, left+across, top+down), to
	}
}
