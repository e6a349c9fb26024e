package curvature

import "fmt"

// A Set is a number of preprocessed examples: X holds them in PyTorch's layout
// [N, C, H, W], Y their labels.
type Set struct {
	X []float32
	Y []int32
}

// Len returns the number of examples N.
func (s Set) Len() int { return len(s.Y) }

// Slice returns examples lo … hi-1, without copying.
func (s Set) Slice(lo, hi int) Set {
	if s.Len() == 0 {
		return s
	}
	size := len(s.X) / s.Len()
	return Set{s.X[lo*size : hi*size], s.Y[lo:hi]}
}

// Split cuts a set into chunks of the given size, the last one smaller where it
// must be.
func Split(set Set, size int) []Set {
	var chunks []Set
	for lo := 0; lo < set.Len(); lo += size {
		chunks = append(chunks, set.Slice(lo, min(lo+size, set.Len())))
	}
	return chunks
}

// Parts cuts a set in order into l parts of equal size, dropping what is left.
func Parts(set Set, l int) []Set {
	size := set.Len() / l
	if size == 0 {
		panic(fmt.Sprintf("curvature: %d parts of %d examples", l, set.Len()))
	}
	return Split(set.Slice(0, l*size), size)
}
