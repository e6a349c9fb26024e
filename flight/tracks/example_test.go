package tracks_test

import (
	"fmt"

	"breakeven/flight/tracks"
)

func ExampleRead() {
	s, err := tracks.Read(tracks.Files{Tracks: "testdata/two.csv"}, tracks.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range s.Flights {
		fmt.Println(f.ID, len(f.Fixes))
	}
	for _, w := range s.Warnings {
		fmt.Println(w)
	}
	// Output:
	// UAL12_a1b2c3_0 3
	// testdata/two.csv:4: a fix without a position is left out
	// testdata/two.csv:5: a flight of fewer than two fixes is left out
}
