package trial_test

import (
	"context"
	"fmt"

	"breakeven/run"
	"breakeven/trial"
)

// A printer is a sink that keeps nothing and prints the sharpness.
type printer struct{}

func (printer) Save(r *run.Record, _ *run.Checkpoint) error {
	if r != nil {
		v, _ := r.Get("h_max")
		fmt.Printf("step %d: λ_H¹ %.1f\n", r.Step, v.Value)
	}
	return nil
}

func (printer) Progress(trial.Progress) {}

// A few steps of a small network on the images that are in the program.
func Example() {
	s := run.Default()
	s.Model, s.LR, s.Batch = "tiny", 0.05, 16
	s.Epochs, s.Steps, s.Every = 0, 20, 10
	s.Probes = []string{"loss", "h"}
	s.Measure.Examples = 64
	job, err := trial.Open(context.Background(), s, trial.Env{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(job.Plan().Params, "parameters")
	end, err := job.Run(context.Background(), nil, 0, printer{})
	fmt.Println(end.Status, end.Message, err)
	// Output:
	// 4266 parameters
	// step 0: λ_H¹ 6.1
	// step 10: λ_H¹ 4.8
	// step 20: λ_H¹ 6.5
	// finished all 20 steps are done <nil>
}
