package netcdf_test

import (
	"fmt"
	"os"

	"breakeven/flight/weather/netcdf"
)

// A file lists its variables, and slices of them are read when they are wanted.
func Example() {
	r, err := os.Open("testdata/v1.nc")
	if err != nil {
		panic(err)
	}
	defer r.Close()
	info, err := r.Stat()
	if err != nil {
		panic(err)
	}
	f, err := netcdf.Open(r, info.Size())
	if err != nil {
		panic(err)
	}
	for _, v := range f.Vars {
		if v.Name != "t" {
			continue
		}
		last := make([]float64, v.Len(3))
		if err := v.Read(r, last, 1, 2, 3); err != nil {
			panic(err)
		}
		unit, _ := v.Attr("units")
		fmt.Printf("%.2f %s\n", last, unit.Text)
	}
	// Output:
	// [232.30 232.31 232.32 232.33 NaN] K
}
