package geodesy_test

import (
	"fmt"

	"breakeven/flight"
	"breakeven/flight/geodesy"
)

// From Houston to Boston.
func ExampleInverse() {
	d, azimuth, _ := geodesy.Inverse(flight.Point{Lat: 29.9833, Lon: -95.3333}, flight.Point{Lat: 42.3667, Lon: -70.9667})
	fmt.Printf("%.0f nmi, %.0f°\n", d, azimuth)
	// Output: 1389 nmi, 51°
}
