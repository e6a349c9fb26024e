package rng

import (
	"math"
	"math/bits"
	"testing"
)

// Test vectors of Random123, the library of the paper.
func TestPhilox(t *testing.T) {
	for _, c := range []struct{ a, b, key, x, y uint64 }{
		{0, 0, 0, 0xca00a0459843d731, 0x66c24222c9a845b5},
		{math.MaxUint64, math.MaxUint64, math.MaxUint64, 0x65b021d60cd8310f, 0x4d02f3222f86df20},
		{0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x0a5e742c2997341c, 0xb0f883d38000de5d},
	} {
		if x, y := philox(c.a, c.b, c.key); x != c.x || y != c.y {
			t.Errorf("philox(%x, %x, %x) = %x, %x, want %x, %x", c.a, c.b, c.key, x, y, c.x, c.y)
		}
	}
}

// Seed, name, step and place all matter, and half of the bits are ones.
func TestField(t *testing.T) {
	seen, ones := map[[2]uint64]bool{}, 0
	for _, seed := range []uint64{0, 1} {
		for _, name := range []string{"a", "b"} {
			f := NewField(seed, name)
			for step := range uint64(5) {
				for place := range uint64(50) {
					a, b := f.At(step, place)
					seen[[2]uint64{a, b}] = true
					ones += bits.OnesCount64(a) + bits.OnesCount64(b)
					if x, y := NewField(seed, name).At(step, place); x != a || y != b {
						t.Fatal("a field asked again gives other numbers")
					}
				}
			}
		}
	}
	if len(seen) != 1000 {
		t.Errorf("%d different numbers in 1000 places", len(seen))
	}
	if half := 64000.0; math.Abs(float64(ones)-half) > 4*math.Sqrt(half/2) {
		t.Errorf("%d ones of 128000 bits", ones)
	}
	if a, b := NewField(1, "pinned").At(2, 3); a != 0xd4b8257d21dc2108 || b != 0x7cf005c600ac8103 {
		t.Errorf("%x, %x", a, b)
	}
}
