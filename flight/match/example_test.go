package match_test

import (
	"fmt"

	"breakeven/flight"
	"breakeven/flight/match"
	"breakeven/flight/weather"
)

// What lies ahead of an aircraft that flies north over the Pacific.
func Example() {
	air, err := weather.Open(weather.Options{}, "../weather/grib2/testdata/small.grib2")
	if err != nil {
		fmt.Println(err)
		return
	}
	m := match.New(air, nil, match.Options{})
	p := match.Point{Fix: flight.Fix{Time: 1375344000, Point: flight.Point{Lat: 14, Lon: -130}, Alt: 34000}}
	cube := make([]float32, match.Size)
	if err := m.MatchTo(cube, []match.Point{p}); err != nil {
		fmt.Println(err)
		return
	}
	right := cube[(0*match.Cols+0)*match.Channels:]
	left := cube[(19*match.Cols+0)*match.Channels:]
	fmt.Printf("on the right %.1f K, on the left %.1f K\n", right[1], left[1])
	// Output:
	// on the right 230.5 K, on the left 229.5 K
}
