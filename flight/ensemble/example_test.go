package ensemble_test

import (
	"fmt"

	"breakeven/flight"
	"breakeven/flight/baseline"
	"breakeven/flight/ensemble"
)

// The mean of two simple methods.
func Example() {
	f := flight.Flight{Plan: flight.Plan{{Lat: 0, Lon: 0}, {Lat: 3, Lon: 3}}}
	for i := range 4 {
		f.Fixes = append(f.Fixes, flight.Fix{Time: 120 * float64(i), Point: flight.Point{Lon: 0.25 * float64(i)}})
	}
	var members []ensemble.Member
	for _, m := range []baseline.Method{baseline.Straight, baseline.Direct} {
		fitted := m.Fit(nil, baseline.Options{Known: 4, Steps: 2})
		members = append(members, ensemble.Member{Predict: func(flights []flight.Flight) (list []flight.Prediction, err error) {
			for _, f := range flights {
				list = append(list, fitted.Predict(f))
			}
			return list, nil
		}})
	}
	e, err := ensemble.New(members)
	if err != nil {
		fmt.Println(err)
		return
	}
	list, err := e.Predict([]flight.Flight{f})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range list[0].Alternatives[0].States {
		fmt.Printf("%.2f %.2f\n", s.Mean[0], s.Mean[1])
	}
	// Output:
	// 0.10 0.95
	// 0.20 1.15
}
