package izadi2020natural_test

import (
	"fmt"

	"breakeven/run"
	"breakeven/study"
	"breakeven/study/izadi2020natural"
)

// What two runs that differ in predicted labels show.
func Example() {
	specs, err := izadi2020natural.Study.Specs(study.Demo, "")
	if err != nil {
		fmt.Println(err)
		return
	}
	var runs []study.Run
	for i, s := range []run.Spec{specs[0], specs[10]} {
		runs = append(runs, study.Run{Spec: s, Records: []run.Record{{Step: 200, Values: []run.Value{
			{Key: "valid_loss", Value: 0.7}, {Key: "test_accuracy", Value: 0.81 + 0.01*float64(i)}}}}})
	}
	for _, row := range izadi2020natural.Study.Analyze(runs).Summary.Rows {
		fmt.Println(row[0], "|", row[2])
	}
	// Output:
	// Adam | 81
	// Adam, γ = 1 | 82
}
