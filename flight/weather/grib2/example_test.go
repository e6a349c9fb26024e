package grib2_test

import (
	"fmt"
	"os"

	"breakeven/flight/weather/grib2"
)

// A file lists its fields, and each is read when it is wanted.
func Example() {
	f, err := os.Open("testdata/small.grib2")
	if err != nil {
		panic(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		panic(err)
	}
	messages, err := grib2.Scan(f, info.Size())
	if err != nil {
		panic(err)
	}
	for _, m := range messages {
		if m.Parameter != grib2.Temperature {
			continue
		}
		values := make([]float32, m.Grid.Len())
		if err := m.Read(f, values); err != nil {
			panic(err)
		}
		lat, lon := m.Grid.Point(0)
		fmt.Printf("%v: %.2f K at %.2f, %.2f on %.0f hPa\n", &m.Grid, values[0], lat, lon, m.Level/100)
	}
	// Output:
	// Lambert conformal, 12 × 9 points: 228.40 K at 12.19, -133.46 on 250 hPa
}
