package match

import (
	"math"
	"testing"

	"breakeven/flight"
	"breakeven/flight/weather"
	"breakeven/rng"
)

// The nearest point is the one that a look at all points finds, whatever the guess, for scattered
// points, for points on a lattice with many ties, and for points that are all the same. A point
// that is exactly as far as the limit is not below it.
func TestNearest(t *testing.T) {
	r := rng.New(1, "tree")
	var scattered, lattice, same []flight.Point
	for i := range 700 {
		scattered = append(scattered, flight.Point{Lat: 180*r.Float64() - 90, Lon: 360*r.Float64() - 180})
		lattice = append(lattice, flight.Point{Lat: float64(i % 25), Lon: float64(i / 25)})
		same = append(same, flight.Point{Lat: 3, Lon: 4})
	}
	for _, grid := range []struct {
		name   string
		points []flight.Point
	}{
		{"scattered", scattered},
		{"lattice", lattice},
		{"same", same},
		{"one", []flight.Point{{Lat: 1, Lon: 2}}},
	} {
		name, points := grid.name, grid.points
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
				switch r.IntN(3) {
				case 0:
					limit = away * (0.5 + r.Float64())
				case 1:
					limit = away
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
