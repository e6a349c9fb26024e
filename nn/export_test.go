package nn

import "testing"

// LargeFrom makes layers large from that many weights on, until the test ends.
func LargeFrom(t *testing.T, weights int) {
	before := largeWeights
	largeWeights = weights
	t.Cleanup(func() { largeWeights = before })
}
