package jastrzebski2020breakeven

import (
	"fmt"
	"testing"

	"breakeven/study"
)

// BenchmarkAnalysis measures what the report of a large sweep costs: seeds of one setting, or settings of
// one seed.
func BenchmarkAnalysis(b *testing.B) {
	for _, n := range []int{250, 1000} {
		var seeds, settings []study.Run
		for i := range n {
			seeds = append(seeds, valued(0.1, uint64(i), 0.1, 0.5))
			settings = append(settings, valued(0.1+float64(i)/1000, 0, 0.1, 0.5))
		}
		for name, runs := range map[string][]study.Run{"seeds": seeds, "settings": settings} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				for b.Loop() {
					analysis(runs)
				}
			})
		}
	}
}
