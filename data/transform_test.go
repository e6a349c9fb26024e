package data

import (
	"math"
	"math/big"
	"slices"
	"testing"
)

func inputs(t testing.TB, tr *Transform, s *Set, i int) []float32 {
	dst := make([]float32, s.size())
	tr.To(dst, s, i)
	return dst
}

func newTransform(t testing.TB, kind string, s *Set) *Transform {
	tr, err := NewTransform(kind, s)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// Every byte in every channel, against the exact value of the formula: the
// nearest float32 up to the rounding of the float64 evaluation.
func TestUnitAndChannelExact(t *testing.T) {
	for _, c := range []struct {
		kind      string
		shape     [3]int
		mean, std []string
	}{
		{"none", [3]int{1, 16, 16}, []string{"0"}, []string{"1/255"}},
		{"unit", [3]int{3, 16, 16}, []string{"0", "0", "0"}, []string{"1", "1", "1"}},
		{"channel", [3]int{3, 16, 16}, []string{"0.4914", "0.4822", "0.4465"}, []string{"0.2470", "0.2435", "0.2616"}},
		{"channel", [3]int{1, 16, 16}, []string{"0.2860"}, []string{"0.3530"}},
	} {
		s := randomSet(1, 1, c.shape)
		for j := range s.Pixels {
			s.Pixels[j] = byte(j)
		}
		got := inputs(t, newTransform(t, c.kind, s), s, 0)
		for ch := range c.shape[0] {
			mean, _ := new(big.Rat).SetString(c.mean[ch])
			std, _ := new(big.Rat).SetString(c.std[ch])
			for x := range 256 {
				want := new(big.Rat).SetFrac64(int64(x), 255)
				want.Sub(want, mean).Quo(want, std)
				exact, _ := want.Float64()
				if g := float64(got[ch*256+x]); math.Abs(g-exact) > math.Abs(exact)*(1<<29+8)/(1<<53) {
					t.Errorf("%s: byte %d in channel %d: %v, exactly %v", c.kind, x, ch, g, exact)
				}
			}
		}
	}
}

// Means and deviations that are given count in place of the usual ones, channel by channel.
func TestChannels(t *testing.T) {
	s := randomSet(3, 2, [3]int{3, 4, 4})
	in, err := Lookup(s.Name)
	if err != nil {
		t.Fatal(err)
	}
	usual, err := NewChannels(s, in.Mean, in.Std)
	if err != nil || !slices.Equal(inputs(t, usual, s, 1), inputs(t, newTransform(t, "channel", s), s, 1)) {
		t.Errorf("the usual constants, given, are others than those of channel: %v", err)
	}
	mean, std := []float64{0.5, 0, -1}, []float64{0.25, 1, 4}
	own, err := NewChannels(s, mean, std)
	if err != nil {
		t.Fatal(err)
	}
	for j, got := range inputs(t, own, s, 1) {
		if want := float32((float64(s.image(1)[j])/255 - mean[j/16]) / std[j/16]); got != want {
			t.Fatalf("input %d is %v, want %v", j, got, want)
		}
	}
	_, err = NewChannels(s, mean[:1], std[:1])
	complains(t, err, "1 means and 1 deviations for the 3 channels")
	_, err = NewChannels(s, mean, []float64{1, 0, 1})
	complains(t, err, "channel 1", "positive")
}

// The statistics of "paper" computed the slow way: the mean of every pixel, and the
// deviation of all pixels in two passes.
func TestPaper(t *testing.T) {
	s := randomSet(7, 40, [3]int{3, 5, 4})
	for i := range s.Pixels {
		s.Pixels[i] = s.Pixels[i]/4 + byte(i%60) // means differ from pixel to pixel
	}
	tr := newTransform(t, "paper", s)
	var all float64
	for _, b := range s.Pixels {
		all += float64(b) / float64(len(s.Pixels))
	}
	var variance float64
	for _, b := range s.Pixels {
		variance += (float64(b) - all) * (float64(b) - all) / float64(len(s.Pixels))
	}
	if math.Abs(tr.std-math.Sqrt(variance)) > 1e-12*tr.std {
		t.Errorf("deviation %v, two-pass %v", tr.std, math.Sqrt(variance))
	}
	sum := make([]float64, s.size())
	for i := range s.Len() {
		got := inputs(t, tr, s, i)
		for j := range got {
			var mean float64
			for k := range s.Len() {
				mean += float64(s.image(k)[j])
			}
			mean /= float64(s.Len())
			if want := float32((float64(s.image(i)[j]) - mean) / tr.std); got[j] != want {
				t.Fatalf("example %d, pixel %d: %v, want %v", i, j, got[j], want)
			}
			sum[j] += float64(got[j])
		}
	}
	for j := range sum {
		if math.Abs(sum[j]) > 1e-5 {
			t.Errorf("pixel %d: preprocessed mean %v, want 0", j, sum[j]/40)
		}
	}
}

// The deviation of raw pixels, not of pixels with their means subtracted: two
// pixels that are 0 and 200 in every example.
func TestPaperDeviationIsOfRawPixels(t *testing.T) {
	s := &Set{Name: "cifar10", Shape: [3]int{1, 1, 2}, Classes: 10, Pixels: []byte{0, 200, 0, 200}, Labels: []uint8{0, 1}}
	if tr := newTransform(t, "paper", s); tr.std != 100 || tr.mean[0] != 0 || tr.mean[1] != 200 {
		t.Errorf("mean %v, deviation %v, want [0 200] and 100", tr.mean, tr.std)
	}
}

func TestTransformErrors(t *testing.T) {
	s := randomSet(1, 4, [3]int{3, 2, 2})
	_, err := NewTransform("zscore", s)
	complains(t, err, `"zscore"`, "unit, channel and paper")
	_, err = NewTransform("paper", s.Slice(0, 0))
	complains(t, err, "no training examples")
	clear(s.Pixels)
	_, err = NewTransform("paper", s)
	complains(t, err, "all pixels", "equal")
	s.Name = "mine"
	_, err = NewTransform("channel", s)
	complains(t, err, `"mine"`)

	tr := newTransform(t, "unit", s)
	mustPanic(t, func() { tr.To(make([]float32, 11), s, 0) })
	mustPanic(t, func() { tr.To(make([]float32, 12), randomSet(1, 1, [3]int{1, 4, 3}), 0) })
}
