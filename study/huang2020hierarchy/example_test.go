package huang2020hierarchy_test

import (
	"fmt"
	"math"

	"breakeven/run"
	"breakeven/study"
	"breakeven/study/huang2020hierarchy"
)

// What runs at several widths show, from their records alone: here made up, with errors
// that fall as the theorem says.
func Example() {
	var runs []study.Run
	for _, width := range []float64{64, 128, 256} {
		r := study.Run{Spec: run.Default(), Status: run.Finished}
		r.Spec.Kind, r.Spec.More = "hierarchy", map[string]string{"hidden_width": fmt.Sprint(width)}
		for k := range 8 {
			vary := math.Exp(float64(k-4) / 100) // over networks
			errors := []float64{vary / width, vary / width, vary / (width * width)}
			var path []float64
			for _, e := range errors {
				path = append(path, 0, e/2, e)
			}
			r.Records = append(r.Records, run.Record{Step: k + 1, Values: []run.Value{
				{Key: "flow_times", Vector: []float64{0, 0.5, 1}},
				{Key: "k2_min", Value: 1},
				{Key: "f_error", Vector: errors},
				{Key: "f_error_path", Vector: path},
			}})
		}
		runs = append(runs, r)
	}
	a := huang2020hierarchy.Study.Analyze(runs)
	fmt.Println(a.Sections[0].Badge)
	for _, row := range a.Sections[0].Rows {
		fmt.Println(row[1], row[3])
	}
	// Output:
	// held
	// f, level 2 −1.00 ± 0.03
	// f, level 3 −1.00 ± 0.03
	// f, level 4 −2.00 ± 0.03
}
