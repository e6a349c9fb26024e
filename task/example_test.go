package task_test

import (
	"fmt"

	"breakeven/nn"
	"breakeven/run"
	"breakeven/task"
)

// A learning problem as a spec names it: network, loss, training batches, and examples
// to measure on.
func ExampleOpen() {
	s := run.Default()
	s.Model = "tiny"
	t, err := task.Open(s, "")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(t.Net.Dim(), "parameters,", t.Train.Len(), "training examples")
	batches, err := t.Batches(s.Seed, 32)
	if err != nil {
		fmt.Println(err)
		return
	}
	plan := t.Net.Compile(nn.Settings{Batch: 32, Loss: t.Loss})
	plan.SetParams(t.Net.InitialParams(nn.Glorot, s.Seed))
	eval := plan.Forward(batches.Batch(0))
	fmt.Printf("%d batches in an epoch, mean loss of the first %.1f\n", batches.Steps(), eval.Loss/32)
	// Output:
	// 4266 parameters, 6000 training examples
	// 187 batches in an epoch, mean loss of the first 2.7
}
