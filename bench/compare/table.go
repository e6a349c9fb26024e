package main

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"breakeven/bench/units"
)

const header = `| work | peer | ours | peer's | ratio | aim | our peak | its peak | ratio | aim | same numbers to |
|---|---|---|---|---|---|---|---|---|---|---|
`

// row returns the result as a row of a table. Times are medians, the ratio is
// the median of the ratios of the rounds: below 1 we are faster.
func (r result) row() string {
	cells := []string{r.race.name, r.peerWords()}
	switch {
	case r.Error != "":
		cells = append(cells, r.ourWords(), r.Error, "", ratio(r.race.aim), bytes(r.OurPeak), bytes(r.TheirPeak), "", ratio(r.race.memory), scientific(r.Difference))
	case r.Peer == "":
		cells = append(cells, r.ourWords(), "", "", "< "+units.Duration(r.race.aim), "", "", "", "", "")
	default:
		cells = append(cells, r.ourWords(), units.Duration(median(r.Theirs)),
			ratio(median(ratios(r.Ours, r.Theirs))), ratio(r.race.aim),
			bytes(r.OurPeak), bytes(r.TheirPeak), ratio(float64(r.OurPeak)/float64(r.TheirPeak)), ratio(r.race.memory), scientific(r.Difference))
	}
	return "| " + strings.Join(cells, " | ") + " |"
}

func (r result) peerWords() string {
	if r.Variant == "" {
		return r.Peer
	}
	return r.Peer + ", " + r.Variant
}

// ourWords are our median time and, where the work is known, its rate.
func (r result) ourWords() string {
	if len(r.Ours) == 0 {
		return ""
	}
	t := median(r.Ours)
	if r.race.flops == 0 {
		return units.Duration(t)
	}
	return fmt.Sprintf("%s (%.0f GFLOP/s)", units.Duration(t), r.race.flops/t/1e9)
}

func bytes(n int64) string {
	if n <= 0 {
		return ""
	}
	return fmt.Sprintf("%d MB", (n+500_000)/1_000_000)
}

// ratio writes a ratio, or nothing where there is none.
func ratio(x float64) string {
	if x == 0 || math.IsInf(x, 0) || math.IsNaN(x) {
		return ""
	}
	return fmt.Sprintf("%.2f", x)
}

func scientific(xs []float64) string {
	var words []string
	for _, x := range xs {
		words = append(words, fmt.Sprintf("%.0e", x))
	}
	return strings.Join(words, ", ")
}

func ratios(a, b []float64) []float64 {
	r := make([]float64, len(a))
	for i := range a {
		r[i] = a[i] / b[i]
	}
	return r
}

func median(x []float64) float64 {
	s := slices.Sorted(slices.Values(x))
	return (s[len(s)/2] + s[(len(s)-1)/2]) / 2
}

// difference returns the largest relative difference of two lists.
func difference(a, b []float64) float64 {
	if len(a) != len(b) {
		return math.Inf(1)
	}
	d := 0.0
	for i := range a {
		d = max(d, math.Abs(a[i]-b[i])/max(math.Abs(b[i]), 1e-30))
	}
	return d
}
