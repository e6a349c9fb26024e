package huang2021orthogonal_test

import (
	"fmt"
	"math"

	"breakeven/run"
	"breakeven/study"
	"breakeven/study/huang2021orthogonal"
)

// Kernels of networks of several widths, from their records alone.
func Example() {
	trials, err := huang2021orthogonal.Study.Specs(study.Demo, "1")
	if err != nil {
		fmt.Println(err)
		return
	}
	var runs []study.Run
	for i, spec := range trials {
		width := 8 << (i % 8)
		off := 0.7 / math.Sqrt(float64(width))
		runs = append(runs, study.Run{Spec: spec, Status: run.Finished, Records: []run.Record{{Step: 1, Values: []run.Value{
			{Key: "nngp_error", Value: off}, {Key: "ntk_error", Value: off}, {Key: "nngp_mean_error", Value: off}, {Key: "ntk_mean_error", Value: off},
		}}}})
	}
	fmt.Println(huang2021orthogonal.Study.Analyze(runs).Headline)
	// Output:
	// The tangent kernel of networks approaches that of infinite width as n^(−0.500 ± 0.005) with normal and n^(−0.500 ± 0.005) with orthogonal weights.
}
