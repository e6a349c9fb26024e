package score_test

import (
	"fmt"

	"breakeven/flight"
	"breakeven/flight/score"
)

func ExampleSummarise() {
	f := flight.Flight{Track: flight.Track{ID: "N1", Fixes: []flight.Fix{
		{Time: 0, Point: flight.Point{Lat: 40}}, {Time: 600, Point: flight.Point{Lat: 41}}, {Time: 1200, Point: flight.Point{Lat: 42}},
	}}}
	p := flight.Prediction{Flight: f, Known: 2, Alternatives: []flight.Alternative{{States: []flight.State{{Time: 1200, Mean: [5]float64{41.9}}}}}}
	s := score.Summarise([]score.Flight{score.Of(p, score.Options{})})
	fmt.Printf("%.1f nmi, %.1f along the track, %.0f s\n", s.PHE, s.Ahead[0].Along.Mean, s.Ahead[0].Time.Mean)
	// Output: 6.0 nmi, 6.0 along the track, 60 s
}
