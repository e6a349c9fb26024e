package nn

import (
	"slices"
	"testing"
)

// Each parameter has the place of one number of one block, also if there are more
// parameters than float32 can count.
func TestPlaces(t *testing.T) {
	large, x := NewNetwork(Shape{C: 32, H: 2, W: 2})
	x = large.Add("conv", Conv2D{Filters: 64, K: 3, Pad: 1}, x)
	x = large.Add("flatten", Flatten{}, x)
	x = large.Add("wide", Linear{Units: 1<<16 + 8}, x) // 256·65,544 weights: 2,048 more than 2²⁴
	large.Add("last", Linear{Units: 2}, x)
	for _, inference := range []bool{false, true} {
		small, x := NewNetwork(Shape{C: 3, H: 4, W: 4})
		x = small.Add("conv", Conv2D{Filters: 5, K: 3}, x)
		if inference {
			x = small.Add("bn", BatchNorm{}, x)
		}
		x = small.Add("flatten", Flatten{}, x)
		small.Add("fc", Linear{Units: 3, NoBias: true}, x)
		for _, net := range []*Network{small, large} {
			seen := make([]bool, net.Dim())
			for _, ex := range net.lay(Settings{Batch: 1, Adjoints: true, Inference: inference}).examples() {
				for b, size := range ex.sizes {
					places := make([]int, size)
					ex.places(places, b)
					for _, at := range places {
						if seen[at] {
							t.Fatalf("parameter %d of %d is two numbers", at, len(seen))
						}
						seen[at] = true
					}
				}
			}
			if at := slices.Index(seen, false); at >= 0 {
				t.Errorf("parameter %d of %d is in no block", at, len(seen))
			}
		}
	}
}
