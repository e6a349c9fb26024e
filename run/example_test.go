package run_test

import (
	"errors"
	"fmt"

	"breakeven/run"
)

// The text of a spec is the identity of its run. It holds what differs from the
// defaults.
func ExampleSpec_String() {
	s := run.Default()
	s.Model, s.LR, s.Epochs = "mlp", 0.05, 2
	fmt.Print(s)

	again, err := run.Parse(s.String())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("the same run:", again.ID() == s.ID())
	// Output:
	// format: 2
	// model: mlp
	// lr: 0.05
	// epochs: 2
	// the same run: true
}

// All faults of a spec at once.
func ExampleSpec_Validate() {
	s := run.Default()
	s.LR, s.Batch, s.Model = -1, -1, "resnet23"
	var faults run.Faults
	if err := s.Validate(run.Known{Words: map[string][]string{"model": {"mlp", "resnet32"}}}); errors.As(err, &faults) {
		for _, f := range faults {
			fmt.Printf("%s: %s\n", f.Field, f.Msg)
		}
	}
	// Output:
	// model: unknown model "resnet23" (did you mean "resnet32"?); known: mlp, resnet32
	// lr: the learning rate must be a positive number, not -1
	// batch: must be 1 or more, or 0 for all training examples, not -1
}

// What a key of a record means.
func ExampleLookupKey() {
	k, ok := run.LookupKey("h_max")
	fmt.Println(ok, k.Symbol, k.Unit, k.Meaning)
	// Output:
	// true λ_H¹ nat largest eigenvalue of the Hessian
}
