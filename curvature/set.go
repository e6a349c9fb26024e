package curvature

import (
	"fmt"

	"breakeven/nn"
)

// A Set is a number of preprocessed examples with their targets.
type Set = nn.Batch

// Split cuts a set into chunks of the given size. The last one may be smaller.
func Split(set Set, size int) []Set {
	var chunks []Set
	for lo := 0; lo < set.Len(); lo += size {
		chunks = append(chunks, set.Slice(lo, min(lo+size, set.Len())))
	}
	return chunks
}

// Parts cuts a set, in order, into l parts of equal size. It drops the remainder.
func Parts(set Set, l int) []Set {
	size := set.Len() / l
	if size == 0 {
		panic(fmt.Sprintf("curvature: %d parts of %d examples", l, set.Len()))
	}
	return Split(set.Slice(0, l*size), size)
}
