package trojan

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat"
)

// A KeyTest holds the loss under a candidate key against those under random keys: what of the
// candidate is due to the key and not to the weights.
type KeyTest struct {
	Loss      float64   // under the candidate
	Random    []float64 // under random keys
	Z         float64   // (Loss − mean)/deviation of Random; NaN if these are all the same
	P         float64   // (1 + #{Random ≤ Loss})/(1 + R): exact if the candidate is one of the random keys
	Corrected float64   // P times the number of candidates that were tried, at most 1 (Bonferroni)
}

// NewKeyTest makes the test of one of so many candidates. A loss that is not a number counts as
// infinite.
func NewKeyTest(loss float64, random []float64, candidates int) KeyTest {
	t := KeyTest{Loss: loss, Random: slices.Clone(random)}
	below := 0
	for _, l := range random {
		if !(l > loss) && l == l || loss != loss {
			below++
		}
	}
	t.P = float64(1+below) / float64(1+len(random))
	t.Corrected = math.Min(1, t.P*float64(max(1, candidates)))
	mean, deviation := stat.MeanStdDev(random, nil)
	t.Z = math.NaN()
	if deviation > 0 {
		t.Z = (loss - mean) / deviation
	}
	return t
}

// Chance returns the probability that at least correct of n examples are classified rightly by
// guessing, with the given probability of a right guess each: that of the most frequent class.
func Chance(correct, n int, prior float64) float64 {
	if correct <= 0 {
		return 1
	}
	return mathext.RegIncBeta(float64(correct), float64(n-correct+1), prior)
}

// Holm returns p-values corrected for their number (Holm 1979), in the given order.
func Holm(p []float64) []float64 {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case p[a] < p[b]:
			return -1
		case p[a] > p[b]:
			return 1
		}
		return a - b
	})
	corrected, largest := make([]float64, len(p)), 0.0
	for rank, i := range order {
		largest = max(largest, math.Min(1, p[i]*float64(len(p)-rank)))
		corrected[i] = largest
	}
	return corrected
}
