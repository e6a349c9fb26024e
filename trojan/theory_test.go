package trojan

import (
	"math/bits"
	"math/rand/v2"
	"testing"
)

// The reduction from exact cover by 3-sets to the question whether a permutation of weights has a
// loss of 0: a linear network of m weights, of which q are 1 and the others 0, an example for each
// element with a 1 for each set that holds it, and the target 1.

// exactCover reports whether some of the sets cover each of 3q elements once.
func exactCover(sets []uint, q int) bool {
	for chosen := range uint(1) << len(sets) {
		covered, twice := uint(0), false
		for j, s := range sets {
			if chosen>>j&1 == 1 {
				twice = twice || covered&s != 0
				covered |= s
			}
		}
		if !twice && covered == 1<<(3*q)-1 {
			return true
		}
	}
	return false
}

// permuted reports whether some order of the weights has a squared loss of 0.
func permuted(sets []uint, q int) bool {
	m := len(sets)
	for order := range uint(1) << m { // only which weights are 1 matters
		if bits.OnesCount(order) != q {
			continue
		}
		loss := 0.0
		for e := range 3 * q {
			output := 0.0
			for j, s := range sets {
				output += float64(order>>j&1) * float64(s>>e&1)
			}
			loss += (output - 1) * (output - 1)
		}
		if loss == 0 {
			return true
		}
	}
	return false
}

func TestExactCoverIsAQuestionOfPermutations(t *testing.T) {
	r, found := rand.New(rand.NewPCG(1, 2)), [2]int{}
	for range 400 {
		q := 1 + r.IntN(2)
		sets := make([]uint, 2+r.IntN(6))
		for j := range sets {
			for bits.OnesCount(sets[j]) < 3 {
				sets[j] |= 1 << r.IntN(3*q)
			}
		}
		cover := exactCover(sets, q)
		if got := permuted(sets, q); got != cover {
			t.Fatalf("sets %b of %d elements: an exact cover %v, a permutation of loss 0 %v", sets, 3*q, cover, got)
		}
		if cover {
			found[1]++
		} else {
			found[0]++
		}
	}
	if found[0] < 50 || found[1] < 50 {
		t.Errorf("%d instances without and %d with a cover: too few of a kind", found[0], found[1])
	}
}
