package data

import "fmt"

// A Set is a sequence of labelled images. Sets share memory: whoever opened one must not change its pixels and labels.
type Set struct {
	Name    string  // of the data set: "cifar10"
	Shape   [3]int  // channels, height, width of an image
	Classes int     // labels are 0..Classes-1
	Pixels  []byte  // images one after another, each C×H×W, as published
	Labels  []uint8 // one an image
}

// Len returns the number of examples.
func (s *Set) Len() int { return len(s.Labels) }

// Bytes returns the memory that s holds.
func (s *Set) Bytes() int64 { return int64(len(s.Pixels) + len(s.Labels)) }

// Slice returns examples a..b-1. It shares memory with s.
func (s *Set) Slice(a, b int) *Set {
	if a < 0 || b < a || b > s.Len() {
		panic(fmt.Sprintf("data: slice %d:%d of %d examples", a, b, s.Len()))
	}
	t, size := *s, s.size()
	t.Pixels = s.Pixels[a*size : b*size : b*size]
	t.Labels = s.Labels[a:b:b]
	return &t
}

// Classed returns the examples of classes first to last, in their order, as classes 0 to
// last−first.
func (s *Set) Classed(first, last int) *Set {
	if first < 0 || last < first || last >= s.Classes {
		panic(fmt.Sprintf("data: classes %d to %d of %d", first, last, s.Classes))
	}
	t := &Set{Name: s.Name, Shape: s.Shape, Classes: last - first + 1}
	for i, y := range s.Labels {
		if int(y) >= first && int(y) <= last {
			t.Labels = append(t.Labels, y-uint8(first))
			t.Pixels = append(t.Pixels, s.image(i)...)
		}
	}
	return t
}

// size returns the number of bytes of an image.
func (s *Set) size() int { return s.Shape[0] * s.Shape[1] * s.Shape[2] }

// image returns the bytes of image i.
func (s *Set) image(i int) []byte {
	size := s.size()
	return s.Pixels[i*size : (i+1)*size]
}

// A Split says which examples are for training, for validation, and for the final test.
type Split struct{ Train, Valid, Test *Set }

// NewSplit cuts the training file: the first n examples are for training, the last valid ones
// for validation. With n = 0 all that are not for validation are for training; with valid = 0
// the test file is also used for validation. (Break-even paper, CIFAR-10: 45,000 and 5,000.)
func NewSplit(train, test *Set, n, valid int) (Split, error) {
	total := train.Len()
	if n == 0 {
		n = total - valid
	}
	if n <= 0 || valid < 0 || valid > total-n {
		return Split{}, fmt.Errorf("data: %s: a split of %d examples for training and %d for validation cannot be cut from the %d of the training file; ask for fewer",
			train.Name, n, valid, total)
	}
	s := Split{Train: train.Slice(0, n), Valid: test, Test: test}
	if valid > 0 {
		s.Valid = train.Slice(total-valid, total)
	}
	return s, nil
}
