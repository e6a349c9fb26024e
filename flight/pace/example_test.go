package pace_test

import (
	"fmt"

	"breakeven/flight"
	"breakeven/flight/pace"
)

// A flight that was 5 % faster than predicted speeds up what is predicted of one an hour and a half later.
func Example() {
	p := pace.New([]flight.Prediction{flown(0, 0.05)})
	later := p.Apply([]flight.Prediction{flown(5400, 0.05)})
	fmt.Printf("pace %.3f, after an hour at longitude %.2f\n", p.At(5400+120), later[0].Alternatives[0].States[29].Mean[1])
	// Output:
	// pace 0.034, after an hour at longitude 7.63
}
