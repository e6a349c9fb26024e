package table_test

import (
	"fmt"

	"breakeven/data/table"
)

func ExampleRead() {
	var id table.Array[string]
	var lat, altitude table.Array[float64]
	err := table.Read("testdata/flights.csv",
		table.Field{Names: []string{"flight_id", "callsign"}, Into: &id, Missing: true},
		table.Field{Names: []string{"lat_deg", "latitude"}, Into: &lat},
		table.Field{Names: []string{"altitude"}, Into: &altitude, Optional: true, Missing: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	for i := range lat.Data {
		fmt.Printf("%q %v %v\n", id.Data[i], lat.Data[i], altitude.Data[i])
	}
	fmt.Println("without an altitude:", altitude.Missing)
	// Output:
	// "AAL1" 45.5 35000
	// "AAL1" 45.625 NaN
	// "" 45.75 36000
	// without an altitude: [1]
}

func ExampleOpen() {
	f, err := table.Open("testdata/packed.npz", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer f.Close()
	for _, c := range f.Columns() {
		fmt.Println(c.Name, c.Kind, c.Shape)
	}
	// Output:
	// x float [3 4]
	// y integer [3]
}
