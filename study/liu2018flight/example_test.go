package liu2018flight_test

import (
	"fmt"

	"breakeven/run"
	"breakeven/study"
	"breakeven/study/liu2018flight"
)

// What two runs that differ in their drift show.
func Example() {
	specs, err := liu2018flight.Study.Specs(study.Demo, "")
	if err != nil {
		fmt.Println(err)
		return
	}
	var runs []study.Run
	for i, s := range []run.Spec{specs[0], specs[3]} {
		runs = append(runs, study.Run{Spec: s, Records: []run.Record{{Step: 450, Values: []run.Value{
			{Key: "loss", Value: 0.7}, {Key: "valid_track_error", Value: 60 - 15*float64(i)}}}}})
	}
	for _, row := range liu2018flight.Study.Analyze(runs).Summary.Rows {
		fmt.Println(row[0], "|", row[2])
	}
	// Output:
	// adam, η = 0.001, S = 5 | 60
	// adam, η = 0.001, S = 5, drift 3 nmi | 45
}
