package match

import (
	"math"
	"testing"

	"breakeven/flight"
	"breakeven/flight/weather"
	"breakeven/rng"
)

// The nearest point is the one that a look at all points finds, whatever the guess, for scattered
// points, for points on a lattice with many ties, and for points that are all the same.
func TestNearest(t *testing.T) {
	r := rng.New(1, "tree")
	grids := map[string][]flight.Point{"scattered": nil, "lattice": nil, "same": nil, "one": {{Lat: 1, Lon: 2}}}
	for i := range 700 {
		grids["scattered"] = append(grids["scattered"], flight.Point{Lat: 180*r.Float64() - 90, Lon: 360*r.Float64() - 180})
		grids["lattice"] = append(grids["lattice"], flight.Point{Lat: float64(i % 25), Lon: float64(i / 25)})
		grids["same"] = append(grids["same"], flight.Point{Lat: 3, Lon: 4})
	}
	for name, points := range grids {
		for _, official := range []bool{true, false} {
			x := newIndex(&weather.Grid{Points: points}, official)
			at := make([][3]float64, len(points))
			for _, p := range x.tree.points {
				at[p.index] = p.at
			}
			for range 500 {
				p := Point{Fix: flight.Fix{Point: flight.Point{Lat: math.Round(360*r.Float64()-180) / 2, Lon: math.Round(720*r.Float64()-360) / 2}}}
				q := onSphere(p.Point)
				if official {
					q = [3]float64{p.Lon, p.Lat}
				}
				want, away := 0, math.Inf(1)
				for i := range at {
					if d := apart(&q, &at[i]); d < away {
						want, away = i, d
					}
				}
				limit := math.Inf(1)
				if r.IntN(2) == 0 {
					limit = away * (0.5 + r.Float64())
				}
				guess := r.IntN(len(points))
				if limit <= away {
					want, away = int(x.tree.points[guess].index), limit
				}
				if best, d := x.tree.nearest(&q, guess, limit); int(x.tree.points[best].index) != want || d != away {
					t.Fatalf("%s: point %d at %g, want %d at %g", name, x.tree.points[best].index, d, want, away)
				}
			}
		}
	}
}
