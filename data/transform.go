package data

import (
	"fmt"
	"math"
	"math/big"

	"breakeven/tensor"
)

// A Transform turns the bytes of an image into the float32 inputs of a network.
type Transform struct {
	shape [3]int
	lut   [][256]float32 // of each channel, the input for each byte; nil for "paper"
	mean  []float64      // of each pixel, in bytes; for "paper"
	std   float64        // of all pixels, in bytes; for "paper"
}

// NewTransform returns the preprocessing of the given kind:
//
//	none     x, the byte as it is
//	unit     x/255
//	channel  (x/255 - m)/s with the set's usual mean m and deviation s of the
//	         channel (Info.Mean, Info.Std)
//	paper    (x - m)/s with the mean m of the pixel over train and the scalar
//	         deviation s of all pixels of train about their common mean
//
// Every kind is evaluated in float64 as written, and rounded once. train is the training split;
// its examples matter only for "paper", whose sums are exact. "paper" is the convention of the
// break-even authors in the code of their preceding paper (get_cifar, "center").
func NewTransform(kind string, train *Set) (*Transform, error) {
	t := &Transform{shape: train.Shape}
	switch kind {
	case "none", "unit":
		scale := map[string]float64{"none": 1, "unit": 255}[kind]
		for range train.Shape[0] {
			t.lut = append(t.lut, table(func(x float64) float64 { return x / scale }))
		}
	case "channel":
		in, err := Lookup(train.Name)
		if err != nil {
			return nil, err
		}
		return NewChannels(train, in.Mean, in.Std)
	case "paper":
		if train.Len() == 0 {
			return nil, fmt.Errorf("data: preprocessing \"paper\": no training examples to take means from")
		}
		if t.mean, t.std = moments(train); t.std == 0 {
			return nil, fmt.Errorf("data: preprocessing \"paper\": all pixels of the %d training examples are equal", train.Len())
		}
	default:
		return nil, fmt.Errorf("data: preprocessing %q is not known; there are none, unit, channel and paper", kind)
	}
	return t, nil
}

// NewChannels returns the preprocessing (x/255 − m)/s of images of train's shape with a mean m
// and a deviation s for each channel.
func NewChannels(train *Set, mean, std []float64) (*Transform, error) {
	if c := train.Shape[0]; len(mean) != c || len(std) != c {
		return nil, fmt.Errorf("data: %d means and %d deviations for the %d channels of %s", len(mean), len(std), c, train.Name)
	}
	t := &Transform{shape: train.Shape}
	for c := range mean {
		if !(std[c] > 0) {
			return nil, fmt.Errorf("data: channel %d has the deviation %v, which must be positive", c, std[c])
		}
		t.lut = append(t.lut, table(func(x float64) float64 { return (x/255 - mean[c]) / std[c] }))
	}
	return t, nil
}

// table returns f of every byte, rounded to float32.
func table(f func(x float64) float64) (l [256]float32) {
	for x := range l {
		l[x] = float32(f(float64(x)))
	}
	return l
}

// moments returns the mean of each pixel of s, and the standard deviation of
// all its pixels taken together (divided by their number). Sums are exact.
func moments(s *Set) (mean []float64, std float64) {
	size := s.size()
	sums, parts := make([]uint64, size), [16]uint64{}
	tensor.Parallel(len(parts), func(part int) {
		lo, hi := size*part/len(parts), size*(part+1)/len(parts)
		own, square := sums[lo:hi], uint64(0)
		for i := range s.Len() {
			for j, b := range s.image(i)[lo:hi] {
				x := uint64(b)
				own[j] += x
				square += x * x
			}
		}
		parts[part] = square
	})
	mean = make([]float64, size)
	var total, squares uint64
	for j, sum := range sums {
		mean[j] = float64(sum) / float64(s.Len())
		total += sum
	}
	for _, square := range parts {
		squares += square
	}
	// Variance = (n Σx² - (Σx)²) / n².
	n := new(big.Int).SetInt64(int64(len(s.Pixels)))
	sum := new(big.Int).SetUint64(total)
	top := new(big.Int).SetUint64(squares)
	top.Mul(top, n).Sub(top, sum.Mul(sum, sum))
	variance, _ := new(big.Rat).SetFrac(top, n.Mul(n, n)).Float64()
	return mean, math.Sqrt(variance)
}

// To writes the inputs for example i of s to dst, channels first.
func (t *Transform) To(dst []float32, s *Set, i int) {
	t.check(len(dst), s)
	img := s.image(i)
	if t.lut == nil {
		for j, x := range img {
			dst[j] = float32((float64(x) - t.mean[j]) / t.std)
		}
		return
	}
	plane := t.shape[1] * t.shape[2]
	for c := range t.lut {
		l, out := &t.lut[c], dst[c*plane:(c+1)*plane]
		for j, x := range img[c*plane : (c+1)*plane] {
			out[j] = l[x]
		}
	}
}

func (t *Transform) check(n int, s *Set) {
	if s.Shape != t.shape || n != s.size() {
		panic(fmt.Sprintf("data: transform of shape %v to %d inputs applied to images of shape %v", t.shape, n, s.Shape))
	}
}
