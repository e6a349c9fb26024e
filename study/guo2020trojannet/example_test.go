package guo2020trojannet_test

import (
	"fmt"

	"breakeven/run"
	"breakeven/study"
	"breakeven/study/guo2020trojannet"
)

// What a carrier alone and one with a secret network show.
func Example() {
	specs, err := guo2020trojannet.Study.Specs(study.Demo, "")
	if err != nil {
		fmt.Println(err)
		return
	}
	alone := []run.Value{{Key: "valid_accuracy", Value: 0.89}}
	hidden := []run.Value{{Key: "valid_task_accuracy", Value: 0.91, Vector: []float64{0.88, 0.94}}}
	a := guo2020trojannet.Study.Analyze([]study.Run{
		{Spec: specs[0], Records: []run.Record{{Step: 232, Values: alone}}},
		{Spec: specs[2], Records: []run.Record{{Step: 232, Values: hidden}}},
	})
	for _, row := range a.Summary.Rows {
		fmt.Println(row[:3])
	}
	// Output:
	// [alone 89 –]
	// [fashion-mnist-sample:0-4 + fashion-mnist-sample:5-9, hidden, permuted 88 94]
}
