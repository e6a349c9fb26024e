package weather_test

import (
	"fmt"

	"breakeven/flight/weather"
)

// The wind over the first point of a file, at the level that is nearest to flight level 340.
func Example() {
	air, err := weather.Open(weather.Options{}, "grib2/testdata/small.grib2")
	if err != nil {
		fmt.Println(err)
		return
	}
	at, _ := air.Nearest(1375344000)
	level := air.Times[at].Level(weather.Pressure(34000))
	var layer weather.Layer
	if err := air.Read(at, level, &layer); err != nil {
		fmt.Println(err)
		return
	}
	p := air.Grid.Points[0]
	fmt.Printf("%.0f hPa at %.2f, %.2f: %.1f K, wind %.1f m/s to the east and %.1f to the north\n",
		air.Times[at].Levels[level], p.Lat, p.Lon, layer.Temperature[0], layer.East[0], layer.North[0])
	// Output:
	// 250 hPa at 12.19, -133.46: 228.4 K, wind 26.7 m/s to the east and 15.6 to the north
}
